package dev.tidemark.wal.internal;

import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.Hole;
import dev.tidemark.wal.OnCorruption;
import dev.tidemark.wal.OnUnvouchedTail;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.internal.SalvagePlan.End;
import dev.tidemark.wal.internal.SalvagePlan.Loss;
import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Decides what becomes of a damaged log. It reads everything and changes nothing. For one thread,
/// for one salvage.
final class SalvagePlanner {
  // So far that no LSN exists twice: of a newest segment nothing is left that says what was in it.
  private static final long UNKNOWN_LSNS = 1L << 40;

  private static final long MOST_RAISES = 1L << 20;

  // No more records can stand in so many bytes: the smallest compressed frame may hold as many
  // empty ones as fit into the largest payload that is shared.
  private static final long MOST_LSNS_PER_BYTE =
      FrameLayout.MAX_SHARED_PAYLOAD_BYTES
          / FrameLayout.LENGTH_BYTES
          / (FrameLayout.HEADER_BYTES + FrameLayout.ALIGNMENT);

  private final Storage storage;
  private final WalOptions options;
  private final @Nullable Manifest known;
  private final Inventory files;
  private final Mending mending;
  private final SegmentWalk.Progress progress;
  private final List<Loss> losses = new ArrayList<>();
  private long promisedLsn;
  private long highestLsn;

  private SalvagePlanner(
      Storage storage, @Nullable Manifest known, WalOptions options, SegmentWalk.Progress progress)
      throws IOException {
    this.storage = storage;
    this.known = known;
    this.options = options;
    this.progress = progress;
    files = Inventory.read(storage);
    mending = new Mending(storage, known, files, options.segmentBytes());
  }

  /// Makes a plan.
  ///
  /// @param manifest the log's, or null if it is damaged
  /// @param promisedLsn what anything but the segments promises durable
  /// @param progress told of bytes that were verified
  /// @throws CorruptWalException if nothing can be vouched for, a newer program is needed, or an
  ///   unvouched tail is to be refused
  static SalvagePlan plan(
      Storage storage,
      @Nullable Manifest manifest,
      WalOptions options,
      long promisedLsn,
      SegmentWalk.Progress progress)
      throws IOException {
    SalvagePlanner planner = new SalvagePlanner(storage, manifest, options, progress);
    planner.promisedLsn = promisedLsn;
    return planner.plan();
  }

  private SalvagePlan plan() throws IOException {
    mending.run();
    highestLsn = mending.highestLsn;
    for (AcceptedHole hole : mending.unlinked) {
      if (!mending.holes.isMissing(hole.segment(), hole.fromLsn(), hole.toLsn())) {
        lose(hole, new End(0, 0, 0, hole.fromLsn() - 1));
      }
    }
    List<SegmentHeader> segments = mending.segments;
    for (SegmentHeader segment : segments) {
      promisedLsn = Math.max(promisedLsn, segment.durableLsn());
    }
    for (int i = 0; i < segments.size() - 1; i++) {
      judgeSealed(i, segments.get(i), segments.get(i + 1));
    }
    Tail tail = judgeNewest(segments.getLast());
    noteStrays();
    Manifest manifest = known != null ? known : rebuiltManifest();
    List<AcceptedHole> found = losses.stream().map(Loss::hole).toList();
    Set<Long> gone = mending.holes.gone();
    Holes holes = new Holes(found, gone).and(mending.holes.accepted());
    if (holes.accepted().size() > HoleFrames.MAX) {
      throw HoleFrames.tooMany(SegmentHeader.fileName(segments.getLast().number()));
    }
    SalvagePlan plan =
        new SalvagePlan(
            manifest,
            known == null,
            List.copyOf(segments),
            mending.rebuilt,
            mending.lost,
            tail.end,
            mending.lostNewest == 0,
            found,
            holes,
            promisedLsn,
            nextLsn(tail),
            mending.strays);
    return options.onCorruption() == OnCorruption.STOP ? plan.stoppedBefore(losses, gone) : plan;
  }

  private long nextLsn(Tail tail) throws CorruptWalException {
    long seen = Math.max(Math.max(highestLsn, promisedLsn), tail.end.lastLsn());
    long next = seen + 1 + tail.unknownLsns;
    Verdict.checkLsnsAreLeft(SegmentHeader.fileName(mending.segments.getLast().number()), next);
    return next;
  }

  // Which records were truncated, nobody knows any more: the log begins where its files do.
  private Manifest rebuiltManifest() {
    SegmentHeader first = mending.segments.getFirst();
    SegmentHeader last = mending.segments.getLast();
    return new Manifest(
        last.logIdHigh(),
        last.logIdLow(),
        1,
        files.highest() + 1,
        first.number(),
        last.number(),
        last.nonce(),
        last.firstLsn(),
        first.firstLsn(),
        Holders.NONE);
  }

  private void judgeSealed(int index, SegmentHeader segment, SegmentHeader next)
      throws IOException {
    long number = segment.number();
    if (mending.holes.isGone(number)) {
      judgeGone(index, segment, next);
      return;
    }
    if (!progress.wants(next.previousLastLsn())) {
      return;
    }
    try (StorageFile file = storage.openForRead(SegmentHeader.fileName(number))) {
      SegmentWalk.Found found =
          new SegmentWalk(file, segment, mending.holes, progress).toStatedEnd(next);
      note(index, segment, found.damage());
    }
    // The header that stated where this segment ends was made up: from what it still shows.
    if (mending.rebuilt.contains(next.number()) && next.firstLsn() > next.previousLastLsn() + 1) {
      long from = next.previousLastLsn() + 1;
      long end = next.previousEnd();
      int crc = next.previousCrc();
      AcceptedHole hole = damagedAt(segment, from, next.firstLsn() - 1, end, end, crc);
      lose(hole, new End(index + 1, end, crc, from - 1));
    }
  }

  private void judgeGone(int index, SegmentHeader segment, SegmentHeader next) throws IOException {
    long number = segment.number();
    End before =
        new End(index, segment.previousEnd(), segment.previousCrc(), segment.previousLastLsn());
    // Lost as a whole once more, it may now stand for more than it did.
    boolean known =
        mending.lost.contains(number)
            ? mending.holes.isMissing(number, segment.firstLsn(), next.previousLastLsn())
            : mending.holes.covers(number);
    if (segment.isRebuilt() && !known) {
      lose(AcceptedHole.missing(number, segment.firstLsn(), next.previousLastLsn()), before);
    } else if (segment.isSalvaged()
        && !mending.lost.contains(number)
        && !mending.holes.replacesList(number)
        && Chain.readHead(storage, SegmentHeader.goneName(number), segment) == null) {
      long from = SegmentHeader.BYTES;
      long lsn = segment.firstLsn();
      AcceptedHole list = damagedAt(segment, lsn, lsn - 1, from, from + FrameLayout.ALIGNMENT, 0);
      lose(list, before);
    }
  }

  private void note(int index, SegmentHeader segment, List<SegmentWalk.Damage> damage)
      throws IOException {
    long number = segment.number();
    long from = SegmentHeader.BYTES;
    boolean noted =
        mending.holes.replacesList(number)
            || damage.stream().anyMatch(one -> one.hole().fromByte() == from);
    // A list that cannot be read is replaced by the next one if a hole stands in its place.
    if (segment.isSalvaged()
        && !noted
        && Chain.readHead(storage, SegmentHeader.fileName(number), segment) == null) {
      long first = segment.firstLsn();
      int start = segment.chainStart();
      lose(
          damagedAt(segment, first, first - 1, from, from, start),
          new End(index + 1, from, start, first - 1));
    }
    for (SegmentWalk.Damage each : damage) {
      AcceptedHole hole = each.hole();
      End before = new End(index + 1, hole.fromByte(), each.crcBefore(), hole.fromLsn() - 1);
      losses.add(new Loss(hole, before));
    }
    // A header that was made up counts only with a hole in its segment.
    if (segment.isRebuilt() && damage.isEmpty() && !mending.holes.covers(segment.number())) {
      int crc = segment.chainStart();
      long lsn = segment.firstLsn();
      End before = new End(index + 1, SegmentHeader.BYTES, crc, lsn - 1);
      lose(damagedAt(segment, lsn, lsn - 1, SegmentHeader.BYTES, SegmentHeader.BYTES, crc), before);
    }
  }

  private void lose(AcceptedHole hole, End before) {
    losses.add(new Loss(hole, before));
    progress.damaged(hole);
  }

  private static AcceptedHole damagedAt(
      SegmentHeader segment, long fromLsn, long toLsn, long fromByte, long toByte, int crcAfter) {
    return new AcceptedHole(
        segment.number(), fromLsn, toLsn, fromByte, toByte, crcAfter, Hole.Reason.DAMAGED);
  }

  /// How the log ends.
  ///
  /// @param end where
  /// @param unknownLsns how many LSNs may have been handed out that nothing tells of
  private record Tail(End end, long unknownLsns) {}

  private Tail judgeNewest(SegmentHeader newest) throws IOException {
    int count = mending.segments.size();
    try (StorageFile file = storage.openForRead(SegmentHeader.fileName(newest.number()))) {
      TailScan scan = TailScan.of(file, newest);
      highestLsn = Math.max(highestLsn, scan.highestLsn());
      boolean isLast = mending.lostNewest == 0;
      promisedLsn = Math.max(promisedLsn, scan.promisedLsn());
      progress.newest(newest, scan, promisedLsn);
      SegmentWalk.Found found =
          new SegmentWalk(file, newest, mending.holes, progress)
              .toTail(isLast ? promisedLsn : scan.promisedLsn(), Long.MAX_VALUE);
      note(count - 1, newest, found.damage());
      progress.tail(newest, scan, found);
      End end = new End(count, found.end(), found.crc(), found.lastLsn());
      return isLast ? judgeTail(newest, file, scan, end) : lostBehind(end);
    }
  }

  private Tail lostBehind(End end) {
    long to = Math.max(promisedLsn, end.lastLsn());
    lose(AcceptedHole.missing(mending.lostNewest, end.lastLsn() + 1, to), end);
    // Without a manifest only the number tells how often LSNs may have been raised so far before.
    long raises = known != null ? 1 : Math.min(mending.lostNewest, MOST_RAISES);
    return new Tail(end, raises * UNKNOWN_LSNS);
  }

  private Tail judgeTail(SegmentHeader newest, StorageFile file, TailScan scan, End end)
      throws IOException {
    boolean cutShort = scan.missingBytes() > 0 && !isZeroAt(file, newest, end.offset());
    boolean lost = promisedLsn > end.lastLsn();
    if (lost || cutShort) {
      long to = Math.max(promisedLsn, end.lastLsn());
      long toByte = Math.max(scan.dirtyEnd(), end.offset());
      Hole.Reason reason = cutShort ? Hole.Reason.MISSING : Hole.Reason.DAMAGED;
      AcceptedHole hole =
          new AcceptedHole(
              newest.number(), end.lastLsn() + 1, to, end.offset(), toByte, end.crc(), reason);
      lose(hole, end);
      // How large a file was whose header is made up, nobody knows.
      long most =
          mending.rebuilt.contains(newest.number())
              ? UNKNOWN_LSNS
              : MOST_LSNS_PER_BYTE
                  * Math.min(scan.missingBytes(), FrameLayout.LAST_START_LSN / MOST_LSNS_PER_BYTE);
      return new Tail(end, cutShort ? most : 0);
    }
    boolean sealed = scan.sealed() && scan.end() == end.offset();
    if (!sealed
        && scan.dirtyEnd() > end.offset()
        && options.onUnvouchedTail() == OnUnvouchedTail.FAIL) {
      throw Verdict.unvouched(file.name(), end.offset(), scan);
    }
    return new Tail(end, 0);
  }

  private static boolean isZeroAt(StorageFile file, SegmentHeader segment, long offset)
      throws IOException {
    return new FrameReader(file, segment).isZero(offset, FrameLayout.ALIGNMENT);
  }

  // Headers that are whole, and not linked: what a salvage that did not end left, or a copy that
  // somebody put there. And damaged ones, unless they were never activated.
  private void noteStrays() throws IOException {
    Set<Long> linked = new HashSet<>();
    mending.segments.forEach(segment -> linked.add(segment.number()));
    long newest = mending.segments.getLast().number();
    long first = known == null ? 0 : known.firstNumber();
    for (long number : files.valid().keySet()) {
      boolean truncated = number < first;
      if (!linked.contains(number) && !truncated) {
        mending.strays.put(files.fileName(number), false);
      }
    }
    files
        .invalid()
        .forEach(
            (number, what) -> {
              boolean zeros = what instanceof SegmentHeader.Found.Zeros;
              boolean inside = number >= first && number < newest;
              boolean named = mending.rebuilt.contains(number) && linked.contains(number);
              if (!zeros && !named && (inside || known == null)) {
                mending.strays.put(SegmentHeader.fileName(number), true);
              }
            });
  }
}
