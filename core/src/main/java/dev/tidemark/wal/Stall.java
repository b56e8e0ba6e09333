package dev.tidemark.wal;

import java.time.Duration;

/// Something that holds up a log for longer than [WalOptions#slowSync()].
///
/// @param kind what
/// @param lasted how long so far, at least: it is looked at a few times within that span
/// @param durableLsn the durable LSN at that moment
/// @param lastLsn the last LSN handed out at that moment
public record Stall(Kind kind, Duration lasted, long durableLsn, long lastLsn) {

  /// What may hold up a log.
  public enum Kind {
    /// The file system does not return from a sync of the active segment.
    SYNC(
        "a sync has been under way for %s; nothing is acknowledged as durable meanwhile",
        "look at the disk: its queue (iostat -x), the kernel's messages (dmesg), what else writes"
            + " there"),
    /// The file system does not return from a write to the active segment.
    WRITE(
        "a write has been under way for %s; nothing is acknowledged meanwhile",
        "look at the disk: its queue (iostat -x), the kernel's messages (dmesg), dirty pages of"
            + " other programs"),
    /// The next segment is not active yet: it is being prepared, or its header or the manifest is
    /// being synced.
    ROTATION(
        "a change of segments has been under way for %s; nothing is acknowledged meanwhile",
        "look at the disk; if this comes with every segment, it prepares segments more slowly than"
            + " they fill: use a larger segmentBytes or a faster disk"),
    /// An append has its LSN and has not copied its payload; nothing behind it can be written, and
    /// the log fails after [WalOptions#claimTimeout()].
    CLAIM(
        "an append has been copying its payload for %s; nothing behind it can be written",
        "take a thread dump and look for a thread in append: it reads memory that is paged out or"
            + " mapped from a slow file, or the machine has stopped it"),
    /// An append waits for room in staging or for a segment.
    SPACE(
        "an append has been waiting for room for %s",
        "more is appended than the disk takes, or it does not answer; fewer writers or a larger"
            + " stagingBytes help only if it is a burst");

    private final String what;
    private final String advice;

    Kind(String what, String advice) {
      this.what = what;
      this.advice = advice;
    }

    /// {@return what an operator does next}
    public String advice() {
      return advice;
    }
  }

  /// {@return the stall as an operator would read it, on one line}
  @Override
  public String toString() {
    double seconds = lasted.toMillis() / 1e3;
    long waiting = Math.max(0, lastLsn - durableLsn);
    return String.format(kind.what, String.format("%.1f s", seconds))
        + String.format(" (%d records wait, LSN %d is durable); ", waiting, durableLsn)
        + kind.advice;
  }
}
