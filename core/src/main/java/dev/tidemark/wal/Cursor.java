package dev.tidemark.wal;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;

/// A forward walk over records, up to the durable LSN and on as that grows.
///
/// LSNs grow, by one except where there is a hole ([Wal#holes()]) or a record stayed empty. Damage
/// that nobody accepted is never passed over: it is [CorruptWalException]. Of a batch larger than
/// 256 KiB in which something is damaged, records before the damage may be delivered.
///
/// For one thread at a time. While open it holds the low-water mark: no record it has yet to
/// deliver is removed (unless it is the cursor of a [WalReader], which holds nothing). Every
/// checksum is verified before a byte is delivered.
public interface Cursor extends AutoCloseable {

  /// Moves to the next record.
  ///
  /// @return true if there is one; false if the durable LSN was reached, in which case a later call
  ///   may find more
  /// @throws CorruptWalException if a record that was promised durable is damaged; later calls
  ///   answer the same
  /// @throws LsnGoneException if the record was removed: to the cursor of a [WalReader], or because
  ///   retention was allowed to overtake this one ([WalOptions#retentionMayOvertake()]); later
  ///   calls answer the same, and nothing is skipped
  /// @throws IllegalStateException if the cursor or the log is closed
  /// @throws IOException if the storage fails, or if it reads through channels and the thread is
  ///   interrupted (`ClosedByInterruptException`); a later call goes on from where this one was
  boolean next() throws IOException;

  /// Moves to the next record, waiting for one to become durable.
  ///
  /// @param timeout how long to wait
  /// @return true if there is one; false if the time passed
  /// @throws InterruptedException if the thread is interrupted; the cursor stays where it is
  /// @throws WalFailedException if the log has failed and everything durable was delivered
  /// @throws IOException as [#next()]
  boolean next(Duration timeout) throws IOException, InterruptedException;

  /// {@return the LSN of the record the cursor is on}
  ///
  /// @throws IllegalStateException if the cursor is not on a record
  long lsn();

  /// {@return whether the record is durable. It always is, but for a cursor that was asked to go
  /// further, [WalReader#readUnproven]}
  ///
  /// @throws IllegalStateException if the cursor is not on a record
  default boolean isProven() {
    long _ = lsn();
    return true;
  }

  /// {@return the record's bytes, read-only, valid until the next call of `next` or `close`}
  ///
  /// @throws IllegalStateException if the cursor is not on a record
  MemorySegment payload();

  /// {@return a copy of the record's bytes, the caller's own}
  ///
  /// @throws IllegalStateException if the cursor is not on a record
  default byte[] bytes() {
    return payload().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
  }

  /// Lets go of the low-water mark. Idempotent.
  @Override
  void close();
}
