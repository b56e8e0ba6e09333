package dev.tidemark.ingest.budget;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/// The heap that rows and request bodies share, half and half. Safe for use by any number of
/// threads.
///
/// *Rows* are those that are in no file yet, as their columns take memory. When they take their
/// half, no more are read from the log until flushes have made room: the log keeps what was
/// acknowledged meanwhile, up to the disk budget.
///
/// *Bodies* are those that are being received, decompressed or logged: at their size as sent, as
/// far as they have come, at their plain size, and as much again for the copy that the log is
/// given. When they take their half, the next one is refused. One that is alone is let in whatever
/// its size: it could never be taken otherwise.
///
/// Not counted are what a file that is being written takes, the staging buffers of the logs, which
/// are outside the heap and of a fixed size, and the catalog.
public final class MemoryBudget {
  /// The smallest budget: 64 KiB.
  public static final long MIN_BYTES = 64 << 10;

  /// The most that rows may take: 1 GiB, so that the text of one column fits one array.
  public static final long MAX_ROW_BYTES = 1 << 30;

  private final long limitBytes;
  private final AtomicLong bodyBytes = new AtomicLong();

  // Replaced by each shard that starts.
  private volatile LongSupplier rowBytes = () -> 0;

  /// @param limitBytes the budget, in bytes
  /// @throws IllegalArgumentException if it is less than [#MIN_BYTES]
  public MemoryBudget(long limitBytes) {
    if (limitBytes < MIN_BYTES) {
      throw new IllegalArgumentException(
          "a memory budget is at least " + MIN_BYTES + " bytes: " + limitBytes);
    }
    this.limitBytes = limitBytes;
  }

  /// {@return the default budget: a quarter of the largest heap, in bytes}
  public static long defaultBytes() {
    return Math.max(MIN_BYTES, Runtime.getRuntime().maxMemory() / 4);
  }

  /// {@return the budget, in bytes}
  public long limitBytes() {
    return limitBytes;
  }

  /// {@return the most that bodies may take, in bytes}
  public long bodyLimitBytes() {
    return limitBytes / 2;
  }

  /// {@return the most that rows may take, in bytes; the rows of one record may exceed it}
  public long rowLimitBytes() {
    return Math.min(limitBytes / 2, MAX_ROW_BYTES);
  }

  /// Takes memory for a body, or nothing.
  ///
  /// @param bytes how much more
  /// @param heldBytes how much the same request has taken already
  /// @return whether there is room; if not, nothing was taken
  public boolean takeForBody(long bytes, long heldBytes) {
    assert bytes >= 0 && heldBytes >= 0;
    long all = bodyBytes.addAndGet(bytes);
    boolean isAlone = all == heldBytes + bytes;
    if (isAlone || all <= bodyLimitBytes()) {
      return true;
    }
    giveFromBody(bytes);
    return false;
  }

  /// Gives back what a body had taken.
  ///
  /// @param bytes how much
  public void giveFromBody(long bytes) {
    long left = bodyBytes.addAndGet(-bytes);
    assert left >= 0 : left;
  }

  /// Says who counts the rows from now on.
  ///
  /// @param counted what rows take, in bytes; asked by any thread
  public void rows(LongSupplier counted) {
    rowBytes = counted;
  }

  /// {@return what rows take now, in bytes}
  public long rowBytes() {
    return rowBytes.getAsLong();
  }

  /// {@return what bodies take now, in bytes}
  public long bodyBytes() {
    return bodyBytes.get();
  }

  /// {@return what rows and bodies take now, in bytes}
  public long usedBytes() {
    return rowBytes() + bodyBytes();
  }
}
