package dev.tidemark.wal.internal;

import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.OnUnvouchedTail;
import dev.tidemark.wal.RecoveryReport;

/// The one place that tells a torn tail from corruption.
///
/// `L` is the last LSN of the last whole batch before the frames stop, `P` the largest LSN that
/// anything on disk promises durable. In this order:
///
/// | found | verdict |
/// |---|---|
/// | `L < P` | corruption: at least `L+1` to `P` are lost |
/// | the frames end in a seal | the log was closed |
/// | the file ends within its frames or the 64 zero bytes behind them | corruption: no write shortens a file, so something is lost |
/// | 64 zero bytes behind the frames, and no header of this segment after; in a file that never had another life only zeros to its end | clean end |
/// | anything else | unvouched tail: a torn write, or rot of the last group; cut, or refused by option |
final class Verdict {
  private Verdict() {}

  /// Judges how the newest segment ends.
  ///
  /// @param file its name
  /// @param scan what is in it
  /// @param promisedLsn what anything outside its frames promises
  /// @param option what to do about an unvouched tail
  /// @throws CorruptWalException if promised records are missing, or if the tail is unvouched and
  ///   that is to be refused
  static RecoveryReport.Verdict of(
      String file, TailScan scan, long promisedLsn, OnUnvouchedTail option)
      throws CorruptWalException {
    long promised = Math.max(promisedLsn, scan.promisedLsn());
    if (scan.lastLsn() < promised) {
      throw new CorruptWalException(
          "frames stop here, before records that were promised durable; "
              + CorruptWalException.ADVICE,
          file,
          scan.end(),
          scan.lastLsn() + 1,
          promised);
    }
    if (scan.sealed()) {
      return RecoveryReport.Verdict.SEALED;
    }
    if (scan.missingBytes() > 0 && !scan.zerosAtEnd()) {
      throw new CorruptWalException(
          "is "
              + scan.missingBytes()
              + " bytes shorter than when it was activated, and its frames go up to where it was cut;"
              + " whatever stood behind is lost. Nothing here makes a segment shorter: look for who"
              + " did; "
              + CorruptWalException.ADVICE,
          file,
          scan.end(),
          0,
          0);
    }
    if (scan.isClean()) {
      return RecoveryReport.Verdict.CLEAN_END;
    }
    if (option == OnUnvouchedTail.FAIL) {
      throw unvouched(file, scan.end(), scan);
    }
    return RecoveryReport.Verdict.UNVOUCHED_TAIL;
  }

  /// Checks that a log can go on.
  ///
  /// @param file its newest segment
  /// @param nextLsn above every LSN that anything names
  /// @throws CorruptWalException if an LSN is named that nobody can have been given
  static void checkLsnsAreLeft(String file, long nextLsn) throws CorruptWalException {
    if (nextLsn > FrameLayout.LAST_START_LSN) {
      throw new CorruptWalException(
          "the log names LSN "
              + (nextLsn - 1)
              + ", which nobody was ever given: a program with a fault, or somebody who means harm,"
              + " wrote that; copy the directory, and look for a good copy of the log",
          file,
          -1,
          0,
          0);
    }
  }

  /// {@return the refusal of a tail that nothing vouches for}
  ///
  /// @param end where it begins, in bytes
  static CorruptWalException unvouched(String file, long end, TailScan scan) {
    return new CorruptWalException(
        "behind the last whole frame are bytes that nothing vouches for: a torn write, or rot of the last"
            + " group. Open with onUnvouchedTail = CUT to go on without them",
        file,
        end,
        scan.lowestBehindLsn(),
        scan.lowestBehindLsn() == 0 ? 0 : scan.highestLsn());
  }
}
