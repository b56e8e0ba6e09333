package dev.tidemark.testkit.explorer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.SubscriptionStatus;
import dev.tidemark.wal.Wal;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Where the subscriptions of a log must stand, by name. Immutable.
record Stands(Map<String, Stand> all) {

  /// @param certain whether it must be there
  /// @param acked what it acknowledged for sure
  /// @param acking what it may have acknowledged
  record Stand(boolean certain, long acked, long acking) {}

  static Stands none() {
    return new Stands(Map.of());
  }

  /// {@return those that a log shows}
  static Stands of(Wal wal) {
    Map<String, Stand> shown = new TreeMap<>();
    for (SubscriptionStatus status : wal.subscriptions()) {
      shown.put(status.name(), new Stand(true, status.acked(), status.acked()));
    }
    return new Stands(shown);
  }

  Stands with(String name, boolean certain, long acked, long acking) {
    Map<String, Stand> next = new TreeMap<>(all);
    next.put(name, new Stand(certain, acked, acking));
    return new Stands(next);
  }

  @Nullable Stand of(String name) {
    return all.get(name);
  }

  long hash() {
    long hash = all.size();
    for (Map.Entry<String, Stand> entry : all.entrySet()) {
      Stand stand = entry.getValue();
      hash = Known.mixed(hash ^ entry.getKey().hashCode());
      hash = Known.mixed(hash ^ stand.acked * 2 + (stand.certain ? 1 : 0));
      hash = Known.mixed(hash ^ stand.acking);
    }
    return hash;
  }

  /// Checks what a recovered log shows.
  void check(Wal wal) throws IOException {
    Map<String, SubscriptionStatus> shown =
        wal.subscriptions().stream()
            .collect(Collectors.toMap(SubscriptionStatus::name, Function.identity()));
    assertThat(all.keySet()).as("subscriptions").containsAll(shown.keySet());
    for (Map.Entry<String, Stand> entry : all.entrySet()) {
      check(wal, entry.getKey(), entry.getValue(), shown.get(entry.getKey()));
    }
    assertThat(wal.recovery().raisedAcks()).isEmpty();
  }

  private static void check(Wal wal, String name, Stand stand, @Nullable SubscriptionStatus status)
      throws IOException {
    if (status == null) {
      assertThat(stand.certain).as("subscription %s is missing", name).isFalse();
      return;
    }
    assertThat(status.acked()).as("ack of %s", name).isBetween(stand.acked, stand.acking);
    try (Cursor cursor = wal.subscribe(name)) {
      boolean more = status.acked() < wal.recovery().lastLsn();
      assertThat(cursor.next()).as("%s has more", name).isEqualTo(more);
      assertThat(!more || cursor.lsn() > status.acked()).as("%s goes on", name).isTrue();
    }
  }
}
