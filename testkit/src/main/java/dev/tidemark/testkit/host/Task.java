package dev.tidemark.testkit.host;

import org.jspecify.annotations.Nullable;

/// A thread of a [SimulatedHost], from start to end. All but name and thread is guarded by its
/// [Scheduler].
final class Task {
  /// No moment that ever comes.
  static final long FOR_EVER = Long.MAX_VALUE;

  final String name;
  final Thread thread;
  boolean permit;
  private boolean runnable = true;
  private boolean ended;
  private long wakeAt = FOR_EVER;
  private @Nullable Object blocker;
  private @Nullable Task joins;

  Task(String name, Thread thread) {
    this.name = name;
    this.thread = thread;
  }

  boolean isRunnable() {
    return runnable && !ended;
  }

  boolean hasEnded() {
    return ended;
  }

  /// {@return when it stops waiting, if nothing wakes it before}
  long wakeAt() {
    return ended ? FOR_EVER : wakeAt;
  }

  /// Lets it wait.
  ///
  /// @param what for what, for those who look
  /// @param until when it stops at the latest
  void waitFor(Object what, long until) {
    runnable = false;
    blocker = what;
    wakeAt = until;
  }

  /// Lets it wait for another to end.
  void waitForEndOf(Task other, long until) {
    waitFor("the end of " + other.name, until);
    joins = other;
  }

  boolean waitsForEndOf(Task other) {
    return other.equals(joins);
  }

  void wake() {
    runnable = true;
    wakeAt = FOR_EVER;
    blocker = null;
    joins = null;
  }

  void end() {
    ended = true;
    runnable = false;
  }

  @Override
  public String toString() {
    return name + " for " + blocker;
  }
}
