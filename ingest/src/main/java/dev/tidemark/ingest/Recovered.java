package dev.tidemark.ingest;

import dev.tidemark.wal.RecoveryReport;
import java.time.Duration;

/// What a start found and did.
///
/// @param catalogLog what opening the catalog log found
/// @param shardLog what opening the shard log found
/// @param replayedRecords records of the shard log that were read
/// @param replayedRows rows taken back into memory: acknowledged before, in no file yet
/// @param skippedRows rows read and left, because a file is known to have them
/// @param redoneFlushes flushes that a crash had interrupted and that are complete now
/// @param redoneRows their rows
/// @param pendingFlushes flushes that a crash had interrupted and that the sink failed again; they
///   are tried further
/// @param took how long recovery took
public record Recovered(
    RecoveryReport catalogLog,
    RecoveryReport shardLog,
    long replayedRecords,
    long replayedRows,
    long skippedRows,
    long redoneFlushes,
    long redoneRows,
    long pendingFlushes,
    Duration took) {

  /// {@return the report as an operator would read it, on one line}
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(200);
    if (replayedRows == 0 && redoneFlushes + pendingFlushes == 0) {
      text.append("replayed no rows: every one of them is in a file");
    } else {
      text.append(String.format("replayed %,d rows", replayedRows));
    }
    text.append(String.format(" (%,d records read", replayedRecords));
    if (skippedRows > 0) {
      text.append(String.format(", %,d rows were in files already", skippedRows));
    }
    text.append(')');
    if (redoneFlushes > 0) {
      text.append(
          String.format("; finished %,d interrupted flushes, %,d rows", redoneFlushes, redoneRows));
    }
    if (pendingFlushes > 0) {
      text.append(String.format("; %,d interrupted flushes wait for the sink", pendingFlushes));
    }
    return text.append(String.format("; took %,d ms", took.toMillis())).toString();
  }
}
