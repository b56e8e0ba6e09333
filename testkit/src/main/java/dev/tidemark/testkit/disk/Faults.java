package dev.tidemark.testkit.disk;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What goes wrong in a [SimulatedDisk], and when. Safe for use by any number of threads.
public final class Faults {

  /// The kinds of calls that can be made to fail.
  public enum Call {
    READ,
    WRITE,
    TRUNCATE,
    SYNC,
    CREATE,
    OPEN,
    RENAME,
    DELETE,
    SYNC_DIRECTORY
  }

  private record Plan(Call call, long number, boolean forEver, int keptBytes, IOException error) {}

  private final List<Plan> plans = new ArrayList<>();
  private final Map<Call, Long> counts = new EnumMap<>(Call.class);
  private boolean failedSyncForgets;

  Faults() {}

  /// Makes one call fail, without effect.
  ///
  /// @param call of which kind
  /// @param n the how manieth from now on, from 1
  /// @param error what it throws
  public synchronized void fail(Call call, int n, IOException error) {
    plans.add(new Plan(call, count(call) + n, false, 0, error));
  }

  /// Makes one call and all after it fail, without effect.
  ///
  /// @param call of which kind
  /// @param n the how manieth from now on, from 1
  /// @param error what they throw
  public synchronized void failForEver(Call call, int n, IOException error) {
    plans.add(new Plan(call, count(call) + n, true, 0, error));
  }

  /// Makes a write fail after a part of its bytes.
  ///
  /// @param n the how manieth write from now on, from 1
  /// @param keptBytes how many bytes are written
  /// @param error what it throws
  public synchronized void tear(int n, int keptBytes, IOException error) {
    plans.add(new Plan(Call.WRITE, count(Call.WRITE) + n, false, keptBytes, error));
  }

  /// Lets failed syncs forget the writes they were to make durable: reads go on showing them, a
  /// later sync succeeds, and a power cut loses them.
  public synchronized void failedSyncsForget() {
    failedSyncForgets = true;
  }

  /// {@return how many calls of a kind there were}
  ///
  /// @param call of which kind
  public synchronized long met(Call call) {
    return count(call);
  }

  /// Forgets all plans.
  public synchronized void clear() {
    plans.clear();
    failedSyncForgets = false;
  }

  synchronized boolean forgetting() {
    return failedSyncForgets;
  }

  /// Counts a call and fails it if that is planned.
  synchronized void meet(Call call) throws IOException {
    Plan plan = next(call);
    if (plan != null) {
      throw plan.error;
    }
  }

  /// Counts a write.
  ///
  /// @return null if it succeeds
  synchronized @Nullable Torn meetWrite() {
    Plan plan = next(Call.WRITE);
    return plan == null ? null : new Torn(plan.keptBytes, plan.error);
  }

  record Torn(int keptBytes, IOException error) {}

  private @Nullable Plan next(Call call) {
    long number = counts.merge(call, 1L, Long::sum);
    for (Plan plan : plans) {
      if (plan.call == call && (plan.number == number || (plan.forEver && plan.number <= number))) {
        return plan;
      }
    }
    return null;
  }

  private long count(Call call) {
    return counts.getOrDefault(call, 0L);
  }
}
