package dev.tidemark.wal.storage;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/// The machine the log runs on, apart from its disk: clocks, random numbers and threads. A test
/// that wants a run to be the same every time puts its own in place.
///
/// Safe for use by any number of threads.
public interface Host {

  /// {@return nanoseconds since some moment, never going back; as [System#nanoTime()]}
  long nanoTime();

  /// {@return milliseconds since 1970 by the clock on the wall, which people set and which may go
  /// back: for showing and for ages in hours, never for order}
  long epochMillis();

  /// {@return 64 random bits, unpredictable, different in every process}
  long random();

  /// Starts a thread that the log owns.
  ///
  /// @param name its name
  /// @param body what it does
  /// @return the thread, started; of the real host never virtual
  Thread start(String name, Runnable body);

  /// Waits until [#unpark] is or was called for this thread, the time passes, or for no reason.
  ///
  /// @param blocker what the thread waits for, for those who look at thread dumps
  /// @param nanos how long at most; 0 or less returns at once, [Long#MAX_VALUE] is for ever
  void park(Object blocker, long nanos);

  /// Wakes a thread from [#park], or makes its next one return at once.
  ///
  /// @param thread the thread
  void unpark(Thread thread);

  /// Waits for a thread that [#start] started to end.
  ///
  /// @param thread the thread, not the calling one
  /// @param nanos how long at most
  /// @return whether it has ended
  /// @throws InterruptedException if interrupted
  default boolean join(Thread thread, long nanos) throws InterruptedException {
    return thread.join(Duration.ofNanos(nanos));
  }

  /// {@return whether the calling thread may write and sync for the log, should it come to that}
  ///
  /// A virtual thread should not: it would hold its carrier for as long as the disk takes, and
  /// others wait for that.
  default boolean callerMayWrite() {
    return !Thread.currentThread().isVirtual();
  }

  /// {@return the real one}
  static Host system() {
    return SystemHost.INSTANCE;
  }

  /// The real one: daemon threads, so that a forgotten `close` does not keep a program alive.
  final class SystemHost implements Host {
    static final SystemHost INSTANCE = new SystemHost();
    private final SecureRandom random = new SecureRandom();

    private SystemHost() {}

    @Override
    public long nanoTime() {
      return System.nanoTime();
    }

    @Override
    public long epochMillis() {
      return System.currentTimeMillis();
    }

    @Override
    public long random() {
      return random.nextLong();
    }

    @Override
    public Thread start(String name, Runnable body) {
      return Thread.ofPlatform().daemon().name(name).start(body);
    }

    @Override
    public void park(Object blocker, long nanos) {
      if (nanos == Long.MAX_VALUE) {
        LockSupport.park(blocker);
      } else if (nanos > 0) {
        LockSupport.parkNanos(blocker, nanos);
      }
    }

    @Override
    public void unpark(Thread thread) {
      LockSupport.unpark(thread);
    }
  }
}
