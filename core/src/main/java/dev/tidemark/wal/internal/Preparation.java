package dev.tidemark.wal.internal;

import dev.tidemark.wal.storage.Host;
import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;

/// A spare on its way: a file that gets its zeros step by step, each step synced and followed by a
/// rest as long as it took. Written in one go, its bytes would stand in the disk's queue before
/// every sync of the log.
///
/// Owned by the [FileThread].
final class Preparation {
  private final Host host;
  private final Storage storage;
  private final long number;
  private final long bytes;
  private final StorageFile file;
  private long written;
  private long restUntilNanos;

  /// Creates the file, empty, under its temporary name.
  Preparation(Host host, Storage storage, long number, long bytes) throws IOException {
    this.host = host;
    this.storage = storage;
    this.number = number;
    this.bytes = bytes;
    file = storage.create(SegmentFiles.temporaryName(number));
    restUntilNanos = host.nanoTime();
  }

  /// {@return the number it was begun for}
  long number() {
    return number;
  }

  /// {@return how long to rest before the next step, in nanoseconds}
  long restNanos() {
    return isWritten() ? 0 : Math.max(0, restUntilNanos - host.nanoTime());
  }

  /// {@return whether it has all its bytes, and they are synced}
  boolean isWritten() {
    return written == bytes;
  }

  /// Writes some zeros and syncs them.
  void step() throws IOException {
    long begun = host.nanoTime();
    long step = Math.min(SegmentFiles.STEP_BYTES, bytes - written);
    SegmentFiles.writeZeros(file, written, step);
    file.sync(written + step == bytes);
    written += step;
    long ended = host.nanoTime();
    restUntilNanos = ended + (ended - begun);
  }

  /// Gives it its name, durably: from here on it is a spare.
  ///
  /// @param name a segment's number, not in use
  Spares.Spare finish(long name) throws IOException {
    file.close();
    storage.rename(SegmentFiles.temporaryName(number), SegmentHeader.fileName(name));
    try {
      storage.syncDirectory();
    } catch (IOException | RuntimeException e) {
      SegmentFiles.discard(storage, SegmentHeader.fileName(name), e); // who knows for how long
      throw e;
    }
    return new Spares.Spare(name, bytes, false);
  }

  /// Removes what there is of it, if that is possible.
  ///
  /// @param reason takes what goes wrong with it
  void abandon(Exception reason) {
    try {
      file.close();
    } catch (IOException | RuntimeException e) {
      reason.addSuppressed(e);
    }
    SegmentFiles.discard(storage, SegmentFiles.temporaryName(number), reason);
  }
}
