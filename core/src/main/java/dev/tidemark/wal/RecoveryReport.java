package dev.tidemark.wal;

import java.util.List;

/// What opening a log found, and what it did about it.
///
/// @param verdict how the log ended
/// @param firstLsn the smallest LSN that can be read; one more than `lastLsn` if there is no record
/// @param lastLsn the largest LSN recovered, 0 if none
/// @param promisedLsn the largest LSN that something on disk promised durable
/// @param unproven how many records above that promise were found whole, written again and synced
/// @param segments how many segments the log had
/// @param file the newest segment's file name, empty if there was none
/// @param end where its frames end, in bytes
/// @param cutBytes how many bytes behind the end hold something that is not a whole frame, 0 if
///   none
/// @param discardedFrom the smallest LSN lost with the cut, 0 if no record was recognisable there
/// @param discardedTo the largest LSN seen behind the cut, 0 if no record was recognisable there
/// @param damagedCheckpoint the file of the newest checkpoint if it was found damaged, never having
///   been verified: the one before holds, or none if it was the first, and no record that is then
///   needed was removed; empty if nothing is wrong
/// @param raisedAcks subscriptions whose last ack was lost to damage and found below the low-water
///   mark; they go on at the mark
/// @param nanos how long opening took
public record RecoveryReport(
    Verdict verdict,
    long firstLsn,
    long lastLsn,
    long promisedLsn,
    long unproven,
    int segments,
    String file,
    long end,
    long cutBytes,
    long discardedFrom,
    long discardedTo,
    String damagedCheckpoint,
    List<RaisedAck> raisedAcks,
    long nanos) {

  /// Copies the lists.
  public RecoveryReport {
    raisedAcks = List.copyOf(raisedAcks);
  }

  /// A subscription that goes on at the low-water mark, because the ack that was found is older.
  ///
  /// @param subscription its name
  /// @param found the ack that was found
  /// @param raisedTo the ack it goes on behind
  public record RaisedAck(String subscription, long found, long raisedTo) {}

  /// How a log ended.
  public enum Verdict {
    /// There was none; it was created.
    CREATED,
    /// It was closed: the frames end in a seal.
    SEALED,
    /// Nothing is behind its last whole frame: it was not closed, or nothing was appended since it
    /// was opened.
    CLEAN_END,
    /// Behind the last whole frame is something that nothing vouches for: a torn write, or rot of
    /// the last group. It was cut.
    UNVOUCHED_TAIL
  }

  /// {@return how many records the log holds}
  public long records() {
    return lastLsn - firstLsn + 1;
  }

  /// {@return the report as an operator would read it, on one line}
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(160);
    switch (verdict) {
      case CREATED -> text.append("created an empty log");
      case SEALED -> text.append("the log was closed properly");
      case CLEAN_END -> text.append("the log has no seal and a clean end");
      case UNVOUCHED_TAIL ->
          text.append("cut ")
              .append(cutBytes)
              .append(" bytes that nothing vouches for at byte ")
              .append(end)
              .append(" of ")
              .append(file)
              .append(" (a write the crash tore, never acknowledged as durable)");
    }
    if (discardedTo != 0) {
      text.append(", among them LSN ").append(discardedFrom).append(" to ").append(discardedTo);
    }
    if (records() == 0) {
      text.append("; it holds no record");
    } else {
      text.append("; LSN ").append(firstLsn).append(" to ").append(lastLsn);
      text.append(" in ").append(segments).append(segments == 1 ? " segment" : " segments");
    }
    if (unproven > 0) {
      text.append("; ").append(unproven).append(" records written again to make sure of them");
    }
    if (!damagedCheckpoint.isEmpty()) {
      text.append("; ").append(damagedCheckpoint).append(" is damaged and was set aside: ");
      text.append("what was there before it holds");
    }
    for (RaisedAck ack : raisedAcks) {
      text.append("; the last ack of subscription ").append(ack.subscription());
      text.append(" is damaged: it goes on behind LSN ").append(ack.raisedTo());
    }
    return text.append("; took ").append(nanos / 1_000_000).append(" ms").toString();
  }
}
