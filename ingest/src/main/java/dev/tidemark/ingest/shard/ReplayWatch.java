package dev.tidemark.ingest.shard;

/// Hears how a replay gets on, on the thread that replays, after every record.
@FunctionalInterface
public interface ReplayWatch {

  /// Takes the state.
  ///
  /// @param records records read, of both passes together
  /// @param totalRecords records to read, of both passes together
  /// @param bytes their payload, in bytes
  /// @param rows rows taken back into memory
  void at(long records, long totalRecords, long bytes, long rows);
}
