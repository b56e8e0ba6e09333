package dev.tidemark.ingest;

import dev.tidemark.sink.FileIdentity;
import dev.tidemark.sink.RowSource;
import dev.tidemark.sink.Schema;
import dev.tidemark.sink.Sink;
import dev.tidemark.sink.Stored;
import dev.tidemark.wal.Batch;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/// Real logs and a real sink that stop for ever at a chosen step, so that the directory can be
/// looked at as a kill at that step would leave it. A step is the moment before or after an append
/// to the shard log or the writing of a file.
final class Steps extends PassingLogs {
  private final int stopAt;
  private final List<String> seen = new CopyOnWriteArrayList<>();
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final CountDownLatch released = new CountDownLatch(1);

  // Written by the test.
  private volatile boolean isPassing;

  /// @param stopAt at which step, from 1; 0 for none
  Steps(Path root, int stopAt) throws IOException {
    super(Logs.in(root, DataFolder.ON_DEMAND));
    this.stopAt = stopAt;
  }

  List<String> seen() {
    return List.copyOf(seen);
  }

  CountDownLatch stopped() {
    return stopped;
  }

  /// Lets later steps pass; what was stopped stays so.
  void pass() {
    isPassing = true;
  }

  /// Lets what was stopped go on, into an error.
  void release() {
    released.countDown();
  }

  private void reach(String step) throws IOException {
    seen.add(step);
    if (stopAt > 0 && seen.size() >= stopAt && !isPassing) {
      stopped.countDown();
      awaitRelease();
      throw new IOException("stopped at step " + stopAt + ": " + step);
    }
  }

  private void awaitRelease() throws IOException {
    try {
      released.await();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  @Override
  public Wal open(String name, WalOptions options) throws IOException {
    Wal wal = super.open(name, options);
    return name.equals(Logs.CATALOG) ? wal : new SteppedWal(wal);
  }

  @Override
  public Sink openSink() throws IOException {
    Sink sink = super.openSink();
    return new Sink() {
      @Override
      public Stored write(FileIdentity id, Schema schema, RowSource rows) throws IOException {
        reach("before file " + id.measurement() + " " + id.hourEpoch());
        Stored stored = sink.write(id, schema, rows);
        reach("after file " + id.measurement() + " " + id.hourEpoch());
        return stored;
      }

      @Override
      public void close() throws IOException {
        sink.close();
      }
    };
  }

  private final class SteppedWal extends PassingWal {
    SteppedWal(Wal real) {
      super(real);
    }

    @Override
    public long append(MemorySegment payload) throws IOException {
      reach("before body");
      long lsn = super.append(payload);
      reach("after body");
      return lsn;
    }

    @Override
    public long appendControl(MemorySegment payload) throws IOException {
      reach("before intent");
      long lsn = super.appendControl(payload);
      reach("after intent");
      return lsn;
    }

    @Override
    public long append(Batch batch) throws IOException {
      reach("before batch");
      long lsn = super.append(batch);
      reach("after batch");
      return lsn;
    }

    @Override
    public CompletableFuture<Long> appendAsync(MemorySegment payload) throws IOException {
      reach("before done");
      CompletableFuture<Long> lsn = super.appendAsync(payload);
      lsn.join();
      reach("after done");
      return lsn;
    }
  }
}
