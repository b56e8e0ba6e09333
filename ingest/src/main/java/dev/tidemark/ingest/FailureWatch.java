package dev.tidemark.ingest;

import dev.tidemark.wal.WalFailedException;
import dev.tidemark.wal.storage.StorageFullException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Notices that a log has failed, says so in one line, and has the logs opened again if what failed
/// was want of space. Anything else stays failed until an operator has looked at the disk: after a
/// failed sync, only a person can tell whether it is to be trusted again.
///
/// A second failure soon after that is final, too: whoever tries for ever hides a disk that is too
/// small. Works on a thread of its own.
final class FailureWatch implements AutoCloseable {
  private static final System.Logger LOGGER = System.getLogger(FailureWatch.class.getName());
  private static final Duration TICK = Duration.ofMillis(100);

  /// How long it has to go well before another failure is a new one.
  private static final Duration SOON = Duration.ofMinutes(1);

  private final Watched watched;
  private final Duration delay;
  private final Thread thread;

  // Owned by the thread.
  private @Nullable Throwable told;
  private long reopenedNanos;
  private boolean hasReopened;

  // Written by close, read by the thread.
  private volatile boolean isClosed;

  /// What is watched.
  interface Watched {
    /// {@return why it takes nothing more, or null}
    @Nullable Throwable failure();

    /// Opens the logs again, as after a crash.
    ///
    /// @throws IOException if that fails; it stays failed
    /// @throws InterruptedException if the thread is interrupted; it stays failed
    void reopen() throws IOException, InterruptedException;
  }

  /// @param delay how long to wait before the logs are opened again
  FailureWatch(Watched watched, Duration delay) {
    this.watched = watched;
    this.delay = delay;
    this.thread = Thread.ofPlatform().daemon().name("tidemark-failure-watch").start(this::watch);
  }

  private void watch() {
    while (!isClosed) {
      LockSupport.parkNanos(TICK.toNanos());
      Throwable failure = watched.failure();
      if (failure != null && !failure.equals(told) && !isClosed) {
        told = failure;
        failed(failure);
      }
    }
  }

  private void failed(Throwable failure) {
    boolean isSoon = hasReopened && System.nanoTime() - reopenedNanos < SOON.toNanos();
    if (!isWantOfSpace(failure) || isSoon) {
      LOGGER.log(
          Level.ERROR,
          "Writes are refused from now on, and nothing acknowledged is lost. "
              + (isSoon
                  ? "It is the second failure within a minute: free space, then restart"
                  : "Look at the kernel's log, mend the disk, then restart")
              + "; the start finds out what is stored. Because: "
              + failure.getMessage(),
          failure);
      return;
    }
    LOGGER.log(
        Level.ERROR,
        "Writes are refused, nothing acknowledged is lost, and the logs are opened again in "
            + delay.toMillis()
            + " ms. Free space. Because: "
            + failure.getMessage(),
        failure);
    try {
      TimeUnit.NANOSECONDS.sleep(delay.toNanos());
      watched.reopen();
      hasReopened = true;
      reopenedNanos = System.nanoTime();
      LOGGER.log(Level.WARNING, "The logs are open again; writes are taken.");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException e) {
      LOGGER.log(
          Level.ERROR,
          "The logs could not be opened again, so writes stay refused; nothing acknowledged is"
              + " lost. Free space, then restart. Because: "
              + e.getMessage(),
          e);
    }
  }

  static boolean isWantOfSpace(Throwable failure) {
    boolean isLog = false;
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      isLog |= cause instanceof WalFailedException;
      if (isLog && cause instanceof StorageFullException) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void close() {
    isClosed = true;
    thread.interrupt();
    try {
      thread.join(TimeUnit.SECONDS.toMillis(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
