package dev.tidemark.wal.internal;

import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// The log's files in a directory, by what their headers say. Reading them changes nothing.
///
/// @param valid segments with a whole header, by number; also those that are gone
/// @param invalid files named as segments, without a whole header
/// @param gone which of the valid ones have only their header left
/// @param doubled names that count for nothing beside others of the same number, or are the damaged
///   rest of a segment that is gone
/// @param temporary names of files whose preparation did not end
/// @param highest the largest number in any name, set-aside files counted; 0 if there is none
record Inventory(
    TreeMap<Long, SegmentHeader> valid,
    TreeMap<Long, SegmentHeader.Found> invalid,
    Set<Long> gone,
    List<String> doubled,
    List<String> temporary,
    long highest) {

  /// Reads all headers.
  ///
  /// @throws CorruptWalException if one is of a newer version
  static Inventory read(Storage storage) throws IOException {
    Inventory files =
        new Inventory(
            new TreeMap<>(),
            new TreeMap<>(),
            new TreeSet<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            0);
    List<String> names = storage.list();
    TreeMap<Long, String> numbered = new TreeMap<>();
    for (String name : names) {
      Long number = SegmentHeader.numberAtHead(name);
      if (isOwnTemporary(name)) {
        files.temporary.add(name);
      } else if (number != null) {
        numbered.put(files.add(storage, name, number), name);
      }
    }
    return new Inventory(
        files.valid,
        files.invalid,
        files.gone,
        files.doubled,
        files.temporary,
        files.highest(numbered));
  }

  private long highest(TreeMap<Long, String> numbered) throws CorruptWalException {
    long highest = numbered.isEmpty() ? 0 : numbered.lastKey();
    long newest = valid.isEmpty() ? 0 : valid.lastKey();
    if (highest - newest > SegmentHeader.FAR) {
      throw new CorruptWalException(
          "has a number far behind all segments of the log, so it is none of its files; move it out"
              + " of this directory",
          numbered.lastEntry().getValue(),
          -1,
          0,
          0);
    }
    return highest;
  }

  // Answers the number if the name is one of the log's.
  private long add(Storage storage, String name, long number) throws IOException {
    boolean isGone = SegmentHeader.numberOfGone(name) != null;
    if (!isGone && SegmentHeader.numberIn(name) == null) {
      return SetAside.isName(name) ? number : 0;
    }
    SegmentHeader.Found found = readHeader(storage, name, number);
    if (found instanceof SegmentHeader.Found.TooNew(int version)) {
      throw new CorruptWalException(
          "written in format version "
              + version
              + ", newer than this program knows; use a newer program",
          name,
          -1,
          0,
          0);
    }
    if (isGone && found instanceof SegmentHeader.Found.Valid(SegmentHeader header)) {
      if (valid.containsKey(number) || invalid.remove(number) != null) {
        doubled.add(SegmentHeader.fileName(number));
      }
      gone.add(number);
      valid.put(number, header);
    } else if (isGone || gone.contains(number)) {
      doubled.add(name);
    } else if (found instanceof SegmentHeader.Found.Valid(SegmentHeader header)) {
      valid.put(number, header);
    } else {
      invalid.put(number, found);
    }
    return number;
  }

  private static boolean isOwnTemporary(String name) {
    if (!name.endsWith(SegmentFiles.TEMPORARY)) {
      return false;
    }
    String stem = name.substring(0, name.length() - SegmentFiles.TEMPORARY.length());
    return stem.equals(Manifest.FILE)
        || stem.equals(SubscriptionFile.FILE)
        || SegmentHeader.numberIn(stem) != null
        || SegmentHeader.numberOfGone(stem) != null;
  }

  /// {@return the name of a segment's file}
  String fileName(long number) {
    return gone.contains(number) ? SegmentHeader.goneName(number) : SegmentHeader.fileName(number);
  }

  /// Reads a segment's header from whichever copy is whole.
  ///
  /// @param name the name of its file
  /// @param number the number in that name: a header with another is invalid
  static SegmentHeader.Found readHeader(Storage storage, String name, long number)
      throws IOException {
    try (StorageFile file = storage.openForRead(name)) {
      return readHeader(file, number);
    }
  }

  /// Reads a segment's header from whichever copy is whole.
  static SegmentHeader.Found readHeader(StorageFile file, long number) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      return readHeader(file, number, arena.allocate(SegmentHeader.BYTES, 64));
    }
  }

  private static SegmentHeader.Found readHeader(StorageFile file, long number, MemorySegment copy)
      throws IOException {
    SegmentHeader.Found first = decodeAt(file, 0, copy, number);
    if (first instanceof SegmentHeader.Found.Valid) {
      return first;
    }
    long size = file.size();
    SegmentHeader.Found second =
        size < 2 * SegmentHeader.BYTES
            ? first
            : decodeAt(file, size - SegmentHeader.BYTES, copy, number);
    boolean secondSaysMore =
        second instanceof SegmentHeader.Found.Valid || first instanceof SegmentHeader.Found.Zeros;
    return secondSaysMore ? second : first;
  }

  private static SegmentHeader.Found decodeAt(
      StorageFile file, long offset, MemorySegment copy, long number) throws IOException {
    copy.fill((byte) 0);
    int _ = file.read(offset, copy);
    SegmentHeader.Found found = SegmentHeader.decode(copy);
    return found instanceof SegmentHeader.Found.Valid(SegmentHeader header)
            && header.number() != number
        ? new SegmentHeader.Found.Misnamed()
        : found;
  }
}
