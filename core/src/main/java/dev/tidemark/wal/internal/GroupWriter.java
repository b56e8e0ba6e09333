package dev.tidemark.wal.internal;

import dev.tidemark.wal.internal.jfr.GroupEvent;
import dev.tidemark.wal.internal.jfr.SyncEvent;
import dev.tidemark.wal.internal.meter.Meters;
import dev.tidemark.wal.storage.Host;
import dev.tidemark.wal.storage.Storage;
import java.io.IOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Moves what is staged into frames and to the disk, and goes from segment to segment. For the
/// lease holder only.
///
/// ```
/// staging ─► frames ─► write ─► (give staging back) ─► sync ─► durable LSN
///              └─ does not fit ─► sync ─► header of the next, synced ─► manifest, synced ─► go on there
/// ```
@SuppressWarnings("NonAtomicVolatileUpdate") // counters with one writer at a time: the lease holder
final class GroupWriter {
  private static final long GROUP_BYTES = 32L << 20; // a group ends when so much was taken

  private final Storage storage;
  private final Staging staging;
  private final Space space;
  private final Spares spares;
  private final OwnSegments own;
  private final SegmentWriter writer;
  private final FrameWriter frames;
  private final Meters meters;
  private final SegmentChange change;

  // All below: owned by the lease holder. The volatile ones are read by anybody.
  private volatile long writtenLsn;
  private volatile long durableLsn;
  private long promisedLsn;
  private volatile @Nullable LargeBatch large; // set by the one appender that has its turn
  private volatile long payloadBytes;
  private long takenBytes; // becomes payloadBytes with every write

  /// @param lastLsn the last LSN in the log; durable
  /// @param onActivated told of each new active segment
  GroupWriter(
      Host host,
      Storage storage,
      Staging staging,
      Space space,
      Spares spares,
      OwnSegments own,
      ManifestFile manifest,
      SegmentWriter writer,
      Meters meters,
      long lastLsn,
      Consumer<SegmentHeader> onActivated) {
    this.storage = storage;
    this.staging = staging;
    this.space = space;
    this.spares = spares;
    this.own = own;
    this.writer = writer;
    this.meters = meters;
    this.frames = writer.frames();
    change = new SegmentChange(host, storage, manifest, writer, meters, onActivated);
    writtenLsn = lastLsn;
    durableLsn = lastLsn;
    promisedLsn = writer.header().durableLsn();
  }

  long writtenLsn() {
    return writtenLsn;
  }

  long durableLsn() {
    return durableLsn;
  }

  long payloadBytes() {
    return payloadBytes;
  }

  SegmentWriter writer() {
    return writer;
  }

  /// {@return whether a durable LSN is not yet promised in any frame}
  boolean owesMark() {
    return durableLsn > promisedLsn && writer.hasRoomForMark();
  }

  /// {@return whether a record was written to the active segment}
  boolean holdsRecords() {
    return writtenLsn >= writer.header().firstLsn();
  }

  /// {@return when the active segment was activated}
  long activatedNanos() {
    return change.activatedNanos();
  }

  /// Hands over a batch whose slot will be claimed next, or takes it back with null. One at a time.
  void offer(@Nullable LargeBatch next) {
    large = next;
  }

  /// Writes what is staged, without syncing it.
  ///
  /// @param mayRotate whether segments may be changed; if not, stops before what does not fit
  /// @return whether anything was written
  boolean writeGroup(boolean mayRotate) throws IOException {
    long before = staging.nextLsn();
    long writtenBefore = writer.writtenBytes;
    GroupEvent event = GroupEvent.begun();
    long taken = 0;
    while (taken < GROUP_BYTES && staging.isReady()) {
      if (staging.isReference()) {
        if (!mayRotate) {
          break;
        }
        writeLarge();
        continue;
      }
      int units = staging.unitsOfBatch();
      long bytes = (long) units * FrameLayout.ALIGNMENT;
      if (bytes > writer.restBytes()) {
        if (!mayRotate) {
          break;
        }
        rotate(true);
        continue;
      }
      take(units);
      taken += bytes;
      if (frames.bufferedBytes() >= SegmentWriter.WRITE_BYTES) {
        write();
      }
    }
    write();
    boolean any = staging.nextLsn() != before;
    if (any) {
      long records = staging.nextLsn() - before;
      long bytes = writer.writtenBytes - writtenBefore;
      meters.grouped(records, bytes);
      if (event != null) {
        event.done(storage.description(), writtenLsn, records, bytes);
      }
    }
    return any;
  }

  private void take(int units) {
    int left = staging.left();
    if (staging.isVoid()) {
      takeVoid(left);
      staging.skip(units, left);
    } else if (left == 1) {
      int length = staging.length();
      makeRoom(length + (long) FrameLayout.LENGTH_BYTES);
      frames.add(staging.nextLsn(), staging, length);
      staging.skip(units, 1);
      takenBytes += length;
    } else {
      takeBatch(left);
    }
  }

  private void makeRoom(long bytes) {
    if (frames.isOpen() && !frames.canShare(bytes)) {
      frames.close(FrameLayout.FLAGS_ALONE, durableLsn);
      promisedLsn = durableLsn;
    }
  }

  private void takeVoid(int records) {
    meters.voided(records);
    for (int i = 0; i < records; i++) {
      makeRoom(FrameLayout.LENGTH_BYTES);
      frames.addVoid(staging.nextLsn() + i);
    }
  }

  private void takeBatch(int records) {
    long bytes = staging.framedBytesOfBatch();
    makeRoom(bytes);
    boolean split = bytes > FrameLayout.MAX_SHARED_PAYLOAD_BYTES;
    boolean first = true;
    for (int i = 0; i < records; i++) {
      int length = staging.length();
      if (split && frames.isOpen() && !frames.canShare(length + (long) FrameLayout.LENGTH_BYTES)) {
        frames.close(first ? FrameLayout.FLAG_FIRST : 0, durableLsn);
        first = false;
      }
      frames.add(staging.nextLsn(), staging, length);
      staging.skip(Staging.unitsFor(length), 1);
      takenBytes += length;
    }
    if (split) {
      frames.close(first ? FrameLayout.FLAGS_ALONE : FrameLayout.FLAG_LAST, durableLsn);
    }
  }

  // Writes the frames and gives back the staging they came from.
  private void write() throws IOException {
    if (frames.isOpen()) {
      frames.close(FrameLayout.FLAGS_ALONE, durableLsn);
    }
    if (frames.bufferedBytes() > 0) {
      promisedLsn = durableLsn;
      writer.write();
    }
    long unit = staging.release();
    space.consumed(unit, writer.restBytes());
    writtenLsn = staging.nextLsn() - 1;
    payloadBytes = takenBytes;
  }

  private void writeLarge() throws IOException {
    write();
    LargeBatch turn = large;
    if (turn == null) {
      throw new IllegalStateException("a slot refers to a batch that was not handed over");
    }
    if (LargeBatch.framedBytes(turn.batch()) <= writer.restBytes()) {
      own.giveBack(turn.spare());
    } else {
      SegmentChange.Begun begun = change.begin();
      sync();
      goTo(() -> own.above(writer.header().number(), turn.spare()), begun);
      spares.renumberBelow(writer.header().number());
    }
    turn.write(writer, staging.nextLsn(), durableLsn);
    promisedLsn = durableLsn;
    staging.skip(1, turn.batch().count());
    takenBytes += turn.batch().payloadBytes();
    large = null;
    // First what is left of the segment, then that it counts again: the other way round, claims
    // would be admitted to the room the batch has just taken.
    write();
    space.reference(false);
  }

  /// Syncs what was written before this call, and raises the durable LSN to it.
  void sync() throws IOException {
    long written = writtenLsn;
    SyncEvent event = writer.isUnsynced() ? SyncEvent.begun() : null;
    writer.sync();
    durableLsn = written;
    if (event != null) {
      event.done(storage.description(), writer.header().number(), written);
    }
  }

  /// Seals the active segment, in which everything is synced then, and activates the oldest spare.
  ///
  /// @param reserveToo whether the last spare may be taken: for what was admitted already
  /// @throws dev.tidemark.wal.WalFullException if there is no spare; the active segment is synced
  ///   and goes on
  void rotate(boolean reserveToo) throws IOException {
    SegmentChange.Begun begun = change.begin();
    write();
    sync();
    goTo(() -> spares.take(reserveToo), begun);
  }

  // Everything written is synced, and all of it stands in the header of the next.
  private void goTo(SegmentChange.Next next, SegmentChange.Begun begun) throws IOException {
    change.to(next, writtenLsn, begun);
    promisedLsn = writtenLsn;
    space.consumed(staging.release(), writer.restBytes());
  }

  /// Writes a frame that promises the durable LSN. It is not synced, and no ack waits for it.
  void mark() throws IOException {
    frames.addEmpty(FrameLayout.KIND_MARK, writtenLsn + 1, durableLsn);
    promisedLsn = durableLsn;
    writer.write();
    space.consumed(staging.release(), writer.restBytes());
  }

  /// Writes and syncs the frame that says the log was closed. Everything staged must be durable.
  ///
  /// Not into a segment without a record: its header promises all there is, and the next open goes
  /// on in it. With a seal it would have to begin another, and opening and closing would add
  /// segments. Nor if the disk is full: then the next open has to go on in it, too, and a mark
  /// vouches for what a seal would.
  void seal() throws IOException {
    if (!holdsRecords()) {
      return;
    }
    if (!spares.isAnotherPossible()) {
      if (owesMark()) {
        mark();
        writer.sync();
      }
      return;
    }
    frames.addEmpty(FrameLayout.KIND_SEAL, writtenLsn + 1, durableLsn);
    writer.write();
    writer.sync();
  }
}
