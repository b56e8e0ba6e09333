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
/// @param holes what this opening accepted as lost; holes of earlier ones are in [Wal#holes()]
/// @param setAside the new names of files that are no longer part of the log, in its directory
/// @param raisedLsn the next LSN, if it was raised above the last plus 1 so that no LSN is used
///   twice; 0 if not
/// @param manifestRebuilt whether the manifest was damaged and made again from the segments: then
///   the low-water mark is that of the oldest segment
/// @param verifiedBytes how many bytes of older segments were verified, 0 if that was not asked for
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
    List<Hole> holes,
    List<String> setAside,
    long raisedLsn,
    boolean manifestRebuilt,
    long verifiedBytes,
    long nanos) {

  /// Copies the lists.
  public RecoveryReport {
    raisedAcks = List.copyOf(raisedAcks);
    holes = List.copyOf(holes);
    setAside = List.copyOf(setAside);
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
    UNVOUCHED_TAIL,
    /// Something promised was damaged or missing, and [WalOptions#onCorruption()] said to go on
    /// without it.
    SALVAGED
  }

  /// {@return how many LSNs this opening gave up, because of damage}
  public long lostLsns() {
    return holes.stream().mapToLong(Hole::count).sum();
  }

  /// {@return how many LSNs there are from the first to the last: as many records, but for holes}
  public long records() {
    return lastLsn - firstLsn + 1;
  }

  /// {@return the report on several lines: what was found, what is lost, what was done about it,
  /// and what to do next}
  public String describe() {
    return new RecoveryText(this).lines();
  }

  /// {@return the report as an operator would read it, on one line}
  @Override
  public String toString() {
    return new RecoveryText(this).line();
  }
}
