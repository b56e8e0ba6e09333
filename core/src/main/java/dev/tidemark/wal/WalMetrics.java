package dev.tidemark.wal;

/// What a log is and has done since it was opened: counters, sizes and how long things took. Read
/// at one moment, but not atomically.
///
/// @param lsns how far it is
/// @param counts what went through it
/// @param latencies how long things took
/// @param groups how much one write and one sync carried
/// @param files what it takes on disk
/// @param failed whether it has failed and takes nothing more
/// @param nativeAccess whether reads, writes and syncs are native calls, which interrupts cannot
///   reach; without them only the log's own threads write, and lone appends are slower
public record WalMetrics(
    Lsns lsns,
    Counts counts,
    Latencies latencies,
    Groups groups,
    Files files,
    boolean failed,
    boolean nativeAccess) {

  /// How far the log is.
  ///
  /// @param lowWater the smallest LSN still needed; segments wholly below it go
  /// @param first the smallest LSN that can be read
  /// @param durable the largest LSN that survives a power cut, 0 if none
  /// @param last the largest LSN handed out, 0 if none
  public record Lsns(long lowWater, long first, long durable, long last) {

    /// {@return how many records were handed an LSN and are not durable yet; if this stays above 0
    /// while [Counts#records()] stands still, the disk does not answer}
    public long lag() {
      return Math.max(0, last - durable);
    }
  }

  /// What went through the log.
  ///
  /// @param records records that became durable, void ones counted
  /// @param voidRecords LSNs that stay empty because the caller's payload could not be read
  /// @param payloadBytes payload that was written, in bytes
  /// @param writtenBytes what was written to segments, headers of frames and padding counted, in
  ///   bytes
  /// @param refusals appends answered with [WalFullException]
  public record Counts(
      long records, long voidRecords, long payloadBytes, long writtenBytes, long refusals) {}

  /// How long things took, in nanoseconds.
  ///
  /// @param append from the moment an LSN was assigned to the acknowledgement, of single records
  ///   and batches, blocking or not; under [SyncPolicy.Async] of one LSN in sixteen, so its count
  ///   is not that of the appends
  /// @param sync syncs of the active segment; under `fdatasync` and `fsync` every group waits for
  ///   one
  /// @param rotation changes of the active segment, with the sync of the old one and the wait for a
  ///   new one
  /// @param stagingWait appends that had to wait for room in staging or for a segment, before they
  ///   were assigned an LSN, refused ones counted
  public record Latencies(
      Histogram append, Histogram sync, Histogram rotation, Histogram stagingWait) {}

  /// How much one write and one sync carried.
  ///
  /// @param records records of a group
  /// @param bytes what was written for it, in bytes
  public record Groups(Histogram records, Histogram bytes) {}

  /// What the log takes on disk.
  ///
  /// @param segments segments in use
  /// @param spares prepared segments waiting to be used, the reserve counted
  /// @param reserve whether the one segment is there that is kept for opening and truncating a log
  ///   on a full disk
  /// @param bytes segments and spares together, in bytes
  public record Files(int segments, int spares, boolean reserve, long bytes) {}
}
