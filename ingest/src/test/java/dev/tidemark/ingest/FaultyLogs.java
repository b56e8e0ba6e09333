package dev.tidemark.ingest;

import dev.tidemark.ingest.budget.DiskUse;
import dev.tidemark.sink.Sink;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.storage.FileStorage;
import dev.tidemark.wal.storage.ForwardingFile;
import dev.tidemark.wal.storage.ForwardingStorage;
import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Real logs on a storage whose syncs can fail, and a real sink.
final class FaultyLogs implements Logs {
  private final Logs real;

  private final List<String> reopened = new CopyOnWriteArrayList<>();
  private final AtomicInteger givenUp = new AtomicInteger();

  // All guarded by this.
  private String log = "";
  private int syncsLeft;
  private @Nullable IOException syncError;
  private @Nullable IOException openError;

  FaultyLogs(Path root, IngestOptions options) throws IOException {
    this.real =
        new DirectoryLogs(
            root,
            options.disk(),
            IngestOptions.leastDiskBytes(options.segmentBytes()),
            folder -> new FaultyStorage(folder.getFileName().toString(), FileStorage.open(folder)));
  }

  /// Lets one sync of a segment fail.
  ///
  /// @param of which log
  /// @param n the how manieth from now on, from 1
  /// @param error what it throws
  synchronized void failSync(String of, int n, IOException error) {
    log = of;
    syncsLeft = n;
    syncError = error;
  }

  /// {@return whether the sync that was to fail has}
  synchronized boolean hasFailed() {
    return syncError == null;
  }

  /// Lets logs no longer be opened, or again.
  synchronized void failOpen(@Nullable IOException error) {
    openError = error;
  }

  // Not one of those that make a removed segment's file ready for another life: it fails no log.
  private synchronized void synced(String of) throws IOException {
    IOException error = syncError;
    boolean ofRecords = !Thread.currentThread().getName().equals("tidemark-segments");
    if (error != null && ofRecords && of.equals(log) && --syncsLeft == 0) {
      syncError = null;
      throw error;
    }
  }

  private synchronized void opening() throws IOException {
    IOException error = openError;
    if (error != null) {
      throw error;
    }
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
    Wal again = real.reopen(name, failed);
    reopened.add(name);
    return again;
  }

  /// {@return the logs that were opened again, in order}
  List<String> reopened() {
    return List.copyOf(reopened);
  }

  /// {@return how often a log gave up its folder}
  int givenUp() {
    return givenUp.get();
  }

  @Override
  public DiskUse disk() {
    return real.disk();
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

  private final class FaultyStorage extends ForwardingStorage {
    private final String log;

    FaultyStorage(String log, Storage files) {
      super(files);
      this.log = log;
    }

    // A segment is created under another name, and renamed; it is opened to be written to.
    @Override
    public StorageFile open(String name) throws IOException {
      StorageFile file = super.open(name);
      return name.endsWith(".wal") ? new FaultyFile(log, file) : file;
    }

    @Override
    public List<String> list() throws IOException {
      opening();
      return super.list();
    }

    @Override
    public void close() throws IOException {
      givenUp.incrementAndGet();
      super.close();
    }
  }

  private final class FaultyFile extends ForwardingFile {
    private final String log;

    FaultyFile(String log, StorageFile file) {
      super(file);
      this.log = log;
    }

    @Override
    public void sync(boolean metadata) throws IOException {
      synced(log);
      super.sync(metadata);
    }
  }
}
