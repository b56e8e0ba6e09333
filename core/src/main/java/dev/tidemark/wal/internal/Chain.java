package dev.tidemark.wal.internal;

import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
/// @param strays files of segments that a salvage replaced or ended the log before, with whether
///   they are damaged; to be set aside
/// @param nextNumber no file of this number or above exists
/// @param holes what earlier salvages accepted, and which segments are gone, header apart
record Chain(
    List<SegmentHeader> segments,
    boolean adopted,
    List<Spares.Spare> spares,
    List<String> dead,
    Map<String, Boolean> strays,
    long nextNumber,
    Holes holes) {

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
      if (SegmentHeader.numberOfGone(name) != null
          || (number != null
              && !(readHeader(storage, number) instanceof SegmentHeader.Found.Zeros))) {
        return true;
      }
    }
    return false;
  }

  /// {@return whether a header states an end of the segment before that this cannot have}
  static boolean statesImpossibleEnd(SegmentHeader previous, SegmentHeader next) {
    return next.previousLastLsn() < previous.firstLsn() - 1
        || next.previousEnd() < SegmentHeader.BYTES
        || next.previousEnd() > previous.limit();
  }

  /// {@return the holes at the head of a segment, null if they are damaged}
  static HoleFrames.@Nullable Head readHead(Storage storage, String name, SegmentHeader segment)
      throws IOException {
    try (StorageFile file = storage.openForRead(name)) {
      return HoleFrames.read(file, segment);
    }
  }

  /// Reads a segment's header from whichever copy is whole.
  static SegmentHeader.Found readHeader(Storage storage, long number) throws IOException {
    return Inventory.readHeader(storage, SegmentHeader.fileName(number), number);
  }

  /// Reads a segment's header from whichever copy is whole.
  static SegmentHeader.Found readHeader(StorageFile file, long number) throws IOException {
    return Inventory.readHeader(file, number);
  }

  /// One reading under way. For one thread.
  private static final class Walk {
    private final Storage storage;
    private final Manifest manifest;
    private final long segmentBytes;
    private final Inventory files;
    private final TreeMap<Long, SegmentHeader> valid;
    private final List<String> dead;
    private final Map<String, Boolean> strays = new TreeMap<>();
    private Holes holes;

    Walk(Storage storage, Manifest manifest, long segmentBytes) throws IOException {
      this.storage = storage;
      this.manifest = manifest;
      this.segmentBytes = segmentBytes;
      files = Inventory.read(storage);
      valid = files.valid();
      dead = new ArrayList<>(files.temporary());
      files.doubled().forEach(name -> strays.put(name, SegmentHeader.numberOfGone(name) != null));
      holes = new Holes(List.of(), files.gone());
    }

    Chain chain() throws IOException {
      for (SegmentHeader header : valid.values()) {
        checkLog(header);
      }
      SegmentHeader newest = newest();
      List<SegmentHeader> segments = new ArrayList<>();
      if (newest != null) {
        link(newest, segments);
      }
      long newestNumber = newest == null ? 0 : newest.number();
      Set<Long> linked = new HashSet<>();
      segments.forEach(header -> linked.add(header.number()));
      for (SegmentHeader header : valid.headMap(newestNumber).values()) {
        if (!linked.contains(header.number())) {
          String name = files.fileName(header.number());
          if (header.number() < firstOf(segments)) {
            dead.add(name); // removed
          } else {
            strays.put(name, false);
          }
        }
      }
      List<Spares.Spare> spares = spares(newestNumber);
      long highest = Math.max(Math.max(newestNumber, manifest.nextNumber() - 1), files.highest());
      boolean adopted = newestNumber > manifest.lastNumber();
      linked.retainAll(files.gone());
      Holes ofLog = new Holes(holes.accepted(), linked);
      return new Chain(segments, adopted, spares, dead, strays, highest + 1, ofLog);
    }

    // Below the first segment that the manifest names, what is there was truncated. A salvage that
    // did not get as far as the manifest may have ended the log before that: of it nothing goes.
    private long firstOf(List<SegmentHeader> segments) {
      long first = segments.getFirst().number();
      return manifest.firstNumber() == 0 ? first : Math.min(first, manifest.firstNumber());
    }

    private void checkLog(SegmentHeader header) throws CorruptWalException {
      if (header.logIdHigh() != manifest.logIdHigh() || header.logIdLow() != manifest.logIdLow()) {
        throw new CorruptWalException(
            "belongs to another log; move it out of this directory",
            files.fileName(header.number()),
            0,
            0,
            0);
      }
    }

    private @Nullable SegmentHeader newest() throws CorruptWalException {
      Map.Entry<Long, SegmentHeader> last = valid.lastEntry();
      long activated = manifest.lastNumber();
      if (last != null && last.getKey() > activated && last.getValue().isSalvaged()) {
        return last.getValue(); // a salvage that did not get as far as the manifest
      }
      if (activated > 0) {
        SegmentHeader header = valid.get(activated);
        if (header == null || files.gone().contains(activated)) {
          throw missing(activated, 0);
        }
        if (header.nonce() != manifest.lastNonce()) {
          throw corrupt(
              activated,
              "is not the file that the manifest names: an older copy?; "
                  + CorruptWalException.ADVICE,
              0);
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
      // A salvage may have ended the log before the manifest's first: then nothing is before it.
      boolean alone = newest.isSalvaged() && newest.previousNumber() == 0;
      long first = manifest.firstNumber() == 0 || alone ? newest.number() : manifest.firstNumber();
      SegmentHeader current = newest;
      enter(current, segments);
      while (current.number() != first) {
        if (current.previousNumber() < first) {
          throw corrupt(
              current.number(),
              "links past the log's first segment " + SegmentHeader.fileName(first),
              current.previousLastLsn());
        }
        SegmentHeader previous = valid.get(current.previousNumber());
        if (previous == null && isLostBeginning(current, first)) {
          return; // a salvage that did not get as far as the manifest: the log begins here
        }
        if (previous == null) {
          throw missing(current.previousNumber(), current.previousLastLsn());
        }
        checkLink(previous, current);
        enter(previous, segments);
        current = previous;
      }
    }

    // All of it: a segment may have been missing before, and others are missing now.
    private boolean isLostBeginning(SegmentHeader current, long first) {
      long number = current.previousNumber();
      return holes.isMissing(number, manifest.lowWaterLsn(), current.previousLastLsn())
          && valid.subMap(first, number).isEmpty();
    }

    private void enter(SegmentHeader header, List<SegmentHeader> segments) throws IOException {
      if (header.isSalvaged()) {
        HoleFrames.Head head = readHead(storage, files.fileName(header.number()), header);
        if (head == null && !holes.replacesList(header.number())) {
          throw corrupt(header.number(), HoleFrames.DAMAGED, 0);
        }
        if (head != null) {
          holes = holes.and(head.holes());
        }
      }
      if (header.isRebuilt() && !holes.covers(header.number())) {
        throw corrupt(
            header.number(),
            "has a header from a salvage that did not end; salvage the log again",
            header.firstLsn());
      }
      segments.addFirst(header);
    }

    private void checkLink(SegmentHeader previous, SegmentHeader next) throws IOException {
      if (previous.nonce() != next.previousNonce()) {
        throw corrupt(
            previous.number(),
            "is not the file that "
                + SegmentHeader.fileName(next.number())
                + " follows: an older or newer copy?; "
                + CorruptWalException.ADVICE,
            next.previousLastLsn());
      }
      if (statesImpossibleEnd(previous, next)) {
        throw corrupt(
            next.number(),
            "states an impossible end of " + SegmentHeader.fileName(previous.number()),
            next.previousLastLsn());
      }
      long number = previous.number();
      String name = files.fileName(number);
      try (StorageFile file = storage.openForRead(name)) {
        if (file.size() < next.previousEnd()
            && !files.gone().contains(number)
            && !holes.coverTogether(number, file.size(), next.previousEnd())) {
          throw new CorruptWalException(
              "is "
                  + file.size()
                  + " bytes, its frames end at "
                  + next.previousEnd()
                  + "; "
                  + CorruptWalException.ADVICE,
              name,
              file.size(),
              previous.firstLsn(),
              next.previousLastLsn());
        }
      }
    }

    private CorruptWalException missing(long number, long lsn) {
      SegmentHeader.Found found = files.invalid().get(number);
      String reason = found == null ? "is missing" : "has no whole header: both copies are damaged";
      return corrupt(number, reason + "; " + CorruptWalException.ADVICE, lsn);
    }

    private static CorruptWalException corrupt(long number, String reason, long lsn) {
      return new CorruptWalException(reason, SegmentHeader.fileName(number), -1, lsn, lsn);
    }

    // Prepared and never activated. One whose header was torn during activation is as good after
    // clearing it. One with the header of another segment may be that segment's own file, which has
    // two names: it is never written to, only the name goes.
    private List<Spares.Spare> spares(long newestNumber) throws IOException {
      List<Spares.Spare> spares = new ArrayList<>();
      for (long number : files.invalid().keySet()) {
        String name = SegmentHeader.fileName(number);
        SegmentHeader.Found found = files.invalid().get(number);
        boolean zeros = found instanceof SegmentHeader.Found.Zeros;
        boolean misnamed = found instanceof SegmentHeader.Found.Misnamed;
        long size;
        boolean marked;
        try (StorageFile file = storage.openForRead(name)) {
          size = file.size();
          marked = Twins.isMarkAlone(file, size);
        }
        if (number > newestNumber && size == segmentBytes && !misnamed) {
          // Whether it had another life before the last open, nobody knows.
          spares.add(new Spares.Spare(number, size, true));
        } else if (number > newestNumber || number < manifest.firstNumber() || zeros || marked) {
          dead.add(name);
        } else if (number > manifest.firstNumber()) {
          strays.put(name, true);
        }
      }
      return spares;
    }
  }
}
