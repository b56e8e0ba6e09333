package dev.tidemark.wal.internal;

import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The segments of a log, as its headers link them: from the newest valid header back to the
/// manifest's first. Reading it changes nothing.
///
/// @param segments oldest first; empty if no segment was ever activated
/// @param adopted whether the newest is not yet in the manifest
/// @param spares files that were prepared and never activated, by ascending number
/// @param dead files that are not part of the log: temporary ones, removed segments, spares of
///   another size
/// @param nextNumber no file of this number or above exists
record Chain(
    List<SegmentHeader> segments,
    boolean adopted,
    List<Spares.Spare> spares,
    List<String> dead,
    long nextNumber) {

  /// Reads all headers and links them.
  ///
  /// @param manifest what the log says about itself
  /// @param segmentBytes the size of a usable spare
  /// @throws CorruptWalException if a segment is missing, damaged, doubled, of another log or of a
  ///   newer version
  static Chain read(Storage storage, Manifest manifest, long segmentBytes) throws IOException {
    return new Walk(storage, manifest, segmentBytes).chain();
  }

  /// {@return whether any file in the storage was ever given a segment header, whole, damaged or of
  /// a newer version: then there is a log, whatever became of its manifest}
  static boolean hasSegments(Storage storage) throws IOException {
    for (String name : storage.list()) {
      Long number = SegmentHeader.numberIn(name);
      if (number != null && !(readHeader(storage, number) instanceof SegmentHeader.Found.Zeros)) {
        return true;
      }
    }
    return false;
  }

  /// Reads a segment's header from whichever copy is whole.
  static SegmentHeader.Found readHeader(Storage storage, long number) throws IOException {
    String name = SegmentHeader.fileName(number);
    MemorySegment copy = Arena.ofAuto().allocate(SegmentHeader.BYTES, 64);
    try (StorageFile file = storage.openForRead(name)) {
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
  }

  // A header whose number is not the file's name is invalid.
  private static SegmentHeader.Found decodeAt(
      StorageFile file, long offset, MemorySegment copy, long number) throws IOException {
    copy.fill((byte) 0);
    int _ = file.read(offset, copy);
    SegmentHeader.Found found = SegmentHeader.decode(copy);
    return found instanceof SegmentHeader.Found.Valid(SegmentHeader header)
            && header.number() != number
        ? new SegmentHeader.Found.Damaged()
        : found;
  }

  /// One reading under way. For one thread.
  private static final class Walk {
    private final Storage storage;
    private final Manifest manifest;
    private final long segmentBytes;
    private final TreeMap<Long, SegmentHeader> valid = new TreeMap<>();
    private final TreeMap<Long, SegmentHeader.Found> invalid = new TreeMap<>();
    private final List<String> dead = new ArrayList<>();

    Walk(Storage storage, Manifest manifest, long segmentBytes) {
      this.storage = storage;
      this.manifest = manifest;
      this.segmentBytes = segmentBytes;
    }

    Chain chain() throws IOException {
      readAll();
      SegmentHeader newest = newest();
      List<SegmentHeader> segments = new ArrayList<>();
      if (newest != null) {
        link(newest, segments);
      }
      long newestNumber = newest == null ? 0 : newest.number();
      for (long number : valid.headMap(newestNumber).keySet()) {
        if (segments.stream().noneMatch(header -> header.number() == number)) {
          dead.add(SegmentHeader.fileName(number));
        }
      }
      List<Spares.Spare> spares = spares(newestNumber);
      long highest = Math.max(newestNumber, manifest.nextNumber() - 1);
      if (!invalid.isEmpty()) {
        highest = Math.max(highest, invalid.lastKey());
      }
      boolean adopted = newestNumber > manifest.lastNumber();
      return new Chain(segments, adopted, spares, dead, highest + 1);
    }

    private void readAll() throws IOException {
      for (String name : storage.list()) {
        Long number = SegmentHeader.numberIn(name);
        if (number == null) {
          if (isOwnTemporary(name)) {
            dead.add(name);
          }
          continue;
        }
        switch (readHeader(storage, number)) {
          case SegmentHeader.Found.Valid(SegmentHeader header) -> {
            checkLog(header, name);
            valid.put(number, header);
          }
          case SegmentHeader.Found.TooNew(int version) ->
              throw corrupt(
                  number,
                  "written in format version "
                      + version
                      + ", newer than this program knows; use a newer program",
                  0);
          case SegmentHeader.Found other -> invalid.put(number, other);
        }
      }
    }

    private static boolean isOwnTemporary(String name) {
      if (!name.endsWith(SegmentFiles.TEMPORARY)) {
        return false;
      }
      String stem = name.substring(0, name.length() - SegmentFiles.TEMPORARY.length());
      return stem.equals(Manifest.FILE)
          || stem.equals(SubscriptionFile.FILE)
          || SegmentHeader.numberIn(stem) != null;
    }

    private void checkLog(SegmentHeader header, String name) throws CorruptWalException {
      if (header.logIdHigh() != manifest.logIdHigh() || header.logIdLow() != manifest.logIdLow()) {
        throw new CorruptWalException(
            "belongs to another log; move it out of this directory", name, 0, 0, 0);
      }
    }

    private @Nullable SegmentHeader newest() throws CorruptWalException {
      Map.Entry<Long, SegmentHeader> last = valid.lastEntry();
      long activated = manifest.lastNumber();
      if (activated > 0) {
        SegmentHeader header = valid.get(activated);
        if (header == null) {
          throw missing(activated, manifest.lowWaterLsn());
        }
        if (header.nonce() != manifest.lastNonce()) {
          throw corrupt(activated, "is not the file that the manifest names: an older copy?", 0);
        }
      }
      if (last == null) {
        return null;
      }
      SegmentHeader newest = last.getValue();
      if (newest.number() > activated && newest.previousNumber() != activated) {
        throw corrupt(
            newest.number(),
            "follows segment "
                + SegmentHeader.fileName(newest.previousNumber())
                + ", but the manifest's last is "
                + SegmentHeader.fileName(activated),
            0);
      }
      return newest;
    }

    private void link(SegmentHeader newest, List<SegmentHeader> segments) throws IOException {
      long first = manifest.firstNumber() == 0 ? newest.number() : manifest.firstNumber();
      SegmentHeader current = newest;
      segments.addFirst(current);
      while (current.number() != first) {
        if (current.previousNumber() < first) {
          throw corrupt(
              current.number(),
              "links past the log's first segment " + SegmentHeader.fileName(first),
              current.previousLastLsn());
        }
        SegmentHeader previous = valid.get(current.previousNumber());
        if (previous == null) {
          throw missing(current.previousNumber(), current.previousLastLsn());
        }
        checkLink(previous, current);
        segments.addFirst(previous);
        current = previous;
      }
    }

    private void checkLink(SegmentHeader previous, SegmentHeader next) throws IOException {
      if (previous.nonce() != next.previousNonce()) {
        throw corrupt(
            previous.number(),
            "is not the file that "
                + SegmentHeader.fileName(next.number())
                + " follows: an older or newer copy?",
            next.previousLastLsn());
      }
      if (next.previousLastLsn() < previous.firstLsn() - 1
          || next.previousEnd() < SegmentHeader.BYTES
          || next.previousEnd() > previous.limit()) {
        throw corrupt(
            next.number(),
            "states an impossible end of " + SegmentHeader.fileName(previous.number()),
            next.previousLastLsn());
      }
      String name = SegmentHeader.fileName(previous.number());
      try (StorageFile file = storage.openForRead(name)) {
        if (file.size() < next.previousEnd()) {
          throw new CorruptWalException(
              "is " + file.size() + " bytes, its frames end at " + next.previousEnd(),
              name,
              file.size(),
              previous.firstLsn(),
              next.previousLastLsn());
        }
      }
    }

    private CorruptWalException missing(long number, long lsn) {
      SegmentHeader.Found found = invalid.get(number);
      String reason = found == null ? "is missing" : "has no whole header: both copies are damaged";
      return corrupt(number, reason, lsn);
    }

    private static CorruptWalException corrupt(long number, String reason, long lsn) {
      return new CorruptWalException(reason, SegmentHeader.fileName(number), -1, lsn, lsn);
    }

    // Prepared and never activated. One whose header was torn during activation is as good after
    // clearing it.
    private List<Spares.Spare> spares(long newestNumber) throws IOException {
      List<Spares.Spare> spares = new ArrayList<>();
      for (long number : invalid.keySet()) {
        String name = SegmentHeader.fileName(number);
        boolean zeros = invalid.get(number) instanceof SegmentHeader.Found.Zeros;
        long size;
        try (StorageFile file = storage.openForRead(name)) {
          size = file.size();
        }
        if (number > newestNumber && size == segmentBytes) {
          // Whether it had another life before the last open, nobody knows.
          spares.add(new Spares.Spare(number, size, true));
        } else if (number > newestNumber || number < manifest.firstNumber() || zeros) {
          dead.add(name);
        }
      }
      return spares;
    }
  }
}
