package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.wal.Batch;
import dev.tidemark.wal.Checkpoint;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.Subscription;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalFullException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// What one thread sent to a log, and what the log promised about it: the measure for what a
/// recovery may show. Written by that thread; read by any that stops it in between.
final class Sent {
  /// What was known at one moment. A record below `lowWater` may be gone once its truncation was
  /// asked for, and is gone once that returned.
  ///
  /// @param acknowledged the last LSN whose append returned
  /// @param durable the durable LSN of the log
  /// @param attempted the last LSN whose append was begun
  /// @param truncated what was truncated for sure
  /// @param truncating what may be truncated
  /// @param acks where its subscriptions stand
  /// @param checkpoint the LSN of a checkpoint that is there for sure, 0 if none is
  /// @param checkpointing the largest that may be
  record Known(
      long acknowledged,
      long durable,
      long attempted,
      long truncated,
      long truncating,
      SentAcks.Known acks,
      long checkpoint,
      long checkpointing) {
    /// Before any power cut can have been seen: what was acknowledged was written.
    Known afterAKill() {
      return withDurable(Math.max(acknowledged, durable));
    }

    Known atLeast(long lastLsn) {
      return withDurable(Math.max(durable, lastLsn));
    }

    private Known withDurable(long lsn) {
      return new Known(
          acknowledged, lsn, attempted, truncated, truncating, acks, checkpoint, checkpointing);
    }

    /// What is certain at some moment from this on, and what may be up to a later one.
    Known upTo(Known later) {
      return new Known(
          acknowledged,
          durable,
          later.attempted,
          truncated,
          later.truncating,
          acks.upTo(later.acks),
          checkpoint,
          later.checkpointing);
    }
  }

  private final boolean acknowledgedIsDurable;
  private final List<byte[]> records = new ArrayList<>(); // guarded by this
  private final List<Long> batchEnds = new ArrayList<>(); // guarded by this; of every append
  private long acknowledged; // guarded by this
  private long durable; // guarded by this
  private long truncated = 1; // guarded by this
  private long truncating = 1; // guarded by this
  private final SentAcks acks = new SentAcks(); // guarded by this
  private boolean prunedByAcks; // guarded by this
  private long checkpoint; // guarded by this
  private long checkpointing; // guarded by this

  /// What is durable is what the log says.
  Sent() {
    this(false);
  }

  /// @param acknowledgedIsDurable whether whatever an append returned is durable; if not, what the
  ///   log says is
  Sent(boolean acknowledgedIsDurable) {
    this.acknowledgedIsDurable = acknowledgedIsDurable;
  }

  private synchronized byte[] next(int bytes) {
    byte[] record = new byte[bytes];
    for (int i = 0; i < bytes; i++) {
      record[i] = (byte) (records.size() * 31 + i);
    }
    records.add(record);
    return record;
  }

  void append(Wal wal, int bytes) throws IOException {
    byte[] record;
    synchronized (this) {
      record = next(bytes);
      batchEnds.add((long) records.size());
    }
    acknowledged(wal, wal.append(record));
  }

  /// Appends control records and others, as long as any is taken.
  ///
  /// @param controls how many control records at most
  void fill(Wal wal, int bytes, int controls) throws IOException {
    while (taken(wal, bytes, false)) {
      // until the disk is full
    }
    for (int i = 0; i < controls && taken(wal, 30, true); i++) {
      // from the reserve
    }
  }

  private boolean taken(Wal wal, int bytes, boolean control) throws IOException {
    byte[] record;
    synchronized (this) {
      record = next(bytes);
      batchEnds.add((long) records.size());
    }
    try {
      acknowledged(wal, control ? wal.appendControl(record) : wal.append(record));
      return true;
    } catch (WalFullException e) { // it was assigned nothing
      synchronized (this) {
        records.removeLast();
        batchEnds.removeLast();
      }
      return false;
    }
  }

  /// Its future tells when it is acknowledged; nothing here does.
  CompletableFuture<Long> appendAsync(Wal wal, int bytes) throws IOException {
    byte[] record;
    synchronized (this) {
      record = next(bytes);
      batchEnds.add((long) records.size());
    }
    return wal.appendAsync(MemorySegment.ofArray(record));
  }

  void appendBatch(Wal wal, int count, int bytes) throws IOException {
    Batch batch = new Batch();
    synchronized (this) {
      for (int i = 0; i < count; i++) {
        batch.add(next(bytes));
      }
      batchEnds.add((long) records.size());
    }
    acknowledged(wal, wal.append(batch));
  }

  private synchronized void acknowledged(Wal wal, long lsn) {
    assertThat(lsn).isEqualTo(records.size());
    acknowledged = lsn;
    durable = acknowledgedIsDurable ? lsn : wal.durableLsn();
  }

  void sync(Wal wal) throws IOException {
    long lsn = wal.sync();
    synchronized (this) {
      durable = lsn;
    }
  }

  void truncateBefore(Wal wal, long lsn) throws IOException {
    synchronized (this) {
      truncating = lsn;
    }
    wal.truncateBefore(lsn);
    synchronized (this) {
      truncated = lsn;
    }
  }

  synchronized Known known() {
    return new Known(
        acknowledged,
        durable,
        records.size(),
        truncated,
        truncating,
        acks.known(),
        checkpoint,
        checkpointing);
  }

  /// From now on retention may remove any record that is not in the newest segment.
  synchronized void retained() {
    truncating = Long.MAX_VALUE;
  }

  // ---- checkpoints

  void checkpoint(Wal wal, long lsn) throws IOException {
    synchronized (this) {
      checkpointing = lsn;
      truncating = Math.max(truncating, lsn + 1);
    }
    wal.checkpoint(lsn, target -> target.write(snapshot(lsn)));
    synchronized (this) {
      checkpoint = lsn;
    }
  }

  /// What a checkpoint at an LSN holds.
  static byte[] snapshot(long lsn) {
    byte[] bytes = new byte[(int) (lsn * 9000)];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (i * 7L + lsn);
    }
    return bytes;
  }

  private static void checkCheckpoint(Wal wal, Known known) throws IOException {
    assertThat(wal.recovery().damagedCheckpoint()).isEmpty();
    long lsn = wal.checkpoint().map(Checkpoint::lsn).orElse(0L);
    assertThat(lsn).as("checkpoint").isBetween(known.checkpoint(), known.checkpointing());
    if (lsn > 0) {
      assertThat(wal.firstLsn()).as("what goes on from it").isLessThanOrEqualTo(lsn + 1);
      try (InputStream in = wal.checkpoint().orElseThrow().open()) {
        assertThat(in.readAllBytes()).isEqualTo(snapshot(lsn));
      }
    }
  }

  // ---- subscriptions

  /// From now on acks may remove records.
  synchronized void prunedByAcks() {
    prunedByAcks = true;
  }

  void subscribe(Wal wal, String name) throws IOException {
    synchronized (this) {
      long first = wal.firstLsn();
      acks.begin(name, first - 1, prunedByAcks ? Math.max(first, acks.needed()) - 1 : first - 1);
    }
    long acked;
    try (Subscription subscription = wal.subscribe(name)) {
      acked = subscription.acked();
    }
    synchronized (this) {
      acks.acked(name, acked);
    }
  }

  void ack(Wal wal, String name, long lsn) throws IOException {
    synchronized (this) {
      acks.acking(name, lsn);
      truncating = prunedByAcks ? Math.max(truncating, acks.needed()) : truncating;
    }
    try (Subscription subscription = wal.subscribe(name)) {
      subscription.ack(lsn);
    }
    synchronized (this) {
      acks.acked(name, lsn);
    }
  }

  void unsubscribe(Wal wal, String name) throws IOException {
    synchronized (this) {
      acks.end(name);
      truncating = prunedByAcks ? Math.max(truncating, acks.needed()) : truncating;
    }
    wal.unsubscribe(name);
    synchronized (this) {
      acks.ended(name);
    }
  }

  /// Checks what a recovered log shows: acknowledged ⊆ shown ⊆ attempted, in order, byte for byte,
  /// each once, batches whole.
  ///
  /// @return the last LSN it shows
  synchronized long check(Wal wal, Known known) throws IOException {
    long last = wal.recovery().lastLsn();
    assertThat(last).as("last LSN").isBetween(known.durable(), known.attempted());
    long first;
    long next;
    try (Cursor cursor = wal.read()) { // what it is at, nobody removes
      first = wal.firstLsn();
      next = first;
      while (cursor.next()) {
        assertThat(cursor.lsn()).isEqualTo(next);
        assertThat(cursor.bytes()).isEqualTo(records.get((int) next - 1));
        next++;
      }
    }
    if (last > 0) {
      // Where no record is left, the log goes on behind LSNs of a torn write that nobody has.
      long most = first > last ? Math.max(known.truncating(), first) : known.truncating();
      assertThat(first).as("first LSN").isBetween(known.truncated(), most);
      assertThat(batchEnds.contains(last)).as("a batch is cut at LSN %s", last).isTrue();
    }
    known.acks().check(wal);
    checkCheckpoint(wal, known);
    assertThat(next).as("records end").isEqualTo(Math.max(first, last + 1));
    return last;
  }
}
