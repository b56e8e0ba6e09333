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

/// Links the segments of a damaged log from the newest back, making up what is missing: a header
/// that is damaged, from its successor (or the manifest), which names its number and nonce, so that
/// the frames can still be vouched for; and a header without records for a segment that is lost. It
/// changes nothing on disk. For one thread, for one salvage.
final class Mending {
  private final Storage storage;
  private final @Nullable Manifest manifest;
  private final Inventory files;
  private final long segmentBytes;
  private final TreeMap<Long, SegmentHeader> valid;
  private long logIdHigh;
  private long logIdLow;

  /// The segments of the log, oldest first, as they will be.
  final List<SegmentHeader> segments = new ArrayList<>();

  /// The numbers of those whose header is made up, in their own file.
  final Set<Long> rebuilt = new HashSet<>();

  /// The numbers of those that are made up as a whole.
  final Set<Long> lost = new HashSet<>();

  /// LSNs of segments of which nothing is left to link: before the first, or the newest.
  final List<AcceptedHole> unlinked = new ArrayList<>();

  /// Files that are no part of the log, with whether they are damaged.
  final Map<String, Boolean> strays = new TreeMap<>();

  /// What earlier salvages accepted.
  Holes holes;

  /// The number of the newest segment if it is lost, or 0.
  long lostNewest;

  /// No LSN above this was seen anywhere.
  long highestLsn;

  Mending(Storage storage, @Nullable Manifest manifest, Inventory files, long segmentBytes) {
    this.storage = storage;
    this.manifest = manifest;
    this.files = files;
    this.segmentBytes = segmentBytes;
    valid = new TreeMap<>(files.valid());
    holes = new Holes(List.of(), files.gone());
    files.doubled().forEach(name -> strays.put(name, SegmentHeader.numberOfGone(name) != null));
  }

  /// Does all of it.
  ///
  /// @throws CorruptWalException if not even one segment can be told to be of this log
  void run() throws IOException {
    chooseLog();
    for (SegmentHeader header : valid.values()) {
      highestLsn = Math.max(highestLsn, header.firstLsn() - 1);
    }
    if (manifest != null) { // its own header is lost with the newest segment
      highestLsn = Math.max(highestLsn, manifest.lastFirstLsn() - 1);
    }
    SegmentHeader current = newest();
    enter(current);
    long first = manifest == null ? 0 : manifest.firstNumber();
    while (current.number() != first && current.previousNumber() >= Math.max(1, first)) {
      SegmentHeader previous = before(current);
      if (previous == null) {
        break;
      }
      enter(previous);
      current = previous;
    }
    if (manifest != null && current.number() != first) {
      noteLostBeginning(manifest, current);
    }
    holes = new Holes(holes.accepted(), gone());
  }

  private Set<Long> gone() {
    Set<Long> gone = new HashSet<>(lost);
    for (SegmentHeader header : segments) {
      if (files.gone().contains(header.number()) && !rebuilt.contains(header.number())) {
        gone.add(header.number());
      }
    }
    return gone;
  }

  // A header that was made up may not know what was before it.
  private void noteLostBeginning(Manifest log, SegmentHeader first) {
    boolean unknown = first.previousNumber() == 0;
    long number = unknown ? log.firstNumber() : first.previousNumber();
    long to = unknown ? first.firstLsn() - 1 : first.previousLastLsn();
    if (log.lowWaterLsn() <= to) {
      unlinked.add(AcceptedHole.missing(number, log.lowWaterLsn(), to));
    }
  }

  // Without a manifest the segments say which log it is, if they agree.
  private void chooseLog() throws CorruptWalException {
    if (valid.isEmpty() && manifest == null) {
      throw new CorruptWalException(
          "is damaged, and so is the header of every segment: nothing says which log this was;"
              + " put back a copy of either",
          Manifest.FILE,
          -1,
          0,
          0);
    }
    logIdHigh = manifest != null ? manifest.logIdHigh() : valid.lastEntry().getValue().logIdHigh();
    logIdLow = manifest != null ? manifest.logIdLow() : valid.lastEntry().getValue().logIdLow();
    for (SegmentHeader header : List.copyOf(valid.values())) {
      if (header.logIdHigh() != logIdHigh || header.logIdLow() != logIdLow) {
        if (manifest == null) {
          throw new CorruptWalException(
              "is of another log than "
                  + files.fileName(valid.lastKey())
                  + ", and the manifest is"
                  + " damaged, which would say which of them belongs here; move one of them away",
              files.fileName(header.number()),
              -1,
              0,
              0);
        }
        stray(header.number());
      }
    }
  }

  private void stray(long number) {
    strays.put(files.fileName(number), false);
    valid.remove(number);
  }

  private SegmentHeader newest() throws IOException {
    long activated = manifest == null ? 0 : manifest.lastNumber();
    if (activated > 0 && (valid.isEmpty() || valid.lastKey() <= activated)) {
      SegmentHeader named = named(activated);
      if (named != null) {
        return named;
      }
      lostNewest = activated;
    }
    while (!valid.isEmpty() && files.gone().contains(valid.lastKey())) {
      stray(valid.lastKey());
    }
    if (manifest == null && lostNewest == 0 && !valid.isEmpty()) {
      // Nothing says which was the newest: one whose header is damaged may have held records.
      for (Map.Entry<Long, SegmentHeader.Found> each : files.invalid().entrySet()) {
        boolean zeros = each.getValue() instanceof SegmentHeader.Found.Zeros;
        if (!zeros && each.getKey() > valid.lastKey()) {
          lostNewest = Math.max(lostNewest, each.getKey());
        }
      }
    }
    if (valid.isEmpty()) {
      throw new CorruptWalException(
          "no segment is left that can be vouched for; put back a copy", Manifest.FILE, -1, 0, 0);
    }
    return valid.lastEntry().getValue();
  }

  // The segment that the manifest names as the newest.
  private @Nullable SegmentHeader named(long number) throws IOException {
    long nonce = manifest == null ? 0 : manifest.lastNonce();
    SegmentHeader header = valid.get(number);
    if (header != null && header.nonce() == nonce && !files.gone().contains(number)) {
      return header;
    }
    if (header != null) {
      stray(number);
      return null;
    }
    return rebuild(number, nonce, null);
  }

  private @Nullable SegmentHeader before(SegmentHeader next) throws IOException {
    long number = next.previousNumber();
    SegmentHeader header = valid.get(number);
    if (header != null && header.nonce() == next.previousNonce()) {
      if (Chain.statesImpossibleEnd(header, next)) {
        throw new CorruptWalException(
            "states an impossible end of " + files.fileName(number),
            files.fileName(next.number()),
            -1,
            0,
            0);
      }
      return header;
    }
    if (header != null) {
      stray(number);
    }
    SegmentHeader mended = header == null ? rebuild(number, next.previousNonce(), next) : null;
    return mended != null ? mended : replaceLost(number, next);
  }

  // A header is made up from what names the segment, if one frame at least proves that it is it.
  private @Nullable SegmentHeader rebuild(long number, long nonce, @Nullable SegmentHeader next)
      throws IOException {
    String name = SegmentHeader.fileName(number);
    if (!files.invalid().containsKey(number)) {
      return null;
    }
    long size;
    FirstFrame first;
    try (StorageFile file = storage.openForRead(name)) {
      size = file.size();
      first = FirstFrame.find(file, header(number, nonce, size + segmentBytes, 1, null, null, 0));
    }
    if (first == null) {
      strays.put(name, true);
      return null;
    }
    long stated = next == null ? 0 : next.previousEnd() + SegmentHeader.tailBytes();
    boolean whole = size == segmentBytes || (next != null && size >= stated && size % 64 == 0);
    long fileBytes =
        whole ? size : atLeastSmallest(Math.max(stated, size + SegmentHeader.tailBytes()));
    SegmentHeader below = below(number, first.firstLsn() - 1);
    SegmentWalk.Found end = below == null ? null : endOf(below, first.firstLsn() - 1);
    long lowWater = manifest == null ? first.firstLsn() : manifest.lowWaterLsn();
    long behind = end == null ? Math.min(lowWater, first.firstLsn()) : end.lastLsn() + 1;
    AcceptedHole atHead = holes.at(number, SegmentHeader.BYTES);
    long firstLsn = first.atHead() ? first.firstLsn() : atHead != null ? atHead.fromLsn() : behind;
    int flags = SegmentHeader.REBUILT | (first.isHole() ? SegmentHeader.SALVAGED : 0);
    SegmentHeader header = header(number, nonce, fileBytes, firstLsn, below, end, flags);
    rebuilt.add(number);
    valid.put(number, header);
    return header;
  }

  // Null if nothing is before it either: then the log begins behind it.
  private @Nullable SegmentHeader replaceLost(long number, SegmentHeader next) throws IOException {
    SegmentHeader below = below(number, next.previousLastLsn());
    if (below == null) {
      return null;
    }
    SegmentWalk.Found end = endOf(below, next.previousLastLsn());
    long bytes = atLeastSmallest(next.previousEnd() + SegmentHeader.tailBytes());
    lost.add(number);
    return header(
        number, next.previousNonce(), bytes, end.lastLsn() + 1, below, end, SegmentHeader.REBUILT);
  }

  private static long atLeastSmallest(long fileBytes) {
    return FrameLayout.align(Math.max(SegmentHeader.MIN_FILE_BYTES, fileBytes));
  }

  private SegmentHeader header(
      long number,
      long nonce,
      long fileBytes,
      long firstLsn,
      @Nullable SegmentHeader below,
      SegmentWalk.@Nullable Found end,
      int flags) {
    long lastLsn = end == null ? 0 : end.lastLsn();
    return new SegmentHeader(
        logIdHigh,
        logIdLow,
        number,
        nonce,
        fileBytes,
        firstLsn,
        below == null ? 0 : below.number(),
        below == null ? 0 : below.nonce(),
        end == null ? 0 : end.end(),
        lastLsn,
        end == null ? 0 : end.crc(),
        lastLsn,
        flags | SegmentHeader.RECYCLED,
        0);
  }

  // The newest segment before a number that fits in front of an LSN.
  private @Nullable SegmentHeader below(long number, long atMostLsn) {
    long first = manifest == null ? 0 : manifest.firstNumber();
    Map.Entry<Long, SegmentHeader> lower = valid.lowerEntry(number);
    while (lower != null && lower.getKey() >= first) {
      if (lower.getValue().firstLsn() - 1 <= atMostLsn) {
        return lower.getValue();
      }
      lower = valid.lowerEntry(lower.getKey());
    }
    return null;
  }

  // Where the frames of a segment end whose successor no longer states it. Only what the segment
  // itself promises vouches for what is behind a gap: its successor may have discarded the rest.
  private SegmentWalk.Found endOf(SegmentHeader segment, long atMostLsn) throws IOException {
    if (files.gone().contains(segment.number())) {
      return new SegmentWalk.Found(
          List.of(), SegmentHeader.BYTES, segment.chainStart(), segment.firstLsn() - 1);
    }
    try (StorageFile file = storage.openForRead(SegmentHeader.fileName(segment.number()))) {
      TailScan scan = TailScan.of(file, segment);
      highestLsn = Math.max(highestLsn, scan.highestLsn());
      return new SegmentWalk(file, segment, holes, bytes -> {})
          .toTail(scan.promisedLsn(), atMostLsn);
    }
  }

  private void enter(SegmentHeader header) throws IOException {
    segments.addFirst(header);
    highestLsn = Math.max(highestLsn, header.firstLsn() - 1);
    boolean isGone = files.gone().contains(header.number()) || lost.contains(header.number());
    if (header.isRebuilt() && !isGone && !holes.covers(header.number())) {
      rebuilt.add(header.number()); // perhaps again: it may stand in the page cache alone
    }
    if (header.isSalvaged() && !lost.contains(header.number())) {
      String name = files.fileName(header.number());
      HoleFrames.Head head = Chain.readHead(storage, name, header);
      if (head != null) { // if it is damaged, so are still the places it lists
        holes = holes.and(head.holes());
      }
    }
  }
}
