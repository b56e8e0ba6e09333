package dev.tidemark.wal;

import java.time.Duration;
import java.util.Locale;

/// How far a part of opening a log has got that reads much.
///
/// @param phase which part
/// @param file what is being read, by its file name
/// @param bytes how much was read, in bytes
/// @param totalBytes how much there is to read in this phase at most, in bytes
/// @param records records seen so far, 0 if they are not looked at
/// @param elapsed how long this phase has taken
/// @param remaining how long the rest takes if it goes on at this rate
public record RecoveryProgress(
    Phase phase,
    String file,
    long bytes,
    long totalBytes,
    long records,
    Duration elapsed,
    Duration remaining) {

  /// A part of opening a log that may take long.
  public enum Phase {
    /// Finds where the frames of the newest segment end.
    SCAN("scanning"),
    /// Writes records again that only the page cache may hold.
    REWRITE("writing unproven records again in"),
    /// Verifies the payloads of older segments.
    VERIFY("verifying"),
    /// Verifies a checkpoint.
    CHECKPOINT("verifying the checkpoint");

    private final String text;

    Phase(String text) {
      this.text = text;
    }
  }

  /// {@return the progress as an operator would read it, on one line}
  @Override
  public String toString() {
    long percent = totalBytes <= 0 ? 100 : Math.min(100, (long) (100.0 * bytes / totalBytes));
    return String.format(
        Locale.ROOT,
        "%s %s: %,d of %,d MiB (%d %%), %,d records; %d s so far, about %d s left",
        phase.text,
        file,
        bytes >> 20,
        totalBytes >> 20,
        percent,
        records,
        elapsed.toSeconds(),
        remaining.toSeconds());
  }
}
