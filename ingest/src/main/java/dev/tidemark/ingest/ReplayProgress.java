package dev.tidemark.ingest;

import java.time.Duration;

/// How far a replay has got.
///
/// @param records records read, of both passes together
/// @param totalRecords records to read, of both passes together
/// @param bytes their payload, in bytes
/// @param rows rows taken back into memory so far
/// @param remaining how long the rest takes if it goes on at this rate
public record ReplayProgress(
    long records, long totalRecords, long bytes, long rows, Duration remaining) {

  /// {@return the progress as an operator would read it, on one line}
  @Override
  public String toString() {
    return String.format(
        "replayed %,d of %,d records (%,d MiB), %,d rows; about %d s left",
        records, totalRecords, bytes >> 20, rows, remaining.toSeconds());
  }
}
