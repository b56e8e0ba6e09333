package dev.tidemark.wal;

import java.io.IOException;

/// A cursor with a name, whose acknowledged LSN is durable and holds the low-water mark, open or
/// not.
///
/// It delivers what is behind its last durable ack, first what is in the log already and then what
/// becomes durable, and each record again after a crash until it is acknowledged. As a [Cursor] it
/// is for one thread at a time; [#ack], [#acked] and [#name] are for any.
///
/// If retention was allowed to overtake it ([WalOptions#retentionMayOvertake()]) and did, `next`
/// answers [LsnGoneException] with the first LSN available, again and again, until an ack accepts
/// the loss: `ack(e.firstAvailable() - 1)`. Nothing is skipped without that.
public interface Subscription extends Cursor {

  /// {@return its name}
  String name();

  /// {@return the largest LSN that is durably acknowledged; the one before its start if none was}
  long acked();

  /// Says that all records up to an LSN are dealt with. Durable on return; acks of several
  /// subscriptions at the same time share one sync.
  ///
  /// An LSN that was acknowledged before changes nothing. One that this cursor has not delivered
  /// yet is taken, and the cursor goes on where it is; behind a crash it begins after the ack.
  ///
  /// @param lsn the largest LSN that is dealt with; at most [Wal#durableLsn()]
  /// @throws IllegalArgumentException if `lsn` is beyond the durable LSN; nothing changed
  /// @throws IllegalStateException if this subscription or the log is closed
  /// @throws WalFailedException if the log has failed, or this ack could not be made durable, which
  ///   fails the log; whether it survives is then unknown
  /// @throws IOException never anything but the above
  void ack(long lsn) throws IOException;

  /// Lets go of the name, which goes on holding the low-water mark at its last ack. Idempotent.
  @Override
  void close();
}
