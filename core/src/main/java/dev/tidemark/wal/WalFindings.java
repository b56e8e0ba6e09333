package dev.tidemark.wal;

import java.util.List;
import java.util.Map;

/// What an inspection found in a log's files, all of them read.
///
/// @param verdict what opening the log would make of it
/// @param logId the log's random id in hex, empty if nothing says it
/// @param files the log's files, by segment number
/// @param damage what is wrong, in the order of the log
/// @param firstLsn the smallest LSN that a record in the files has; one more than `lastLsn` if none
/// @param lastLsn the largest LSN that a whole record in the files has, 0 if none
/// @param promisedLsn the largest LSN that anything in the files promises durable, 0 if none
/// @param lowWaterLsn the smallest LSN still needed, as the manifest says; 0 if nothing says it
/// @param records how many records are whole, void ones counted
/// @param frames how many frames are whole
/// @param codecs how many of these are compressed with the codec of a number, 0 for none
/// @param payloadBytes what the records take as stored, in bytes
/// @param verifiedBytes how many bytes of frames were read and held against their checksums
/// @param refusal what opening the log would say, empty if it would open
/// @param live whether files changed while they were read: then the end of the log is not judged
/// @param nanos how long reading took
public record WalFindings(
    Verdict verdict,
    String logId,
    List<File> files,
    List<WalDamage> damage,
    long firstLsn,
    long lastLsn,
    long promisedLsn,
    long lowWaterLsn,
    long records,
    long frames,
    Map<Integer, Long> codecs,
    long payloadBytes,
    long verifiedBytes,
    String refusal,
    boolean live,
    long nanos) {

  /// Copies the collections.
  public WalFindings {
    files = List.copyOf(files);
    damage = List.copyOf(damage);
    codecs = Map.copyOf(codecs);
  }

  /// What opening a log would make of it.
  public enum Verdict {
    /// There is no record and never was a segment: an unfinished creation.
    EMPTY,
    /// It was closed, or nothing was begun behind its last whole frame.
    CLEAN,
    /// Behind the last whole frame is something that nothing vouches for; opening cuts it.
    TORN_TAIL,
    /// Something promised durable is damaged or missing; opening refuses.
    CORRUPT
  }

  /// One file of a log.
  ///
  /// @param name its name in the log's directory
  /// @param state what it is to the log
  /// @param bytes its size
  /// @param firstLsn the smallest LSN it may hold, 0 if nothing says it
  /// @param lastLsn the largest LSN it holds, `firstLsn - 1` if it holds none; -1 if nothing says
  ///   it
  /// @param end where its frames end, in bytes; 0 if nothing says it
  /// @param activatedMillis when it was activated, in milliseconds since 1970; 0 if nothing says it
  public record File(
      String name,
      State state,
      long bytes,
      long firstLsn,
      long lastLsn,
      long end,
      long activatedMillis) {}

  /// What a file is to its log.
  public enum State {
    /// Holds records and has a successor, which states where it ends.
    SEALED,
    /// The newest segment.
    ACTIVE,
    /// Its records were removed by the owner; the header is left.
    REMOVED,
    /// Prepared and not yet used.
    SPARE,
    /// Its header is damaged, and the log should have it.
    DAMAGED,
    /// No part of the log: it was truncated, set aside, or is left from something that did not end.
    DEAD
  }

  /// {@return whether the log would open as it is}
  public boolean opens() {
    return verdict != Verdict.CORRUPT;
  }
}
