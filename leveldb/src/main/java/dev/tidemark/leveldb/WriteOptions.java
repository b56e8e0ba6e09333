package dev.tidemark.leveldb;

/// When a write is acknowledged.
///
/// @param sync whether the log is synced first. If so the write, and every one acknowledged before
///   it, survives a power cut; if not it survives the end of the process, and a power cut loses it
///   and those around it that nothing synced later
public record WriteOptions(boolean sync) {
  /// Synced: what is acknowledged survives a power cut.
  public static final WriteOptions SYNCED = new WriteOptions(true);

  /// Not synced: what is acknowledged survives the end of the process.
  public static final WriteOptions BUFFERED = new WriteOptions(false);
}
