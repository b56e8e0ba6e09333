package dev.tidemark.ingest;

import dev.tidemark.ingest.budget.DiskUse;
import dev.tidemark.sink.Sink;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import java.io.IOException;
import java.util.List;

/// Logs in front of real ones; a test overrides what it wants to be different.
class PassingLogs implements Logs {
  private final Logs real;

  PassingLogs(Logs real) {
    this.real = real;
  }

  @Override
  public DiskUse disk() {
    return real.disk();
  }

  @Override
  public Presence presence(String name) throws IOException {
    return real.presence(name);
  }

  @Override
  public void check(String name, WalOptions options) throws IOException {
    real.check(name, options);
  }

  @Override
  public Wal open(String name, WalOptions options) throws IOException {
    return real.open(name, options);
  }

  @Override
  public Wal reopen(String name, Wal failed) throws IOException {
    return real.reopen(name, failed);
  }

  @Override
  public List<Integer> shards() throws IOException {
    return real.shards();
  }

  @Override
  public void removeShard(int number) throws IOException {
    real.removeShard(number);
  }

  @Override
  public Sink openSink() throws IOException {
    return real.openSink();
  }
}
