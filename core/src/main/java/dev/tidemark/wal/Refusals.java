package dev.tidemark.wal;

/// Appends that were answered with [WalFullException] since it was last told.
///
/// @param count how many
/// @param reason why the last of them was
public record Refusals(long count, String reason) {

  /// {@return the refusals as an operator would read them, on one line}
  @Override
  public String toString() {
    return count
        + (count == 1 ? " append was" : " appends were")
        + " refused for want of space; the log is healthy and goes on by itself once there is some:"
        + " free space on its disk, or truncate it. "
        + reason;
  }
}
