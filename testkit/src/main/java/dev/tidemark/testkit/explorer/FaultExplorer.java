package dev.tidemark.testkit.explorer;

import dev.tidemark.testkit.disk.Faults;
import dev.tidemark.testkit.disk.Faults.AfterFailedSync;
import dev.tidemark.testkit.disk.Faults.Operation;
import dev.tidemark.wal.SyncPolicy;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFullException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Makes sequences of calls on a log again and again, each time with another call to the storage
/// failing, until there is no such call left: once or for ever, with an error or for want of space,
/// after a part of a write, and with what several file systems make of a failed sync.
///
/// Each time the log must end: no thread and no file is left, every future completes once, and
/// nothing is acknowledged after the failure. Then the log is opened again, after a kill and after
/// a power cut, and by `reopen` if it has failed; what it shows is held against what it owes.
///
/// Used by one thread.
public final class FaultExplorer {
  private static final int[] ONCE = {1};
  private static final int[] SHOWN_READS = {1, 2, 3, 4, 6, 8, 12};

  private final WalOptions options;
  private final long seed;
  private List<Call> before = List.of();
  private UnaryOperator<Storage> seenAs = UnaryOperator.identity();
  private long runs;
  private long failures;

  /// One way a call fails.
  ///
  /// @param operation of which kind
  /// @param forEver whether all after it fail, too
  /// @param full whether for want of space
  /// @param keptBytes what a failing write leaves, in bytes
  /// @param after what becomes of what a failed sync was to make durable
  /// @param shownReads after so many reads of it that is gone, if it is evicted
  record Way(
      Operation operation,
      boolean forEver,
      boolean full,
      int keptBytes,
      AfterFailedSync after,
      int shownReads) {

    Way(Operation operation, boolean forEver, boolean full, int keptBytes) {
      this(operation, forEver, full, keptBytes, AfterFailedSync.KEPT, 1);
    }

    static Way failedSync(AfterFailedSync after, int shownReads) {
      return new Way(Operation.SYNC, false, false, 0, after, shownReads);
    }

    /// Whether a file may show other bytes from one read to the next: a recovery that sees that may
    /// give up, once.
    boolean changesUnderReaders() {
      return after == AfterFailedSync.EVICTED;
    }

    void plan(Faults faults, int n) {
      IOException error =
          full
              ? new StorageFullException("no space left: " + operation + " " + n)
              : new IOException("input/output error: " + operation + " " + n);
      faults.afterFailedSync(after);
      faults.evictAfter(shownReads);
      if (keptBytes > 0) {
        faults.tear(n, keptBytes, error);
      } else if (forEver) {
        faults.failForEver(operation, n, error);
      } else {
        faults.fail(operation, n, error);
      }
    }
  }

  /// @param options of the logs
  /// @param seed of the scheduler
  public FaultExplorer(WalOptions options, long seed) {
    this.options = options;
    this.seed = seed;
  }

  /// Gives every log a life before the calls that meet failures. To be called first.
  ///
  /// @param calls in order; they succeed
  /// @return this
  public FaultExplorer after(List<Call> calls) {
    before = List.copyOf(calls);
    return this;
  }

  /// Puts something between the logs and their failing disk, as [Explorer#through].
  ///
  /// @param storage makes the storage the log gets of the one it would have had
  /// @return this
  public FaultExplorer through(UnaryOperator<Storage> storage) {
    seenAs = storage;
    return this;
  }

  /// {@return how many runs were made}
  public long runs() {
    return runs;
  }

  /// {@return in how many of them the log failed}
  public long failures() {
    return failures;
  }

  /// Lets every call to the storage that a sequence makes fail in turn, in every way.
  ///
  /// @param calls in order; [Call#REOPEN] brings a fault of its own and is not allowed
  /// @throws AssertionError if a log does not end as it must, or shows what it must not; the
  ///   message has the shortest sequence that still fails
  public void explore(List<Call> calls) {
    if (calls.contains(Call.REOPEN)) {
      throw new IllegalArgumentException("REOPEN brings a fault of its own: " + calls);
    }
    for (Operation operation : Operation.values()) {
      for (boolean forEver : new boolean[] {false, true}) {
        exhaust(calls, new Way(operation, forEver, false, 0));
      }
    }
    for (Operation operation : List.of(Operation.WRITE, Operation.CREATE)) {
      exhaust(calls, new Way(operation, true, true, 0));
    }
    for (int kept : new int[] {70, 600}) {
      exhaust(calls, new Way(Operation.WRITE, false, false, kept));
    }
    for (AfterFailedSync after : AfterFailedSync.values()) {
      exhaust(calls, after);
    }
  }

  private void exhaust(List<Call> calls, AfterFailedSync after) {
    boolean lost = after == AfterFailedSync.EVICTED || after == AfterFailedSync.DROPPED;
    if (lost && options.sync() instanceof SyncPolicy.Async) {
      return; // there the cache may lose what was acknowledged
    }
    for (int reads : after == AfterFailedSync.EVICTED ? SHOWN_READS : ONCE) {
      exhaust(calls, Way.failedSync(after, reads));
    }
  }

  private void exhaust(List<Call> calls, Way way) {
    Failure found = firstFailure(calls, way);
    if (found != null) {
      throw error(shrink(found, way), way);
    }
  }

  /// A run that did not end as it must.
  ///
  /// @param calls that were made
  /// @param n which call to the storage failed, of those of its kind
  /// @param cause what was wrong
  private record Failure(List<Call> calls, int n, Throwable cause) {}

  private AssertionError error(Failure found, Way way) {
    String place = "seed " + seed + ", " + options.sync() + ", calls " + found.calls + ", " + way;
    return new AssertionError(
        place + ", number " + found.n + ": " + found.cause.getMessage(), found.cause);
  }

  // Lets one call to the storage after the other fail, until there is no such call.
  private @Nullable Failure firstFailure(List<Call> calls, Way way) {
    boolean reached = true;
    for (int n = 1; reached; n++) {
      FaultyRun run = new FaultyRun(options, seed, before, calls, way, n, seenAs);
      try {
        reached = run.make();
      } catch (Exception | AssertionError e) {
        return new Failure(calls, n, e);
      }
      runs++;
      failures += run.failed() ? 1 : 0;
    }
    return null;
  }

  // Leaves out one call after the other as long as what is left fails, too.
  private Failure shrink(Failure found, Way way) {
    for (int i = 0; i < found.calls.size() && found.calls.size() > 1; i++) {
      List<Call> fewer = new ArrayList<>(found.calls);
      fewer.remove(i);
      Failure shorter = firstFailure(fewer, way);
      if (shorter != null) {
        return shrink(shorter, way);
      }
    }
    return found;
  }
}
