package dev.tidemark.wal.internal;

import dev.tidemark.wal.Batch;
import dev.tidemark.wal.Stall;
import dev.tidemark.wal.internal.jfr.GroupEvent;
import dev.tidemark.wal.internal.jfr.RotateEvent;
import dev.tidemark.wal.internal.jfr.SyncEvent;
import dev.tidemark.wal.internal.meter.Meters;
import dev.tidemark.wal.storage.Host;
import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
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
  private static final int BOTH = FrameLayout.FLAG_FIRST | FrameLayout.FLAG_LAST;

  // Frames are handed to the disk when this much is built, and a group ends when so much was taken.
  private static final int WRITE_BYTES = 1 << 20;
  private static final long GROUP_BYTES = 32L << 20;

  /// A batch too large for staging, with the segment that was prepared for it.
  record Reference(Batch batch, Spares.Spare spare) {}

  private final Host host;
  private final Storage storage;
  private final Staging staging;
  private final Space space;
  private final Spares spares;
  private final OwnSegments own;
  private final ManifestFile manifest;
  private final SegmentWriter writer;
  private final FrameWriter frames;
  private final Meters meters;
  private final Consumer<SegmentHeader> onActivated;

  // All below: owned by the lease holder. The volatile ones are read by anybody.
  private volatile long writtenLsn;
  private volatile long durableLsn;
  private long promisedLsn;
  private long activatedNanos;
  private volatile @Nullable Reference reference; // set by the one appender that has its turn
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
    this.host = host;
    this.storage = storage;
    this.staging = staging;
    this.space = space;
    this.spares = spares;
    this.own = own;
    this.manifest = manifest;
    this.writer = writer;
    this.meters = meters;
    this.frames = writer.frames();
    this.onActivated = onActivated;
    writtenLsn = lastLsn;
    durableLsn = lastLsn;
    promisedLsn = writer.header().durableLsn();
    activatedNanos = host.nanoTime();
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
    return activatedNanos;
  }

  /// Hands over a batch whose slot will be claimed next, or takes it back with null. One at a time.
  void offer(@Nullable Reference next) {
    reference = next;
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
        writeReference();
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
      if (frames.bufferedBytes() >= WRITE_BYTES) {
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
      frames.close(BOTH, durableLsn);
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
      frames.close(first ? BOTH : FrameLayout.FLAG_LAST, durableLsn);
    }
  }

  // Writes the frames and gives back the staging they came from.
  private void write() throws IOException {
    if (frames.isOpen()) {
      frames.close(BOTH, durableLsn);
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

  private void writeReference() throws IOException {
    write();
    Reference turn = reference;
    if (turn == null) {
      throw new IllegalStateException("a slot refers to a batch that was not handed over");
    }
    if (framedBytes(turn.batch()) <= writer.restBytes()) {
      own.giveBack(turn.spare());
    } else {
      long begun = host.nanoTime();
      RotateEvent event = RotateEvent.begun();
      long before = writer.header().number();
      sync();
      writer.disk().begin(Stall.Kind.ROTATION);
      Spares.Spare spare;
      try {
        spare = own.above(writer.header().number(), turn.spare());
        activate(spare);
      } finally {
        writer.disk().end();
      }
      rotated(begun, event, before);
      spares.renumberBelow(spare.number());
    }
    writeBatch(turn.batch());
    staging.skip(1, turn.batch().count());
    takenBytes += turn.batch().payloadBytes();
    reference = null;
    // First what is left of the segment, then that it counts again: the other way round, claims
    // would be admitted to the room the batch has just taken.
    write();
    space.reference(false);
  }

  // The durable LSN stays where it is until the last piece is written: it never stops inside a
  // batch.
  private void writeBatch(Batch batch) throws IOException {
    boolean first = true;
    for (int i = 0; i < batch.count(); i++) {
      long framed = batch.recordBytes(i) + (long) FrameLayout.LENGTH_BYTES;
      if (frames.isOpen() && !frames.canShare(framed)) {
        frames.close(first ? FrameLayout.FLAG_FIRST : 0, durableLsn);
        first = false;
        if (frames.bufferedBytes() >= WRITE_BYTES) {
          writer.write();
        }
      }
      frames.add(staging.nextLsn() + i, batch, i);
    }
    frames.close(first ? BOTH : FrameLayout.FLAG_LAST, durableLsn);
    promisedLsn = durableLsn;
    writer.write();
  }

  /// {@return what a batch takes on disk at most, in bytes}
  static long framedBytes(Batch batch) {
    long shared = FrameLayout.MAX_SHARED_PAYLOAD_BYTES;
    long bytes = 0;
    long open = 0;
    for (int i = 0; i < batch.count(); i++) {
      long framed = batch.recordBytes(i) + (long) FrameLayout.LENGTH_BYTES;
      if (open > 0 && open + framed > shared) {
        bytes += FrameLayout.align(FrameLayout.HEADER_BYTES + open);
        open = 0;
      }
      open += framed;
    }
    return bytes + FrameLayout.align(FrameLayout.HEADER_BYTES + open);
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
    long begun = host.nanoTime();
    RotateEvent event = RotateEvent.begun();
    long before = writer.header().number();
    write();
    sync();
    writer.disk().begin(Stall.Kind.ROTATION);
    try {
      activate(spares.take(reserveToo));
    } finally {
      writer.disk().end();
    }
    rotated(begun, event, before);
  }

  private void rotated(long begun, @Nullable RotateEvent event, long before) {
    meters.rotated(host.nanoTime() - begun);
    if (event != null) {
      SegmentHeader now = writer.header();
      event.done(storage.description(), before, now.number(), now.firstLsn(), now.fileBytes());
    }
  }

  // The header of the next segment is the authority on this one, so it comes after everything here
  // is durable, and
  // before the manifest that says it is there; frames come last.
  private void activate(Spares.Spare spare) throws IOException {
    SegmentHeader old = writer.header();
    assert spare.number() > old.number() : "numbers of activated segments ascend";
    Manifest log = manifest.current();
    long lastLsn = writtenLsn;
    SegmentHeader next =
        new SegmentHeader(
            log.logIdHigh(),
            log.logIdLow(),
            spare.number(),
            host.random(),
            spare.fileBytes(),
            lastLsn + 1,
            old.number(),
            old.nonce(),
            frames.end(),
            lastLsn,
            frames.chain(),
            lastLsn,
            spare.flags(),
            host.epochMillis());
    StorageFile file = storage.open(SegmentHeader.fileName(spare.number()));
    try {
      SegmentFiles.activate(file, next);
      manifest.change(current -> current.withActivated(next));
    } catch (Throwable e) {
      file.close();
      throw e;
    }
    writer.enter(next, file);
    promisedLsn = lastLsn;
    activatedNanos = host.nanoTime();
    onActivated.accept(next);
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
  /// segments.
  void seal() throws IOException {
    if (!holdsRecords()) {
      return;
    }
    frames.addEmpty(FrameLayout.KIND_SEAL, writtenLsn + 1, durableLsn);
    writer.write();
    writer.sync();
  }
}
