package dev.tidemark.leveldb;

import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.leveldb.BatchReader;
import dev.tidemark.formats.leveldb.BatchWriter;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// One call that writes, in the queue of those that wait to.
///
/// What it writes belongs to the caller, who waits until it is done, so nothing is copied before it
/// is in the log and the memory table.
final class Writer {
  static final int WAITS = 0;
  static final int PARKED = 1;
  static final int LEADS = 2;
  static final int DONE = 3;

  /// Beside key and value, about, in bytes.
  private static final int OVERHEAD_BYTES = 24;

  private final byte @Nullable [] key;
  private final byte @Nullable [] value;
  private final @Nullable WriteBatch batch;
  private final boolean sync;
  private final Thread thread = Thread.currentThread();

  /// One of the above; whoever sets it to LEADS or DONE hands over all that is below.
  private final AtomicInteger state = new AtomicInteger(WAITS);

  /// The one that came before, until it is done. Written before this is in the queue; then by who
  /// leads.
  @Nullable Writer older;

  /// The one that came next, where known. Owned by who leads.
  @Nullable Writer newer;

  /// Why it could not be written. Written by who leads, before the state.
  @Nullable Throwable error;

  private Writer(
      byte @Nullable [] key, byte @Nullable [] value, @Nullable WriteBatch batch, boolean sync) {
    this.key = key;
    this.value = value;
    this.batch = batch;
    this.sync = sync;
  }

  static Writer put(byte[] key, byte[] value, boolean sync) {
    return new Writer(key, value, null, sync);
  }

  static Writer delete(byte[] key, boolean sync) {
    return new Writer(key, null, null, sync);
  }

  static Writer batch(WriteBatch batch, boolean sync) {
    return new Writer(null, null, batch, sync);
  }

  /// {@return one that writes nothing and has its turn alone}
  static Writer alone() {
    return new Writer(null, null, null, true);
  }

  boolean isAlone() {
    return key == null && batch == null;
  }

  boolean sync() {
    return sync;
  }

  /// {@return about how many bytes it takes in a record}
  long bytes() {
    if (batch != null) {
      return batch.bytes();
    }
    return OVERHEAD_BYTES + (key == null ? 0L : key.length) + (value == null ? 0L : value.length);
  }

  /// Adds what it writes to a record.
  void addTo(BatchWriter record) {
    if (batch != null) {
      record.addAll(batch.operations());
    } else if (key != null && value != null) {
      record.put(ByteBuffer.wrap(key), ByteBuffer.wrap(value));
    } else if (key != null) {
      record.delete(ByteBuffer.wrap(key));
    }
  }

  /// Adds what it writes to a memory table.
  ///
  /// @param sequence of its first operation
  /// @return the sequence behind its last one
  long addTo(MemTable table, long sequence) throws FormatException {
    if (batch != null) {
      BatchReader operations = BatchReader.of(batch.operations().payload(sequence));
      return Operations.apply(operations, table);
    }
    if (key == null) {
      return sequence;
    }
    if (value != null) {
      table.add(InternalKeys.of(key, sequence, InternalKeys.PUT), value.clone());
    } else {
      table.add(InternalKeys.of(key, sequence, InternalKeys.DELETED), Operations.NO_VALUE);
    }
    return sequence + 1;
  }

  // ---- waiting

  /// Waits until somebody hands over.
  ///
  /// An interrupt does not end the wait: what was written may be in the log already. It is kept for
  /// whoever looks next.
  ///
  /// @return LEADS or DONE
  int await() {
    boolean interrupted = false;
    int now = state.get();
    if (now == WAITS && state.compareAndSet(WAITS, PARKED)) {
      now = PARKED;
      while (now == PARKED) {
        LockSupport.park(this);
        interrupted |= Thread.interrupted();
        now = state.get();
      }
    } else {
      now = state.get();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return now;
  }

  /// Hands over.
  void wake(int next) {
    if (state.getAndSet(next) == PARKED) {
      LockSupport.unpark(thread);
    }
  }
}
