package dev.tidemark.testkit.explorer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.wal.Checkpoint;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.Wal;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;

/// What a log owes at one moment: the measure for what a recovery may show. Immutable.
///
/// @param records what was appended, whether acknowledged or not, by LSN
/// @param ends the last LSN of each append: a batch ends nowhere else
/// @param acknowledged the last LSN whose append returned
/// @param durable what no power cut may take
/// @param truncated below this nothing is shown
/// @param truncating below this records may be gone
/// @param checkpoint the LSN of the checkpoint that is there for sure, 0 if none is
/// @param checkpointing the largest that may be
/// @param stands where the subscriptions stand
/// @param sealed whether the log was closed behind a record of its newest segment, and not opened
///   since
record Known(
    NavigableMap<Long, byte[]> records,
    NavigableSet<Long> ends,
    long acknowledged,
    long durable,
    long truncated,
    long truncating,
    long checkpoint,
    long checkpointing,
    Stands stands,
    boolean sealed) {

  /// {@return the last LSN whose append was begun}
  long attempted() {
    return records.isEmpty() ? 0 : records.lastKey();
  }

  /// {@return what is owed if no power was cut: what was acknowledged was written}
  Known afterAKill() {
    return atLeast(acknowledged);
  }

  /// {@return the same, with more durable}
  Known atLeast(long lsn) {
    return new Known(
        records,
        ends,
        acknowledged,
        Math.max(durable, lsn),
        truncated,
        truncating,
        checkpoint,
        checkpointing,
        stands,
        sealed);
  }

  /// {@return a hash of all of it}
  long hash() {
    long hash = mixed(stands.hash() ^ (sealed ? 1 : 0));
    for (Map.Entry<Long, byte[]> record : records.entrySet()) {
      hash = mixed(mixed(hash ^ record.getKey()) ^ Arrays.hashCode(record.getValue()));
    }
    long[] marks = {acknowledged, durable, truncated, truncating, checkpoint, checkpointing};
    for (long end : ends) {
      hash = mixed(hash ^ end);
    }
    for (long mark : marks) {
      hash = mixed(hash ^ mark);
    }
    return hash;
  }

  // One round of SplitMix64's finalizer: public domain.
  static long mixed(long x) {
    long h = (x + 0x9e3779b97f4a7c15L) * 0xbf58476d1ce4e5b9L;
    return h ^ (h >>> 31);
  }

  /// Checks what a recovered log shows: durable ⊆ shown ⊆ attempted, in order, byte for byte, each
  /// once, batches whole; where subscriptions stand; the checkpoint.
  ///
  /// @return the last LSN it shows
  long check(Wal wal) throws IOException {
    long last = wal.recovery().lastLsn();
    long gone = Math.max(truncating, checkpointOf(wal) + 1); // below this nobody needs a record
    assertThat(last).as("last LSN").isBetween(durable, attempted());
    List<Long> shown = new ArrayList<>();
    long first;
    try (Cursor cursor = wal.read()) { // what it is at, nobody removes
      first = wal.firstLsn();
      while (cursor.next()) {
        shown.add(cursor.lsn());
        assertThat(cursor.bytes()).as("LSN %s", cursor.lsn()).isEqualTo(records.get(cursor.lsn()));
      }
    }
    if (last > 0) {
      assertThat(first).as("first LSN").isGreaterThanOrEqualTo(truncated);
      assertThat(ends.contains(last)).as("a batch is cut at LSN %s", last).isTrue();
    }
    // LSNs of a torn write that nobody has may be passed over, records may not.
    long to = Math.min(first, last + 1);
    assertThat(records.subMap(Math.min(gone, to), true, to, false))
        .as("records missing before the first, %s", first)
        .isEmpty();
    assertThat(shown)
        .as("LSNs shown")
        .containsExactlyElementsOf(
            records.subMap(first, true, Math.max(first, last + 1), false).keySet());
    stands.check(wal);
    checkCheckpoint(wal);
    return last;
  }

  private static long checkpointOf(Wal wal) {
    return wal.checkpoint().map(Checkpoint::lsn).orElse(0L);
  }

  /// {@return what is owed once all this was shown: nothing of it may be taken back}
  Known narrowedTo(Wal wal) {
    long lsn = checkpointOf(wal);
    return new Known(
        records,
        ends,
        acknowledged,
        Math.max(durable, wal.recovery().lastLsn()),
        truncated,
        Math.max(truncating, lsn + 1),
        lsn,
        lsn,
        Stands.of(wal),
        sealed);
  }

  private void checkCheckpoint(Wal wal) throws IOException {
    assertThat(wal.recovery().damagedCheckpoint()).isEmpty();
    long lsn = checkpointOf(wal);
    assertThat(lsn).as("checkpoint").isBetween(checkpoint, checkpointing);
    if (lsn > 0) {
      try (Cursor cursor = wal.read(lsn + 1)) { // whoever restored it goes on here
        Long next = records.higherKey(lsn);
        boolean more = next != null && next <= wal.recovery().lastLsn();
        assertThat(cursor.next()).as("records behind the checkpoint").isEqualTo(more);
      }
      try (InputStream in = wal.checkpoint().orElseThrow().open()) {
        assertThat(in.readAllBytes()).isEqualTo(snapshot(lsn));
      }
    }
  }

  /// {@return what a checkpoint at an LSN holds}
  static byte[] snapshot(long lsn) {
    byte[] bytes = new byte[(int) (900 + lsn % 9 * 700)];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (i * 7L + lsn);
    }
    return bytes;
  }
}
