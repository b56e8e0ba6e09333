package dev.tidemark.wal.internal;

import dev.tidemark.wal.WalFailedException;
import dev.tidemark.wal.WalFullException;
import dev.tidemark.wal.internal.meter.Meters;
import dev.tidemark.wal.storage.Host;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Admits claims: to staging, and to disk space that is certainly there. What was admitted is never
/// refused later.
///
/// All staged bytes fit on disk if they fit the active segment's rest, or if they fit the ready
/// spares even though each but the last wastes up to one largest claim at its end. Claims are
/// admitted up to the larger of the two.
///
/// One ready spare is the reserve. Control claims count it, ordinary ones do not; nor do ordinary
/// ones count the rest of an active segment that was the reserve, as long as no other spare has
/// become it. So whatever is appended, a log on a full disk keeps room for the control records that
/// let it be truncated:
///
/// | ready spares | ordinary claims take | control claims take |
/// |---|---|---|
/// | 2 or more | the active segment, or all spares but one | the active segment, or all spares |
/// | 1 | the active segment | the active segment, or the reserve |
/// | 0 | nothing | the active segment |
final class Space {
  /// In place of the time since when an append waits: none does.
  static final long NOBODY = Long.MIN_VALUE;

  private static final long RECHECK_NANOS = 100_000_000;

  private final Host host;
  private final Failure failure;
  private final Staging staging;
  private final Meters meters;
  private final long areaBytes;
  private final long largestClaimBytes;
  private final HostLock queue; // whoever holds it is the one that waits

  private long consumedUnits; // guarded by this
  private long activeRestBytes; // guarded by this
  private int readySpares; // guarded by this; the reserve included
  private boolean activeWasReserve; // guarded by this
  private long ordinaryUnits; // guarded by this; ordinary claims are admitted up to so much
  private long controlUnits; // guarded by this; control claims are admitted up to so much
  private boolean referencePending; // guarded by this
  private @Nullable IOException refusal; // guarded by this; why no spare can be prepared now
  private volatile @Nullable Thread waiting; // set by the holder of queue
  private volatile @Nullable Thread waitingBatch; // set by the one with a batch by reference
  private volatile long waitingSinceNanos = NOBODY; // set by the holder of queue
  private volatile @Nullable WalFullException lastRefusal; // set by the holder of queue
  private volatile boolean closed; // set once
  private volatile boolean shortOfDisk; // written under this; staging could take more than the disk
  private volatile Runnable onWait = () -> {}; // set once, before the first claim

  /// @param areaBytes what frames of records may take in a segment of the configured size
  /// @param largestClaimBytes the largest claim there can be
  Space(
      Host host,
      Failure failure,
      Staging staging,
      Meters meters,
      long areaBytes,
      long largestClaimBytes) {
    this.host = host;
    queue = new HostLock(host);
    this.failure = failure;
    this.staging = staging;
    this.meters = meters;
    this.areaBytes = areaBytes;
    this.largestClaimBytes = largestClaimBytes;
  }

  /// Sets who is told that a claim waits.
  void onWait(Runnable told) {
    onWait = told;
  }

  /// {@return whether a claim waits that a spare would help}
  boolean isWaitedFor() {
    return waiting != null && shortOfDisk;
  }

  /// Claims units and LSNs, waiting for room in staging and for a spare that is being prepared.
  ///
  /// @return the claim
  /// @throws WalFullException if there is no disk space for it; nothing was claimed
  /// @throws WalFailedException if the log has failed; nothing was claimed
  /// @throws IllegalStateException if the log is closed; nothing was claimed
  long claim(int units, int records, Staging.Kind kind)
      throws WalFullException, WalFailedException {
    if (kind == Staging.Kind.REFERENCE) {
      return claimReference(units, records);
    }
    checkOpen();
    // Not past those who wait: a large record would never find room among small ones. Control
    // records go past: they may be what makes room.
    if (waiting == null || kind == Staging.Kind.CONTROL) {
      long claim = staging.tryClaim(units, records, kind);
      if (claim != Staging.NO_ROOM) {
        return claim;
      }
    }
    return claimInTurn(units, records, kind);
  }

  // Never behind those who wait: they may wait for this very batch. It needs no disk space, which
  // was prepared for it, and there is one at a time.
  private long claimReference(int units, int records) throws WalFailedException {
    boolean interrupted = false;
    try {
      waitingBatch = Thread.currentThread();
      while (true) {
        checkOpen();
        long claim = staging.tryClaim(units, records, Staging.Kind.REFERENCE);
        if (claim != Staging.NO_ROOM) {
          return claim;
        }
        host.park(this, RECHECK_NANOS);
        interrupted |= Thread.interrupted();
      }
    } finally {
      waitingBatch = null;
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private long claimInTurn(int units, int records, Staging.Kind kind)
      throws WalFullException, WalFailedException {
    long begun = host.nanoTime();
    boolean interrupted = false;
    queue.lock();
    try {
      waitingSinceNanos = begun;
      waiting = Thread.currentThread();
      onWait.run();
      while (true) {
        checkOpen();
        // The reason is read before the claim is tried: a spare that came between is then not
        // overlooked.
        WalFullException full = fullNow(units, kind);
        long claim = staging.tryClaim(units, records, kind);
        if (claim != Staging.NO_ROOM) {
          return claim;
        }
        if (full != null) {
          lastRefusal = full;
          meters.refused();
          throw full;
        }
        host.park(this, RECHECK_NANOS);
        interrupted |= Thread.interrupted();
      }
    } finally {
      waiting = null;
      waitingSinceNanos = NOBODY;
      meters.waited(host.nanoTime() - begun); // before the next one's turn: one at a time
      queue.unlock();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void checkOpen() throws WalFailedException {
    failure.check();
    if (closed) {
      throw new IllegalStateException("the log is closed");
    }
  }

  // Full only if no spare is on its way, and what is staged does not make room by being written:
  // either nothing is staged, or the claim would not fit even then.
  private synchronized @Nullable WalFullException fullNow(int units, Staging.Kind kind) {
    if (refusal == null || referencePending) {
      return null;
    }
    boolean fitsAlone = units <= (kind == Staging.Kind.CONTROL ? controlUnits : ordinaryUnits);
    if (fitsAlone && staging.isClaimed()) {
      return null;
    }
    return new WalFullException(
        "no space for another segment; free some, or truncate the log, and try again: "
            + refusal.getMessage(),
        refusal);
  }

  /// Says what the lease holder has taken out of staging and what is left of the active segment.
  synchronized void consumed(long units, long restBytes) {
    consumedUnits = units;
    activeRestBytes = restBytes;
    publish();
  }

  /// Says how many spares are ready, the reserve included.
  ///
  /// @param reason why no more can be prepared now, or null
  synchronized void spares(int ready, @Nullable IOException reason) {
    readySpares = ready;
    refusal = reason;
    publish();
    wake();
  }

  /// Says that the active segment, or the one that is being activated, was a spare.
  ///
  /// @param last whether it was the last one there was: the reserve
  synchronized void took(boolean last) {
    activeWasReserve = last;
    publish();
  }

  /// Says whether a batch by reference is on its way, which will leave the active segment
  /// unfinished.
  synchronized void reference(boolean pending) {
    referencePending = pending;
    publish();
  }

  private void publish() {
    if (closed) {
      return;
    }
    long inActive = referencePending ? 0 : activeRestBytes - FrameLayout.ALIGNMENT;
    boolean reserveIsThere = readySpares > 0 || (refusal == null && !activeWasReserve);
    ordinaryUnits = units(Math.max(reserveIsThere ? inActive : 0, inSpares(readySpares - 1)));
    controlUnits = units(Math.max(inActive, inSpares(readySpares)));
    shortOfDisk = ordinaryUnits < staging.units();
    staging.limit(consumedUnits + ordinaryUnits, consumedUnits + controlUnits);
    wake();
  }

  private long units(long bytes) {
    return Math.min(Math.max(0, bytes) / FrameLayout.ALIGNMENT, staging.units());
  }

  // Each but the last may be left when the next claim does not fit its rest.
  private long inSpares(int count) {
    return count <= 0
        ? 0
        : areaBytes + (count - 1) * (areaBytes - largestClaimBytes + FrameLayout.ALIGNMENT);
  }

  private void wake() {
    unpark(waiting);
    unpark(waitingBatch);
  }

  private void unpark(@Nullable Thread thread) {
    if (thread != null) {
      host.unpark(thread);
    }
  }

  /// {@return since when the append waits whose turn it is, which has waited the longest; or
  /// [#NOBODY]}
  long waitingSinceNanos() {
    return waitingSinceNanos;
  }

  /// {@return what the append was answered that was refused last, or null}
  @Nullable WalFullException lastRefusal() {
    return lastRefusal;
  }

  /// Refuses all further claims. Every claim made is visible to the consumer on return.
  synchronized void close() {
    if (!closed) {
      closed = true;
      staging.bar();
      wake();
    }
  }

  /// Wakes whoever waits, after the failure was set.
  void wakeAll() {
    wake();
  }
}
