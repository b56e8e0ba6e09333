package dev.tidemark.ingest.budget;

/// How much disk the logs may take: so many bytes, or a share of what there is. Immutable.
///
/// Counted is the size of the logs' files, everything below `wal`: records, and the segments that
/// are prepared ahead of use. A share is one of what is free at the start *and* what the logs have
/// taken by then, so that it does not shrink with every restart while the logs are full. Parquet
/// files are not counted: what they take before the start is not free, and what they take later on
/// the same file system comes out of the rest.
///
/// @param bytes the budget, in bytes; 0 if it is a share
/// @param percent the share, 1 to 100; 0 if it is a number of bytes
public record DiskBudget(long bytes, int percent) {
  /// The default share: 80 %.
  public static final int DEFAULT_PERCENT = 80;

  /// Checks the values.
  ///
  /// @throws IllegalArgumentException if they are out of range
  public DiskBudget {
    if (percent < 0 || percent > 100 || bytes < 0 || (bytes == 0) == (percent == 0)) {
      throw new IllegalArgumentException(
          "a disk budget is a number of bytes or 1 to 100 percent: "
              + (percent == 0 ? Long.toString(bytes) : percent + "%"));
    }
  }

  /// {@return a budget in bytes}
  ///
  /// @param bytes how many, at least 1
  public static DiskBudget ofBytes(long bytes) {
    return new DiskBudget(bytes, 0);
  }

  /// {@return a share of what is free and what the logs have}
  ///
  /// @param percent 1 to 100
  public static DiskBudget ofPercent(int percent) {
    return new DiskBudget(0, percent);
  }

  /// {@return the default, 80 %}
  public static DiskBudget defaults() {
    return ofPercent(DEFAULT_PERCENT);
  }

  /// {@return the budget in bytes}
  ///
  /// @param freeBytes what is free on the file system
  /// @param takenBytes what the logs take already
  public long limitBytes(long freeBytes, long takenBytes) {
    if (percent == 0) {
      return bytes;
    }
    long all = Math.max(0, freeBytes) + takenBytes;
    return (all / 100) * percent + (all % 100) * percent / 100;
  }
}
