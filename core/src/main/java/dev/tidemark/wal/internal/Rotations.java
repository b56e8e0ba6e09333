package dev.tidemark.wal.internal;

import dev.tidemark.wal.WalFullException;
import dev.tidemark.wal.storage.Host;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Rotations that were asked for, and those that are due because the active segment has grown old.
/// Asked for by any thread; made by the I/O thread, under the lease.
final class Rotations {
  private static final long RETRY_NANOS = 1_000_000_000L;
  private static final long FOR_EVER = Long.MAX_VALUE;

  private final Host host;
  private final Failure failure;
  private final GroupWriter group;
  private final Commit commit;
  private final Consumer<Throwable> fail;
  private final long ageNanos;
  private final ConcurrentLinkedQueue<CompletableFuture<Void>> asked =
      new ConcurrentLinkedQueue<>();
  private long retryNanos; // owned by the I/O thread; 0 if rotation by age was never refused

  /// @param fail fails the log
  /// @param ageNanos the age at which a segment is sealed, or [Long#MAX_VALUE]
  Rotations(
      Host host,
      Failure failure,
      GroupWriter group,
      Commit commit,
      Consumer<Throwable> fail,
      long ageNanos) {
    this.host = host;
    this.failure = failure;
    this.group = group;
    this.commit = commit;
    this.fail = fail;
    this.ageNanos = ageNanos;
  }

  // ---- any thread

  /// Asks for one. Whoever asks sees to it that the I/O thread looks.
  CompletableFuture<Void> ask() {
    CompletableFuture<Void> done = new CompletableFuture<>();
    asked.add(done);
    return done;
  }

  /// Waits for one that was asked for.
  void await(CompletableFuture<Void> done) throws IOException {
    try {
      Threads.await(host, done);
    } catch (CompletionException e) {
      throw Failure.unwrapped(e);
    }
  }

  /// {@return whether one is asked for that is not made yet}
  boolean areAsked() {
    return !asked.isEmpty();
  }

  /// Refuses all that were asked for: the I/O thread has ended, or ends, or the log has failed.
  void refuseAll() {
    CompletableFuture<Void> one;
    while ((one = asked.poll()) != null) {
      one.completeExceptionally(
          failure.isSet() ? failure.exception() : new IllegalStateException("the log is closed"));
    }
  }

  // ---- the I/O thread

  /// Makes the next one, if one was asked for or is due.
  ///
  /// @param started a moment before the last group was taken from staging
  void makeNext(long started) throws IOException {
    CompletableFuture<Void> next = asked.poll();
    if (next == null && leftNanos() > 0) {
      return;
    }
    try {
      if (group.holdsRecords()) {
        group.rotate(false);
        commit.settle(started);
        commit.acknowledge();
      }
      if (next != null) {
        next.complete(null);
      }
    } catch (WalFullException e) {
      // The segment was synced and goes on; nothing was begun.
      commit.settle(started);
      commit.acknowledge();
      retryNanos = host.nanoTime() + RETRY_NANOS;
      refuse(next, e);
    } catch (Throwable e) {
      fail.accept(e);
      refuse(next, failure.exception());
      throw e;
    }
  }

  private static void refuse(@Nullable CompletableFuture<Void> one, Exception reason) {
    if (one != null) {
      one.completeExceptionally(reason);
    }
  }

  /// {@return how long until the active segment is to be sealed for its age}
  long leftNanos() {
    if (ageNanos == FOR_EVER || !group.holdsRecords()) {
      return FOR_EVER;
    }
    long now = host.nanoTime();
    long left = group.activatedNanos() + ageNanos - now;
    return retryNanos == 0 ? left : Math.max(left, retryNanos - now);
  }
}
