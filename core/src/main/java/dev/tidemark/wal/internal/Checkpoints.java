package dev.tidemark.wal.internal;

import dev.tidemark.wal.Checkpoint;
import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.SnapshotWriter;
import dev.tidemark.wal.WalFailedException;
import dev.tidemark.wal.WalFullException;
import dev.tidemark.wal.internal.events.Progress;
import dev.tidemark.wal.internal.jfr.CheckpointEvent;
import dev.tidemark.wal.storage.Host;
import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
import dev.tidemark.wal.storage.StorageFullException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Takes checkpoints. Safe for use by any thread; one is taken at a time.
///
/// ```
/// log durable up to the LSN ─► temporary file, synced ─► renamed, directory synced ─► read back past
/// the page cache, where that is possible ─► manifest ─► files and segments that are not needed go
/// ```
///
/// Whatever fails before the manifest leaves what was there before, and a file that the next open
/// removes if it could not be removed here.
final class Checkpoints {
  /// Runs a job on a thread of the log's, which no interrupt reaches, and waits for it.
  interface OnThread {
    /// Runs it.
    void call(FileThread.Job job) throws IOException;
  }

  private final Storage storage;
  private final Manifest log; // for its id
  private final Failure failure;
  private final LowWater lowWater;
  private final OnThread onThread;
  private final HostLock turn;
  private long nextGeneration; // guarded by turn
  private volatile boolean closed; // set once

  Checkpoints(
      Host host,
      Storage storage,
      Manifest log,
      Failure failure,
      LowWater lowWater,
      OnThread onThread) {
    turn = new HostLock(host);
    this.storage = storage;
    this.log = log;
    this.failure = failure;
    this.lowWater = lowWater;
    this.onThread = onThread;
    nextGeneration = log.holders().nextGeneration();
  }

  /// {@return the newest}
  Optional<Checkpoint> newest() {
    return Optional.ofNullable(lowWater.checkpoint()).map(this::of);
  }

  private Checkpoint of(CheckpointStamp stamp) {
    return new LogCheckpoint(storage, log, stamp, some -> isSame(some, lowWater.checkpoint()));
  }

  private static boolean isSame(CheckpointStamp one, @Nullable CheckpointStamp other) {
    return other != null && one.generation() == other.generation();
  }

  /// Takes one. The contract is `Wal.checkpoint`.
  ///
  /// @param durable makes the log durable up to `lsn`
  Checkpoint take(long lsn, SnapshotWriter snapshot, FileThread.Job durable) throws IOException {
    if (turn.isHeldHere()) {
      throw new IllegalStateException("a snapshot that is being written takes no checkpoint");
    }
    turn.lock();
    try {
      checkOpen();
      lowWater.beginCheckpoint(lsn);
      CheckpointEvent event = CheckpointEvent.begun();
      try {
        durable.run();
        CheckpointStamp stamp = write(lsn, snapshot);
        failure.check();
        // From here on the file is not removed: a manifest that failed may name it.
        onThread.call(() -> enter(stamp));
        if (event != null) {
          event.done(storage.description(), stamp.lsn(), stamp.length(), stamp.verified());
        }
        return of(stamp);
      } finally {
        lowWater.endCheckpoint();
      }
    } finally {
      turn.unlock();
    }
  }

  private void checkOpen() throws WalFailedException {
    failure.check();
    if (closed) {
      throw new IllegalStateException("the log is closed");
    }
  }

  /// Lets no checkpoint begin, and waits for one that is being taken: its file must not come under
  /// a name that the next open gives to another.
  ///
  /// @param nanos how long to wait
  /// @return whether none is being taken, but by the calling thread
  boolean close(long nanos) {
    closed = true;
    boolean ended = turn.tryLock(nanos);
    if (ended) {
      turn.unlock();
    }
    return ended;
  }

  private CheckpointStamp write(long lsn, SnapshotWriter snapshot) throws IOException {
    long generation = nextGeneration++;
    String name = new CheckpointStamp(lsn, generation, 0, 0, false).fileName();
    String temporary = name + SegmentFiles.TEMPORARY;
    try {
      CheckpointStamp stamp;
      try (StorageFile file = storage.create(temporary);
          CheckpointWriter writer =
              new CheckpointWriter(file, log.logIdHigh(), log.logIdLow(), lsn, generation)) {
        snapshot.write(writer);
        checkOpen();
        stamp = writer.finish();
        file.sync(true);
      }
      storage.rename(temporary, name);
      storage.syncDirectory();
      return readBack(stamp);
    } catch (Throwable e) {
      discard(temporary, e);
      discard(name, e);
      if (e instanceof StorageFullException full) {
        throw new WalFullException("no space for the checkpoint: " + full.getMessage(), full);
      }
      throw e;
    }
  }

  private void enter(CheckpointStamp stamp) throws IOException {
    for (String name : lowWater.enterCheckpoint(stamp, nextGeneration)) {
      try {
        storage.delete(name);
      } catch (IOException _) {
        // It is no longer part of the log; the next open removes it.
      }
    }
    lowWater.removeUnneeded();
  }

  private void discard(String name, Throwable reason) {
    try {
      storage.delete(name);
    } catch (NoSuchFileException _) {
      // It did not get that far.
    } catch (IOException | RuntimeException e) {
      reason.addSuppressed(e);
    }
  }

  // From the disk, if the page cache can be made to let go of it: what was written may not be what
  // arrived there.
  private CheckpointStamp readBack(CheckpointStamp stamp) throws IOException {
    try (StorageFile file = storage.openForRead(stamp.fileName())) {
      if (!file.forgetCached()) {
        return stamp;
      }
    }
    try {
      CheckpointReader.verify(storage, log, stamp, Progress.none());
    } catch (CorruptWalException e) {
      throw new IOException(
          "the disk does not hold the checkpoint that was written and synced: " + e.getMessage(),
          e);
    }
    return stamp.asVerified();
  }
}
