package dev.tidemark.wal.internal;

import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.Hole;
import dev.tidemark.wal.WalDamage;
import dev.tidemark.wal.WalInspection;
import dev.tidemark.wal.storage.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// One reading of a log's files: counts what is whole, notes what is not, and shows records to a
/// visitor if there is one. For one thread, for one reading.
final class LogLook implements SegmentWalk.Progress {
  private static final long TOLD_EVERY_BYTES = 1 << 20;

  /// The visitor wants no more.
  static final class Enough extends IOException {
    private static final long serialVersionUID = 1L;

    Enough() {
      super("enough");
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
      return this;
    }
  }

  final Storage storage;
  final long begunNanos = System.nanoTime();
  long totalBytes;
  private final WalInspection.Progress told;
  private final long fromLsn;
  private final WalInspection.@Nullable Visitor visitor;
  private final Codecs codecsOnPath = new Codecs(null);

  // What was found so far.
  final List<WalDamage> damage = new ArrayList<>();
  final Map<Integer, Long> codecs = new TreeMap<>();
  long verifiedBytes;
  long frames;
  long records;
  long payloadBytes;
  long firstLsn;
  long lastLsn;
  private final Map<Long, WalDamage.Place> firstRecords = new TreeMap<>(); // by segment
  private int withoutNext; // of the damage, so many at the end do not know what follows
  private int untold; // so many at the end the visitor has not seen
  private long nextTold = TOLD_EVERY_BYTES;
  private long provenTo = Long.MAX_VALUE;
  private long cutIn; // the segment in which opening would cut what is behind a byte, or 0
  private long cutAt;
  // Of a batch whose end was not seen yet.
  private long openRecords;
  private long openFrames;
  private long openBytes;

  LogLook(
      Storage storage,
      WalInspection.Progress told,
      long fromLsn,
      WalInspection.@Nullable Visitor visitor) {
    this.storage = storage;
    this.told = told;
    this.fromLsn = fromLsn;
    this.visitor = visitor;
  }

  @Override
  public void verified(long bytes) {
    verifiedBytes += bytes;
    if (verifiedBytes >= nextTold) {
      nextTold = verifiedBytes + TOLD_EVERY_BYTES;
      told.at(verifiedBytes, Math.max(totalBytes, verifiedBytes));
    }
  }

  @Override
  public boolean wantsWholeBatches() {
    return visitor != null;
  }

  @Override
  public boolean wants(long last) {
    return last >= fromLsn;
  }

  @Override
  public void newest(SegmentHeader newest, TailScan scan, long promisedLsn) {
    promised(promisedLsn);
    boolean cutShort = scan.missingBytes() > 0 && !scan.zerosAtEnd() && !scan.sealed();
    boolean corrupt = damage.stream().anyMatch(one -> one.kind() == WalDamage.Kind.CORRUPTION);
    if (!corrupt && !cutShort && scan.lastLsn() >= promisedLsn) {
      cutIn = newest.number();
      cutAt = scan.end();
    }
  }

  /// Takes note of what is promised of the records that come next.
  void promised(long lsn) {
    provenTo = lsn;
  }

  /// {@return whether opening the log would cut, without a word about corruption, what stands at a
  /// byte of a segment}
  private boolean isCut(long segment, long offset) {
    return segment == cutIn && offset >= cutAt;
  }

  /// {@return whether the newest segment ends where its frames stop, and nothing behind counts}
  boolean isCut() {
    return cutIn != 0;
  }

  @Override
  public void frame(SegmentHeader segment, long offset, FrameReader reader) throws IOException {
    if (isCut(segment.number(), offset)) {
      return;
    }
    FrameHeader frame = reader.header();
    boolean holdsRecords = frame.kind == FrameLayout.KIND_RECORDS;
    if (!holdsRecords || frame.isFirst()) {
      openRecords = 0;
      openFrames = 0;
      openBytes = 0;
    }
    openFrames++;
    openRecords += frame.records;
    openBytes += frame.records > 0 ? frame.storedBytes : 0;
    if (frame.records > 0 && (frame.isFirst() || visitor != null)) {
      WalDamage.Place place = place(segment, offset, frame);
      firstRecords.putIfAbsent(segment.number(), place);
      nextIs(place);
    }
    if (!holdsRecords || frame.isLast()) {
      count(frame);
    }
    if (visitor != null && frame.lastLsn() >= fromLsn && frame.records > 0) {
      show(visitor, segment, offset, reader);
    }
  }

  private static WalDamage.Place place(SegmentHeader segment, long offset, FrameHeader frame) {
    String name = SegmentHeader.fileName(segment.number());
    return new WalDamage.Place(name, offset, frame.firstLsn);
  }

  private void count(FrameHeader frame) {
    frames += openFrames;
    records += openRecords;
    payloadBytes += openBytes;
    if (openRecords > 0) {
      codecs.merge(frame.codec, openFrames, Long::sum);
      lastLsn = Math.max(lastLsn, frame.lastLsn());
      long first = frame.lastLsn() - openRecords + 1;
      firstLsn = firstLsn == 0 ? first : Math.min(firstLsn, first);
    }
  }

  private void show(
      WalInspection.Visitor to, SegmentHeader segment, long offset, FrameReader reader)
      throws IOException {
    tell(to);
    FrameHeader frame = reader.header();
    String name = SegmentHeader.fileName(segment.number());
    long first = frame.firstLsn;
    long last = frame.lastLsn();
    boolean compressed = frame.codec != 0;
    FrameRecords inFrame =
        new FrameRecords(
            codecsOnPath, reason -> new CorruptWalException(reason, name, offset, first, last));
    try {
      inFrame.enter(frame, reader.payload());
      while (inFrame.hasNext()) {
        long at = compressed ? offset : offset + FrameLayout.HEADER_BYTES + inFrame.offset();
        if (inFrame.next()
            && inFrame.lsn() >= fromLsn
            && !to.record(found(inFrame, name, at, offset))) {
          throw new Enough();
        }
      }
    } catch (CorruptWalException nonsense) {
      long from = Math.max(inFrame.lsn(), first);
      note(
          new WalDamage(
              WalDamage.Kind.CORRUPTION,
              name,
              offset,
              offset + frame.frameBytes(),
              from,
              last,
              "a frame whose checksum holds makes no sense: " + nonsense.getMessage(),
              null));
    }
  }

  private WalInspection.Found found(FrameRecords record, String name, long at, long frame) {
    return new WalInspection.Found(
        record.lsn(), name, at, frame, record.lsn() <= provenTo, record.bytes());
  }

  @Override
  public void damaged(AcceptedHole hole) {
    if (isCut(hole.segment(), hole.fromByte())) {
      return;
    }
    note(
        new WalDamage(
            WalDamage.Kind.CORRUPTION,
            SegmentHeader.fileName(hole.segment()),
            hole.fromByte(),
            hole.toByte(),
            hole.count() == 0 ? 0 : hole.fromLsn(),
            hole.count() == 0 ? 0 : hole.toLsn(),
            reason(hole),
            null));
  }

  private static String reason(AcceptedHole hole) {
    if (hole.reason() == Hole.Reason.MISSING) {
      return hole.toByte() == 0
          ? "the segment is missing, or nothing in it can be vouched for"
          : "the file was cut short";
    }
    return hole.count() == 0
        ? "damaged; no record is lost with it"
        : "damaged: what stands here is not what was written";
  }

  @Override
  public void passed(AcceptedHole hole) {
    note(accepted(hole.toHole()));
  }

  static WalDamage accepted(Hole hole) {
    return new WalDamage(
        WalDamage.Kind.ACCEPTED,
        hole.file(),
        hole.fromByte(),
        hole.toByte(),
        hole.count() == 0 ? 0 : hole.fromLsn(),
        hole.count() == 0 ? 0 : hole.toLsn(),
        switch (hole.reason()) {
          case DAMAGED -> "damaged; an earlier salvage accepted it";
          case MISSING -> "missing; an earlier salvage accepted it";
          case REMOVED -> "the owner removed this segment";
          case CUT -> "discarded by a recovery";
        },
        null);
  }

  /// Takes note of damage whose next record comes with a later frame, if one does.
  void note(WalDamage found) {
    damage.add(found);
    withoutNext++;
    untold++;
  }

  private void nextIs(WalDamage.Place place) {
    for (; withoutNext > 0; withoutNext--) {
      int index = damage.size() - withoutNext;
      damage.set(index, damage.get(index).withNext(place));
    }
  }

  private void tell(WalInspection.Visitor to) {
    for (; untold > 0; untold--) {
      to.damage(damage.get(damage.size() - untold));
    }
  }

  /// {@return the first record of the first segment that begins behind an LSN, null if there is
  /// none}
  WalDamage.@Nullable Place nextAfter(long lsn) {
    for (WalDamage.Place place : firstRecords.values()) {
      if (place.lsn() > lsn) {
        return place;
      }
    }
    return null;
  }

  /// Tells the visitor, if there is one, of all damage that it has not seen.
  void end() {
    if (visitor != null) {
      tell(visitor);
    }
  }
}
