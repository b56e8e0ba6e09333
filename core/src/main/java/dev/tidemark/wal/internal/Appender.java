package dev.tidemark.wal.internal;

import dev.tidemark.wal.Batch;
import dev.tidemark.wal.WalFailedException;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.internal.jfr.AppendEvent;
import dev.tidemark.wal.internal.meter.Meters;
import dev.tidemark.wal.storage.Host;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;

/// The way in: checks a record or a batch, claims its place, copies it, publishes it, and waits as
/// the policy says.
///
/// Everything that can be refused is refused before the claim. Safe for use by any thread.
final class Appender {
  private static final int MAX_BATCH_RECORDS = 1 << 30;

  /// In place of the time an append began: it is not timed.
  static final long NOT_TIMED = Long.MIN_VALUE;

  private final Host host;
  private final WalOptions options;
  private final Failure failure;
  private final Staging staging;
  private final Space space;
  private final OwnSegments own;
  private final GroupWriter group;
  private final Committer committer;
  private final Waiters acks;
  private final Completions completions;
  private final Meters meters;
  private final int stagedBatchUnits;
  private final HostLock largeBatches; // one by reference at a time

  Appender(
      Host host,
      WalOptions options,
      Failure failure,
      Staging staging,
      Space space,
      OwnSegments own,
      GroupWriter group,
      Committer committer,
      Waiters acks,
      Completions completions,
      Meters meters) {
    this.host = host;
    largeBatches = new HostLock(host);
    this.options = options;
    this.failure = failure;
    this.staging = staging;
    this.space = space;
    this.own = own;
    this.group = group;
    this.committer = committer;
    this.acks = acks;
    this.completions = completions;
    this.meters = meters;
    stagedBatchUnits = stagedBatchUnits(options);
  }

  /// {@return the largest claim there can be, in bytes}
  static long largestClaimBytes(WalOptions options) {
    int record = Staging.unitsFor(options.maxRecordBytes());
    return (long) Math.max(record, stagedBatchUnits(options)) * FrameLayout.ALIGNMENT;
  }

  // The largest batch that goes through staging, in units: a larger one would keep others out for
  // long.
  private static int stagedBatchUnits(WalOptions options) {
    long area = SegmentWriter.areaBytes(options.segmentBytes());
    return (int) (Math.min(options.stagingBytes(), area) / 4 / FrameLayout.ALIGNMENT);
  }

  /// Appends one record; the contract is [dev.tidemark.wal.Wal#append(MemorySegment)].
  long append(MemorySegment payload) throws IOException {
    return append(payload, Staging.Kind.ORDINARY);
  }

  /// Appends one record; the contract is [dev.tidemark.wal.Wal#appendControl(MemorySegment)].
  long appendControl(MemorySegment payload) throws IOException {
    return append(payload, Staging.Kind.CONTROL);
  }

  private long append(MemorySegment payload, Staging.Kind kind) throws IOException {
    int length = checkedLength(payload);
    int units = Staging.unitsFor(length);
    Committer.checkStack();
    AppendEvent event = AppendEvent.begun();
    long claim = space.claim(units, 1, kind);
    long lsn = staging.lsn(claim);
    long begun = copy(claim, lsn, units, payload);
    staging.publish(claim, lsn);
    committer.await(lsn);
    appended(begun);
    if (event != null) {
      event.done(failure.log(), lsn, 1, length);
    }
    return lsn;
  }

  /// {@return the time, if the append of this LSN is timed}
  private long begun(long lsn) {
    return meters.timesAppend(lsn) ? host.nanoTime() : NOT_TIMED;
  }

  private void appended(long begun) {
    if (begun != NOT_TIMED) {
      meters.appended(host.nanoTime() - begun);
    }
  }

  private int checkedLength(MemorySegment payload) {
    if (payload.byteSize() > options.maxRecordBytes()) {
      throw new IllegalArgumentException(
          "a record of "
              + payload.byteSize()
              + " bytes is larger than maxRecordBytes "
              + options.maxRecordBytes());
    }
    return (int) payload.byteSize();
  }

  private long copy(long claim, long lsn, int units, MemorySegment payload) {
    try {
      long begun = begun(lsn);
      committer.noteStaged();
      staging.put(claim, 0, 1, payload);
      return begun;
    } catch (Throwable e) {
      staging.publishVoid(claim, lsn, units, 1);
      committer.nudge();
      throw e;
    }
  }

  /// Stages one record; the contract is [dev.tidemark.wal.Wal#appendAsync].
  CompletableFuture<Long> appendAsync(MemorySegment payload) throws IOException {
    int length = checkedLength(payload);
    int units = Staging.unitsFor(length);
    Committer.checkStack();
    long claim = space.claim(units, 1, Staging.Kind.ORDINARY);
    long lsn = staging.lsn(claim);
    CompletableFuture<Long> future;
    long begun;
    boolean atOnce;
    try {
      begun = begun(lsn);
      atOnce = committer.acknowledgesStaged();
      future = atOnce ? CompletableFuture.completedFuture(lsn) : completions.register(lsn, begun);
      committer.noteStaged();
      staging.put(claim, 0, 1, payload);
    } catch (Throwable e) {
      completions.cancel(lsn);
      staging.publishVoid(claim, lsn, units, 1);
      committer.nudge();
      throw e;
    }
    staging.publish(claim, lsn);
    committer.nudge();
    if (atOnce) {
      appended(begun);
    }
    return future;
  }

  /// Appends a batch; the contract is [dev.tidemark.wal.Wal#append(Batch)].
  long append(Batch batch) throws IOException {
    int units = checkedUnits(batch);
    return units > stagedBatchUnits
        ? appendByReference(batch)
        : append(batch, units, Staging.Kind.ORDINARY);
  }

  /// Appends a batch; the contract is [dev.tidemark.wal.Wal#appendControl(Batch)].
  long appendControl(Batch batch) throws IOException {
    int units = checkedUnits(batch);
    if (units > stagedBatchUnits) {
      throw new IllegalArgumentException(
          "a batch of control records may take a quarter of staging, which is "
              + stagedBatchUnits * FrameLayout.ALIGNMENT
              + " bytes with a header of "
              + (FrameLayout.HEADER_BYTES + Staging.SLOT_HEADER_BYTES)
              + " bytes for each: "
              + (long) units * FrameLayout.ALIGNMENT);
    }
    return append(batch, units, Staging.Kind.CONTROL);
  }

  private long append(Batch batch, int units, Staging.Kind kind) throws IOException {
    Committer.checkStack();
    AppendEvent event = AppendEvent.begun();
    long claim = space.claim(units, batch.count(), kind);
    long lsn = staging.lsn(claim);
    long begun;
    try {
      begun = begun(lsn);
      committer.noteStaged();
      for (int i = 0, slot = 0; i < batch.count(); i++) {
        staging.put(claim, slot, batch, i);
        slot += Staging.unitsFor(batch.recordBytes(i));
      }
    } catch (Throwable e) {
      staging.publishVoid(claim, lsn, units, batch.count());
      committer.nudge();
      throw e;
    }
    staging.publish(claim, lsn);
    long last = lsn + batch.count() - 1;
    committer.await(last);
    appended(begun);
    if (event != null) {
      event.done(failure.log(), last, batch.count(), batch.payloadBytes());
    }
    return last;
  }

  /// Refuses a batch of more records than a claim can tell apart from none: the claim word holds
  /// the low 31 bits of the LSN, and what is staged comes on top.
  static void checkCount(int records) {
    if (records > MAX_BATCH_RECORDS) {
      throw new IllegalArgumentException(
          "a batch of " + records + " records has more than " + MAX_BATCH_RECORDS);
    }
  }

  // The units of all its slots; more than any ring has if they do not fit an int.
  private int checkedUnits(Batch batch) {
    if (batch.count() == 0) {
      throw new IllegalArgumentException("the batch is empty");
    }
    checkCount(batch.count());
    if (batch.payloadBytes() > options.maxBatchBytes()) {
      throw new IllegalArgumentException(
          "a batch of "
              + batch.payloadBytes()
              + " bytes is larger than maxBatchBytes "
              + options.maxBatchBytes());
    }
    long units = 0;
    for (int i = 0; i < batch.count(); i++) {
      int length = batch.recordBytes(i);
      if (length > options.maxRecordBytes()) {
        throw new IllegalArgumentException(
            "record "
                + i
                + " of the batch has "
                + length
                + " bytes, more than maxRecordBytes "
                + options.maxRecordBytes());
      }
      units += Staging.unitsFor(length);
    }
    return (int) Math.min(units, Integer.MAX_VALUE);
  }

  // Too large for staging: the I/O thread takes it straight from the batch, behind one slot that
  // stands for it.
  // Its segment is prepared before anything is claimed.
  private long appendByReference(Batch batch) throws IOException {
    long needed = LargeBatch.framedBytes(batch) + SegmentHeader.BYTES;
    long overhead = options.segmentBytes() - SegmentWriter.areaBytes(options.segmentBytes());
    long fileBytes = Math.max(options.segmentBytes(), FrameLayout.align(needed + overhead));
    Committer.checkStack();
    AppendEvent event = AppendEvent.begun();
    largeBatches.lock();
    try {
      failure.check();
      Spares.Spare spare = own.prepare(fileBytes);
      long claim;
      try {
        group.offer(new LargeBatch(batch, spare));
        space.reference(true);
        claim = space.claim(1, batch.count(), Staging.Kind.REFERENCE);
      } catch (Throwable e) {
        space.reference(false);
        group.offer(null);
        own.giveBack(spare);
        throw e;
      }
      long lsn = staging.lsn(claim);
      long begun = begun(lsn);
      committer.noteStaged();
      staging.putReference(claim, batch.count());
      staging.publish(claim, lsn);
      committer.nudge();
      long last = awaitTaken(lsn + batch.count() - 1);
      appended(begun);
      if (event != null) {
        event.done(failure.log(), last, batch.count(), batch.payloadBytes());
      }
      return last;
    } finally {
      largeBatches.unlock();
    }
  }

  private long awaitTaken(long lsn) throws WalFailedException {
    try {
      acks.await(lsn);
    } catch (WalFailedException e) {
      // The batch may still be read, and it is the caller's again on return: changed under the
      // writer's hands, bytes that nobody appended could become part of the log.
      committer.awaitNobodyWrites();
      throw e;
    }
    return lsn;
  }
}
