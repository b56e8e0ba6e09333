package dev.tidemark.wal.internal;

import dev.tidemark.wal.Refusals;
import dev.tidemark.wal.Stall;
import dev.tidemark.wal.WalFailedException;
import dev.tidemark.wal.WalFullException;
import dev.tidemark.wal.internal.events.Announcer;
import dev.tidemark.wal.internal.jfr.FailEvent;
import dev.tidemark.wal.internal.meter.Meters;
import dev.tidemark.wal.storage.Host;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Looks at the log from outside, on a thread of its own that never touches the disk, and tells
/// what holds it up while it does: a call that does not return cannot tell by itself. It also
/// passes on what else is to be told while the log is open, so that nobody who appends runs the
/// user's code.
///
/// It looks four times within the span after which something counts as slow.
final class Watch {
  private static final int LOOKS = 4;
  private static final long LEAST_LOOK_NANOS = 1_000_000L;
  private static final long LONGEST_PAUSE_NANOS = Duration.ofMinutes(10).toNanos();
  private static final long REFUSALS_NANOS = Duration.ofSeconds(10).toNanos();

  private final Host host;
  private final Failure failure;
  private final Staging staging;
  private final Space space;
  private final Waiters durables;
  private final DiskCall disk;
  private final Meters meters;
  private final Announcer announcer;
  private final long slowNanos;

  private volatile boolean closed; // set once
  private @Nullable Thread thread; // set once, by start, before anybody else sees this

  // All below: owned by the thread.
  private final Suspect call = new Suspect();
  private final Suspect claim = new Suspect();
  private final Suspect spaceWait = new Suspect();
  private boolean failureTold;
  private long refusalsTold;
  private long refusalsToldNanos;

  Watch(
      Host host,
      Failure failure,
      Staging staging,
      Space space,
      Waiters durables,
      DiskCall disk,
      Meters meters,
      Announcer announcer,
      long slowNanos) {
    this.host = host;
    this.failure = failure;
    this.staging = staging;
    this.space = space;
    this.durables = durables;
    this.disk = disk;
    this.meters = meters;
    this.announcer = announcer;
    this.slowNanos = slowNanos;
  }

  /// Starts the thread.
  void start() {
    thread = host.start("tidemark-watch", this::run);
  }

  /// Makes it look at once: the log has failed.
  void nudge() {
    Thread running = thread;
    if (running != null) {
      host.unpark(running);
    }
  }

  /// Lets it tell what is left to be told, and end.
  ///
  /// @param nanos how long to wait: it may be in the user's code
  void close(long nanos) {
    closed = true;
    Thread running = thread;
    if (running != null) {
      host.unpark(running);
      boolean _ = Threads.join(host, running, nanos);
    }
  }

  // ---- the thread

  private void run() {
    long pause = Math.max(LEAST_LOOK_NANOS, slowNanos / LOOKS);
    while (true) {
      boolean last = closed; // read first: what happened before the close is told
      look(host.nanoTime(), last);
      if (last) {
        return;
      }
      host.park(this, pause);
    }
  }

  private void look(long now, boolean last) {
    long current = disk.current();
    call.look(now, current, disk.kind());
    claim.look(now, unpublishedLsn(), Stall.Kind.CLAIM);
    long waiting = space.waitingSinceNanos();
    // One stall as long as anybody waits, however many take turns; told when one waits for long.
    spaceWait.look(now, waiting == Space.NOBODY ? 0 : 1, Stall.Kind.SPACE, waiting);
    tellRefusals(now, last);
    if (!failureTold && failure.isSet()) {
      failureTold = true;
      WalFailedException told = failure.exception();
      FailEvent.happened(failure.log(), told);
      announcer.failed(told);
    }
  }

  // The LSN whose claim is next and not published, 0 if there is none.
  private long unpublishedLsn() {
    return staging.isClaimed() && !staging.isReady() && !failure.isSet() ? staging.nextLsn() : 0;
  }

  private void tellRefusals(long now, boolean last) {
    long refusals = meters.refusals();
    WalFullException reason = space.lastRefusal();
    boolean due = refusalsTold == 0 || last || now - refusalsToldNanos >= REFUSALS_NANOS;
    if (refusals > refusalsTold && due && reason != null) {
      announcer.refused(new Refusals(refusals - refusalsTold, String.valueOf(reason.getMessage())));
      refusalsTold = refusals;
      refusalsToldNanos = now;
    }
  }

  /// One thing that may last too long.
  private final class Suspect {
    private long id; // 0 if there is nothing
    private long sinceNanos;
    private Stall.Kind kind = Stall.Kind.SYNC;
    private long nextTellNanos; // how long it must have lasted to be told

    /// @param current tells one from the next, 0 if there is none
    void look(long now, long current, Stall.Kind currentKind) {
      look(now, current, currentKind, current == id ? sinceNanos : now); // since it was first seen
    }

    void look(long now, long current, Stall.Kind currentKind, long since) {
      if (current != id) {
        if (nextTellNanos > slowNanos) {
          announcer.stallEnded(stall(now));
        }
        id = current;
        kind = currentKind;
        nextTellNanos = slowNanos;
      }
      sinceNanos = since;
      long lasted = now - sinceNanos;
      if (id != 0 && lasted >= nextTellNanos) {
        nextTellNanos = lasted + Math.min(lasted, LONGEST_PAUSE_NANOS);
        announcer.stalled(stall(now));
      }
    }

    private Stall stall(long now) {
      return new Stall(
          kind, Duration.ofNanos(now - sinceNanos), durables.reached(), staging.lastLsn());
    }
  }
}
