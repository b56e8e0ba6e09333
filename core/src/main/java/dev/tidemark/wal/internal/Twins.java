package dev.tidemark.wal.internal;

import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/// Spares that are one file under two names. Not every file system renames atomically: after a
/// power cut the old and the new name of a spare may both be there, and what is written to one of
/// the two segments would be written to the other.
///
/// Each spare is marked with its number, and then read: whoever finds another number there has a
/// twin. The marks stand where the header will stand. Nothing of this needs a sync: a mark that a
/// power cut brings to the disk looks like a torn header, which the next open clears, or, where the
/// log has gone on behind the spare, removes.
final class Twins {
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Twins() {}

  /// Removes all names but one of each spare, durably.
  ///
  /// @param spares with zeros in place of their headers
  /// @return those that are left, in the same order
  static List<Spares.Spare> removed(Storage storage, List<Spares.Spare> spares) throws IOException {
    MemorySegment mark = Arena.ofAuto().allocate(LONG);
    for (Spares.Spare spare : spares) {
      mark.set(LONG, 0, spare.number());
      write(storage, spare, mark);
    }
    List<Spares.Spare> left = new ArrayList<>();
    for (Spares.Spare spare : spares) {
      if (numberIn(storage, spare, mark) == spare.number()) {
        left.add(spare);
      } else {
        storage.delete(SegmentHeader.fileName(spare.number()));
      }
    }
    mark.set(LONG, 0, 0);
    for (Spares.Spare spare : left) {
      write(storage, spare, mark);
    }
    if (left.size() < spares.size()) {
      storage.syncDirectory(); // the name must not come back to a file that is in use
    }
    return left;
  }

  /// {@return whether a file has no header, but perhaps the rest of a mark, which a power cut
  /// brought to the disk: then it was never a segment}
  ///
  /// @param bytes its size
  static boolean isMarkAlone(StorageFile file, long bytes) throws IOException {
    if (bytes < 2 * SegmentHeader.BYTES) {
      return false;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment header = arena.allocate(SegmentHeader.BYTES, 64);
      int _ = file.read(0, header);
      boolean first = isZero(header.asSlice(LONG.byteSize()));
      int _ = file.read(bytes - SegmentHeader.BYTES, header.fill((byte) 0));
      return first && isZero(header);
    }
  }

  private static boolean isZero(MemorySegment bytes) {
    for (long at = 0; at < bytes.byteSize(); at++) {
      if (bytes.get(ValueLayout.JAVA_BYTE, at) != 0) {
        return false;
      }
    }
    return true;
  }

  private static void write(Storage storage, Spares.Spare spare, MemorySegment mark)
      throws IOException {
    try (StorageFile file = storage.open(SegmentHeader.fileName(spare.number()))) {
      file.write(0, mark);
    }
  }

  private static long numberIn(Storage storage, Spares.Spare spare, MemorySegment mark)
      throws IOException {
    try (StorageFile file = storage.openForRead(SegmentHeader.fileName(spare.number()))) {
      mark.fill((byte) 0);
      int _ = file.read(0, mark);
      return mark.get(LONG, 0);
    }
  }
}
