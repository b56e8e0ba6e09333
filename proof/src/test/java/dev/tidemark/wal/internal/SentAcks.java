package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.LsnGoneException;
import dev.tidemark.wal.SubscriptionStatus;
import dev.tidemark.wal.Wal;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Where the subscriptions of a log must stand, as far as it promised. Guarded by its [Sent].
final class SentAcks {
  /// @param certain whether it must be there
  /// @param possible whether it may be
  /// @param acked what it acknowledged for sure
  /// @param acking what it may have acknowledged
  record Stand(boolean certain, boolean possible, long acked, long acking) {
    Stand upTo(Stand later) {
      return new Stand(
          certain && later.certain,
          possible || later.possible,
          Math.min(acked, later.acked),
          Math.max(acking, later.acking));
    }
  }

  /// What was known at one moment.
  record Known(Map<String, Stand> stands) {
    Known upTo(Known later) {
      Map<String, Stand> both = new TreeMap<>(later.stands);
      both.replaceAll(
          (name, stand) -> {
            Stand before = stands.get(name);
            return before == null
                ? new Stand(false, stand.possible, 0, stand.acking)
                : before.upTo(stand);
          });
      return new Known(both);
    }

    /// Checks what a recovered log shows.
    void check(Wal wal) throws IOException {
      Map<String, SubscriptionStatus> shown =
          wal.subscriptions().stream()
              .collect(Collectors.toMap(SubscriptionStatus::name, Function.identity()));
      assertThat(stands.keySet()).containsAll(shown.keySet());
      for (Map.Entry<String, Stand> entry : stands.entrySet()) {
        check(wal, entry.getKey(), entry.getValue(), shown.get(entry.getKey()));
      }
      assertThat(wal.recovery().raisedAcks()).isEmpty();
    }

    private static void check(
        Wal wal, String name, Stand stand, @Nullable SubscriptionStatus status) throws IOException {
      if (status == null) {
        assertThat(stand.certain).as("subscription %s is missing", name).isFalse();
        return;
      }
      assertThat(stand.possible).as("subscription %s is there", name).isTrue();
      assertThat(status.acked()).as(name).isBetween(stand.acked, stand.acking);
      if (status.acked() + 1 < wal.firstLsn()) {
        assertThatThrownBy(() -> overtaken(wal, name)).isInstanceOf(LsnGoneException.class);
        return;
      }
      try (Cursor cursor = wal.subscribe(name)) {
        boolean more = status.acked() < wal.recovery().lastLsn();
        assertThat(cursor.next()).as(name).isEqualTo(more);
        assertThat(more ? cursor.lsn() : status.acked() + 1).isEqualTo(status.acked() + 1);
      }
    }
  }

  private static void overtaken(Wal wal, String name) throws IOException {
    try (Cursor cursor = wal.subscribe(name)) {
      boolean _ = cursor.next();
    }
  }

  private final Map<String, Stand> stands = new TreeMap<>();

  void begin(String name, long acked, long acking) {
    stands.put(name, new Stand(false, true, acked, acking));
  }

  // A subscription that began behind an LSN is not taken back by an ack of that.
  void acking(String name, long lsn) {
    stands.computeIfPresent(name, (n, s) -> new Stand(true, true, s.acked, Math.max(s.acked, lsn)));
  }

  void acked(String name, long lsn) {
    stands.computeIfPresent(
        name, (n, s) -> new Stand(true, true, Math.max(s.acked, lsn), Math.max(s.acked, lsn)));
  }

  void end(String name) {
    stands.computeIfPresent(name, (n, s) -> new Stand(false, true, s.acked, s.acking));
  }

  void ended(String name) {
    stands.computeIfPresent(name, (n, s) -> new Stand(false, false, s.acked, s.acking));
  }

  /// {@return the smallest LSN that any of those still needs that are there for sure}
  long needed() {
    return stands.values().stream()
        .filter(Stand::certain)
        .mapToLong(stand -> stand.acking + 1)
        .min()
        .orElse(1);
  }

  Known known() {
    return new Known(new TreeMap<>(stands));
  }
}
