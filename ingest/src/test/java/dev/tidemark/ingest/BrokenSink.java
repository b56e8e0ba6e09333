package dev.tidemark.ingest;

import dev.tidemark.sink.FileIdentity;
import dev.tidemark.sink.RowSource;
import dev.tidemark.sink.Schema;
import dev.tidemark.sink.Sink;
import dev.tidemark.sink.Stored;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/// Real logs, perhaps behind another, and a real sink that can be broken and mended.
final class BrokenSink extends PassingLogs {
  private final UnaryOperator<Wal> shardLog;
  private final AtomicInteger attempts = new AtomicInteger();

  // Written by the test, read by whoever writes files.
  private volatile boolean isBroken;

  BrokenSink(Path root, UnaryOperator<Wal> shardLog, IngestOptions options) throws IOException {
    super(Logs.in(root, options));
    this.shardLog = shardLog;
  }

  BrokenSink(Path root, UnaryOperator<Wal> shardLog) throws IOException {
    this(root, shardLog, DataFolder.ON_DEMAND);
  }

  BrokenSink(Path root, IngestOptions options) throws IOException {
    this(root, wal -> wal, options);
  }

  BrokenSink(Path root) throws IOException {
    this(root, DataFolder.ON_DEMAND);
  }

  void broken(boolean value) {
    isBroken = value;
  }

  int attempts() {
    return attempts.get();
  }

  @Override
  public Wal open(String name, WalOptions options) throws IOException {
    Wal wal = super.open(name, options);
    return name.equals(Logs.CATALOG) ? wal : shardLog.apply(wal);
  }

  @Override
  public Sink openSink() throws IOException {
    Sink sink = super.openSink();
    return new Sink() {
      @Override
      public Stored write(FileIdentity id, Schema schema, RowSource rows) throws IOException {
        attempts.incrementAndGet();
        if (isBroken) {
          throw new IOException("the sink is broken");
        }
        return sink.write(id, schema, rows);
      }

      @Override
      public void close() throws IOException {
        sink.close();
      }
    };
  }
}
