package dev.tidemark.wal.internal;

import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.NoSuchFileException;
import java.util.function.BooleanSupplier;

/// The files of segments: made ready ahead of use, and given their headers.
final class SegmentFiles {
  static final String TEMPORARY = ".tmp";
  static final int STEP_BYTES = 1 << 20;

  // Never written to, so any thread may read it.
  private static final MemorySegment ZEROS = Arena.global().allocate(STEP_BYTES, 64);

  private SegmentFiles() {}

  /// Makes a file of zeros. Under its name it is whole and durable: it has the name only once its
  /// bytes are synced.
  ///
  /// Written, not merely allocated: writing into blocks that were never written costs the file
  /// system a change of metadata with every sync.
  ///
  /// @param number the segment's number
  /// @param bytes its size
  /// @param cancelled asked between steps
  /// @throws IOException if there is no space or the storage fails; nothing of it is left then, if
  ///   that is possible
  static void prepare(Storage storage, long number, long bytes, BooleanSupplier cancelled)
      throws IOException {
    String name = SegmentHeader.fileName(number);
    String temporary = temporaryName(number);
    try {
      try (StorageFile file = storage.create(temporary)) {
        for (long at = 0; at < bytes; at += STEP_BYTES) {
          if (cancelled.getAsBoolean()) {
            throw new IOException("closing");
          }
          writeZeros(file, at, Math.min(STEP_BYTES, bytes - at));
        }
        file.sync(true);
      }
      storage.rename(temporary, name);
      storage.syncDirectory();
    } catch (IOException | RuntimeException e) {
      discard(storage, temporary, e);
      discard(storage, name, e); // renamed, but for how long nobody knows
      throw e;
    }
  }

  /// {@return what a segment's file is called until it has all its bytes}
  static String temporaryName(long number) {
    return SegmentHeader.fileName(number) + TEMPORARY;
  }

  /// Writes zeros, at most [#STEP_BYTES] of them.
  static void writeZeros(StorageFile file, long offset, long bytes) throws IOException {
    file.write(offset, ZEROS, 0, bytes);
  }

  /// Writes zeros over a part of a file that is there, and syncs them. It takes no space.
  static void clear(StorageFile file, long from, long end) throws IOException {
    for (long at = from; at < end; at += STEP_BYTES) {
      writeZeros(file, at, Math.min(STEP_BYTES, end - at));
    }
    file.sync(true);
  }

  /// Removes a file that was being made, if it is there and that is possible.
  ///
  /// @param reason takes what goes wrong with it
  static void discard(Storage storage, String name, Exception reason) {
    try {
      storage.delete(name);
    } catch (NoSuchFileException _) {
      // It was renamed already, or never made.
    } catch (IOException | RuntimeException e) {
      reason.addSuppressed(e);
    }
  }

  /// Gives a spare its header, durably.
  static void activate(StorageFile file, SegmentHeader header) throws IOException {
    if (header.isRecycled()) {
      // They stand there already, unless a sync failed and only the page cache has them.
      writeZeros(file, SegmentHeader.BYTES, FrameLayout.ALIGNMENT);
    }
    writeHeader(file, header);
  }

  /// Makes the file of a segment of which nothing but a header is left. Under its name it is whole
  /// and durable.
  static void makeGone(Storage storage, SegmentHeader header) throws IOException {
    String name = SegmentHeader.goneName(header.number());
    String temporary = name + TEMPORARY;
    if (storage.list().contains(temporary)) {
      storage.delete(temporary);
    }
    MemorySegment copy = Arena.ofAuto().allocate(SegmentHeader.BYTES, 64);
    header.encode(copy);
    try (StorageFile file = storage.create(temporary)) {
      file.write(0, copy);
      file.write(SegmentHeader.BYTES, copy);
      file.sync(true);
    }
    storage.rename(temporary, name);
    storage.syncDirectory();
  }

  /// Writes both copies of a header and syncs them.
  static void writeHeader(StorageFile file, SegmentHeader header) throws IOException {
    MemorySegment copy = Arena.ofAuto().allocate(SegmentHeader.BYTES, 64);
    header.encode(copy);
    file.write(0, copy);
    file.write(header.secondCopyAt(), copy);
    file.sync(true);
  }

  /// Writes zeros over both copies of a header, and over the place of the first frame, and syncs
  /// them: bytes of an earlier life must not stand where the first frame is looked for, or a
  /// segment that was activated and not yet written to would look as if a write had been torn.
  static void clearHeader(StorageFile file, long fileBytes) throws IOException {
    file.write(0, ZEROS, 0, SegmentHeader.BYTES + FrameLayout.ALIGNMENT);
    file.write(fileBytes - SegmentHeader.BYTES, ZEROS, 0, SegmentHeader.BYTES);
    file.sync(true);
  }
}
