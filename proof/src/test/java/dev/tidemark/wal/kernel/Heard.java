package dev.tidemark.wal.kernel;

import dev.tidemark.wal.internal.Child;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// What one life of a log, a [WorkingProgram], has said. A thread of its own listens, so that
/// nothing is missed while a test waits for the moment to kill it. Safe for use by any thread.
final class Heard {
  /// An operation that was acknowledged.
  ///
  /// @param lastLsn the LSN of its last record
  /// @param beforeNanos a moment before it was begun
  /// @param afterNanos a moment after it was acknowledged
  record Ack(int writer, int op, long lastLsn, long beforeNanos, long afterNanos) {}

  private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(5);

  /// The number of this life.
  final long life;

  // All below is guarded by this until the program has ended and everything was heard.
  final List<Ack> acks = new ArrayList<>();
  final Map<Integer, Integer> lastOps = new HashMap<>(); // by writer
  final Map<String, Long> acked = new HashMap<>(); // by subscription
  final Map<String, Long> acking = new HashMap<>(); // by subscription
  long durableLsn;
  long firstLsn;
  long droppingLsn; // under way; 0 if none is
  long droppedLsn;
  long checkedLsn;
  long checkingLsn;
  boolean opening;
  boolean open;
  boolean failed;
  boolean closing;
  boolean closed;
  private boolean refused;
  private boolean ended;
  private @Nullable Throwable broken;

  private final Child child;

  private Heard(Child child, long life) {
    this.child = child;
    this.life = life;
  }

  /// Listens to a program until it ends.
  static Heard of(Child child, long life) {
    Heard heard = new Heard(child, life);
    Thread.ofPlatform().daemon().name("heard").start(heard::listen);
    return heard;
  }

  private void listen() {
    Throwable reason = null;
    try {
      String[] words;
      while ((words = child.words()) != null) {
        if (words[words.length - 1].equals(Spoken.END)) { // else it was killed in the middle
          hear(words);
        }
      }
    } catch (IOException | RuntimeException | Error e) {
      reason = e;
    }
    synchronized (this) {
      broken = broken == null ? reason : broken;
      ended = true;
      notifyAll();
    }
  }

  private synchronized void hear(String[] words) {
    switch (words[0]) {
      case "opening" -> opening = true;
      case "open" -> {
        open = true;
        durableLsn = number(words[1]);
        firstLsn = number(words[2]);
      }
      case "ack" -> {
        int writer = Integer.parseInt(words[1]);
        int op = Integer.parseInt(words[2]);
        acks.add(new Ack(writer, op, number(words[3]), number(words[4]), number(words[5])));
        lastOps.merge(writer, op, Math::max);
      }
      case "durable" -> durableLsn = Math.max(durableLsn, number(words[1]));
      case "acking" -> acking.merge(words[1], number(words[2]), Math::max);
      case "acked" -> acked.merge(words[1], number(words[2]), Math::max);
      case "dropping" -> droppingLsn = number(words[1]);
      case "kept" -> droppingLsn = 0;
      case "dropped" -> {
        droppedLsn = Math.max(droppedLsn, droppingLsn);
        firstLsn = Math.max(firstLsn, number(words[1]));
      }
      case "checking" -> checkingLsn = number(words[1]);
      case "checked" -> checkedLsn = number(words[1]);
      case "failed" -> failed = true;
      case "refused" -> refused = true;
      case "stopped" -> {
        // It was told to close.
      }
      case "closing" -> closing = true;
      case "closed" -> closed = true;
      default -> broken = new AssertionError("the program said: " + String.join(" ", words));
    }
    notifyAll();
  }

  private static long number(String word) {
    return Long.parseLong(word);
  }

  /// What a test waits for.
  interface Claim {
    /// {@return whether it is so}
    boolean holds();
  }

  /// Waits until something is so, or the program has ended.
  synchronized void await(String what, Claim claim) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (!claim.holds() && !ended) {
      long left = (deadline - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        child.showThreads();
        throw new AssertionError("waited in vain until " + what + "; heard " + this);
      }
      wait(left);
    }
  }

  /// Waits until the program has ended and everything was heard, and checks that nothing was odd.
  synchronized void awaitEnd() throws InterruptedException {
    await("it ends", () -> false);
    if (broken != null) {
      throw new AssertionError("the program broke", broken);
    }
  }

  /// {@return whether it was told to close}
  synchronized boolean isClosing() {
    return closing;
  }

  /// Checks that nothing has gone wrong before the program was struck.
  synchronized void checkHealthy() {
    if (failed || refused || ended || broken != null) {
      throw new AssertionError("not healthy before it was struck: " + this, broken);
    }
  }

  @Override
  public synchronized String toString() {
    return String.format(
        "life %d: %d acks, opening %b, open %b, failed %b, refused %b, closing %b, closed %b, ended"
            + " %b",
        life, acks.size(), opening, open, failed, refused, closing, closed, ended);
  }
}
