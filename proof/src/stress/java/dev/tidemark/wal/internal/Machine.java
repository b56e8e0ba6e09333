package dev.tidemark.wal.internal;

import dev.tidemark.wal.storage.Host;
import org.jspecify.annotations.Nullable;

/// A host for two actors: the *caller*, and whoever runs the body of the one thread that the pieces
/// under test start. Its clock stands still, so nothing is ever woken by the time: a wake-up that
/// is lost is a wait without end, which is found out and thrown as [Stranded].
final class Machine implements Host {
  /// The place of an actor that calls.
  static final int CALLER = 0;

  /// The place of the actor that runs the body of the started thread.
  static final int THREAD = 1;

  /// A thread that takes no part: to wake it means nothing.
  static final Thread STRANGER = Thread.ofPlatform().unstarted(() -> {});

  // Stands for the started thread; nobody starts it.
  private static final Thread STARTED = Thread.ofPlatform().unstarted(() -> {});

  /// Thrown to an actor that waits when nobody is left who could wake it.
  static final class Stranded extends Error {
    private static final long serialVersionUID = 1;

    Stranded() {
      super("waits for ever", null, false, false);
    }
  }

  // All guarded by this, which is taken in park and unpark alone, behind what is raced for.
  private final boolean[] permit = new boolean[2];
  private final boolean[] parked = new boolean[2];
  private final boolean[] ended = new boolean[2];
  private boolean stranded;
  private boolean joinRuns;

  private volatile @Nullable Runnable body; // set once, by start
  private volatile @Nullable Thread runner; // set once, by whoever takes its place

  /// Lets [#join] run the body of the thread it waits for, if nobody has: for an actor that closes.
  synchronized void runWhenJoined() {
    joinRuns = true;
  }

  /// Runs the body of the started thread on this one, until it ends or waits in vain.
  void run() {
    Runnable started = body;
    if (started == null) {
      throw new IllegalStateException("nothing was started");
    }
    runner = Thread.currentThread();
    try {
      started.run();
    } catch (Stranded _) {
      // Nothing is left to do for it.
    } finally {
      ended(THREAD);
    }
  }

  /// Puts the calling thread in the place of the started one: for tests of two callers.
  void enterAsThread() {
    runner = Thread.currentThread();
  }

  /// Says that an actor does nothing more: the other one is stranded if it waits.
  synchronized void ended(int place) {
    ended[place] = true;
  }

  /// {@return whether the started thread would go on: it was woken since it last waited}
  synchronized boolean isWoken() {
    return permit[THREAD];
  }

  /// {@return whether anybody waited in vain}
  synchronized boolean isStranded() {
    return stranded;
  }

  @Override
  public void park(Object blocker, long nanos) {
    int place = Thread.currentThread().equals(runner) ? THREAD : CALLER;
    while (!mayGoOn(place)) {
      Thread.onSpinWait();
    }
  }

  private synchronized boolean mayGoOn(int place) {
    int other = 1 - place;
    parked[place] = !permit[place];
    if (permit[place]) {
      permit[place] = false;
      return true;
    }
    if (ended[other] || (parked[other] && !permit[other])) {
      parked[place] = false;
      stranded = true;
      throw new Stranded();
    }
    return false;
  }

  @Override
  public synchronized void unpark(Thread thread) {
    if (!thread.equals(STRANGER)) {
      permit[thread.equals(STARTED) || thread.equals(runner) ? THREAD : CALLER] = true;
    }
  }

  @Override
  public Thread start(String name, Runnable started) {
    body = started;
    return STARTED;
  }

  @Override
  public boolean join(Thread thread, long nanos) {
    boolean runs;
    synchronized (this) {
      runs = joinRuns;
    }
    if (runs) {
      run();
    }
    return runs;
  }

  @Override
  public long nanoTime() {
    return 1;
  }

  @Override
  public long epochMillis() {
    return 0;
  }

  @Override
  public long random() {
    return 4;
  }
}
