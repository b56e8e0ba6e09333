package dev.tidemark.testkit.explorer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.wal.Checkpoint;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.SubscriptionStatus;
import dev.tidemark.wal.Wal;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/// What several callers were told by a log, and what they asked of it. Kept by threads of one
/// simulated host, of which one runs at a time.
final class CrowdBooks {
  private final boolean acknowledgedIsDurable;
  final NavigableMap<Long, Word> acknowledged = new TreeMap<>(); // by LSN
  private final Set<Word> attempted = new HashSet<>();
  long durable;
  long truncating = 1;
  long checkpoint;
  long checkpointing;
  Stands stands = Stands.none();

  CrowdBooks(boolean acknowledgedIsDurable) {
    this.acknowledgedIsDurable = acknowledgedIsDurable;
  }

  /// {@return the same as of now}
  ///
  /// @param durableLsn what the log says is durable, 0 if none is open
  CrowdBooks copy(long durableLsn) {
    durable = Math.max(durable, durableLsn);
    CrowdBooks copy = new CrowdBooks(acknowledgedIsDurable);
    copy.acknowledged.putAll(acknowledged);
    copy.attempted.addAll(attempted);
    copy.durable = durable;
    copy.truncating = truncating;
    copy.checkpoint = checkpoint;
    copy.checkpointing = checkpointing;
    copy.stands = stands;
    return copy;
  }

  void attempting(List<Word> words) {
    attempted.addAll(words);
  }

  /// Says that an append was acknowledged, with its last LSN.
  void acknowledged(long lastLsn, List<Word> words) {
    long lsn = lastLsn - words.size() + 1;
    for (Word word : words) {
      Word other = acknowledged.put(lsn++, word);
      assertThat(other).as("acknowledged as LSN %s before", lsn - 1).isNull();
    }
    if (acknowledgedIsDurable) {
      durable = Math.max(durable, lastLsn);
    }
  }

  /// {@return a hash of what is promised}
  long hash() {
    long hash = Known.mixed(acknowledged.hashCode());
    for (long mark : new long[] {stands.hash(), durable, truncating, checkpoint, checkpointing}) {
      hash = Known.mixed(hash ^ mark);
    }
    return hash;
  }

  /// Checks what a recovered log shows: durable ⊆ shown ⊆ attempted, each once, byte for byte, of
  /// each caller in its order, batches whole; checkpoint and subscription.
  ///
  /// @param killed whether no power was cut: all that was acknowledged is there
  /// @return the last LSN
  long check(Wal wal, boolean killed) throws IOException {
    NavigableMap<Long, Word> shown = new TreeMap<>();
    long first;
    try (Cursor cursor = wal.read()) {
      first = wal.firstLsn();
      while (cursor.next()) {
        shown.put(cursor.lsn(), Word.of(cursor.bytes()));
      }
    }
    assertThat(wal.recovery().holes()).as("holes").isEmpty();
    assertThat(wal.recovery().setAside()).as("set aside").isEmpty();
    if (killed) {
      assertThat(wal.recovery().cutBytes()).as("cut after a kill").isZero();
      assertThat(wal.recovery().discardedTo()).as("discarded after a kill").isZero();
    }
    assertThat(attempted).as("attempted").containsAll(shown.values());
    assertThat(new HashSet<>(shown.values())).as("each once").hasSameSizeAs(shown.values());
    checkOrder(shown);
    long least = killed && !acknowledged.isEmpty() ? acknowledged.lastKey() : durable;
    long last = wal.recovery().lastLsn();
    assertThat(last).as("last LSN").isGreaterThanOrEqualTo(Math.max(durable, 0));
    long removable = Math.max(truncating, checkpointOf(wal) + 1);
    acknowledged
        .headMap(least, true)
        .forEach(
            (lsn, word) -> {
              if (lsn >= Math.min(first, removable)) {
                assertThat(shown.get(lsn))
                    .as("LSN %s of %s to %s", lsn, first, last)
                    .isEqualTo(word);
              }
            });
    acknowledged.forEach((lsn, word) -> checkPlace(shown, lsn, word));
    if (!shown.isEmpty()) { // what is lost is a suffix
      NavigableMap<Long, Word> between =
          acknowledged.subMap(shown.firstKey(), true, shown.lastKey(), true);
      assertThat(shown.keySet()).as("a gap").containsAll(between.keySet());
    }
    checkHolders(wal);
    return last;
  }

  private static void checkPlace(NavigableMap<Long, Word> shown, long lsn, Word word) {
    Word there = shown.get(lsn);
    assertThat(there == null || there.equals(word))
        .as("LSN %s: %s, not %s", lsn, there, word)
        .isTrue();
  }

  private static void checkOrder(NavigableMap<Long, Word> shown) {
    Map<Integer, Word> previous = new HashMap<>();
    Word last = null;
    for (Word word : shown.values()) {
      Word before = previous.put(word.caller(), word);
      assertThat(before == null || before.isFollowedBy(word))
          .as("%s, then %s", before, word)
          .isTrue();
      if (last != null && (word.index() > 0 || last.index() + 1 < last.count())) {
        assertThat(last.isFollowedBy(word) && last.caller() == word.caller())
            .as("whole: %s, then %s", last, word)
            .isTrue();
      }
      last = word;
    }
    assertThat(last == null || last.index() == last.count() - 1).as("whole: %s", last).isTrue();
  }

  private static long checkpointOf(Wal wal) {
    return wal.checkpoint().map(Checkpoint::lsn).orElse(0L);
  }

  private void checkHolders(Wal wal) {
    assertThat(checkpointOf(wal)).as("checkpoint").isBetween(checkpoint, checkpointing);
    long begin = Math.max(truncating - 1, checkpointing); // where the log began then, at most
    Set<String> names = new HashSet<>();
    for (SubscriptionStatus each : wal.subscriptions()) {
      Stands.Stand stand = stands.of(each.name());
      if (stand == null) {
        throw new AssertionError("nobody asked for " + each.name());
      }
      long most = Math.max(stand.acking(), begin);
      assertThat(each.acked()).as("ack of %s", each.name()).isBetween(stand.acked(), most);
      names.add(each.name());
    }
    stands
        .all()
        .forEach(
            (name, stand) ->
                assertThat(!stand.certain() || names.contains(name))
                    .as("%s is there", name)
                    .isTrue());
    assertThat(wal.recovery().raisedAcks()).isEmpty();
  }
}
