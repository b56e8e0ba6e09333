package dev.tidemark.testkit.host;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The threads of a [SimulatedHost], in the order they were started: what is drawn from them must
/// not depend on hashes. Guarded by its [Scheduler].
final class Tasks {
  private final Map<Thread, Task> byThread = new HashMap<>();
  private final List<Task> order = new ArrayList<>();

  void add(Task task) {
    byThread.put(task.thread, task);
    order.add(task);
  }

  @Nullable Task find(Thread thread) {
    return byThread.get(thread);
  }

  List<Task> all() {
    return order;
  }

  boolean isFirst(Task task) {
    return order.getFirst().equals(task);
  }

  /// {@return those but one that have not ended}
  List<Task> leftBeside(Task one) {
    return order.stream().filter(task -> !task.hasEnded() && !task.equals(one)).toList();
  }

  /// {@return what each that has not ended waits for}
  List<String> waiting() {
    return order.stream().filter(task -> !task.hasEnded()).map(Task::toString).toList();
  }

  /// {@return those that can run, the one that ran last before all others}
  List<Task> ready(@Nullable Task last) {
    List<Task> ready = new ArrayList<>();
    if (last != null && last.isRunnable()) {
      ready.add(last);
    }
    for (Task task : order) {
      if (task.isRunnable() && !task.equals(last)) {
        ready.add(task);
      }
    }
    return ready;
  }

  /// {@return the first moment that any waits for}
  long firstMoment() {
    long first = Task.FOR_EVER;
    for (Task task : order) {
      first = Math.min(first, task.wakeAt());
    }
    return first;
  }

  /// Wakes those whose moment has come.
  ///
  /// @return them
  List<Task> wokenAt(long now) {
    List<Task> woken = new ArrayList<>();
    for (Task task : order) {
      if (task.wakeAt() <= now) {
        task.wake();
        woken.add(task);
      }
    }
    return woken;
  }

  /// Ends one and wakes those that wait for that.
  void end(Task one) {
    one.end();
    order.stream().filter(task -> task.waitsForEndOf(one)).forEach(Task::wake);
  }
}
