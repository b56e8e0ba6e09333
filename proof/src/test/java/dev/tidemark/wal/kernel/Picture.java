package dev.tidemark.wal.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.wal.Checkpoint;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.Hole;
import dev.tidemark.wal.SubscriptionStatus;
import dev.tidemark.wal.Wal;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// What a log shows.
///
/// @param records by LSN
/// @param firstLsn the smallest LSN that can be read
/// @param lastLsn that of the last record; the one before `firstLsn` if there is none
/// @param reachedLsn what recovery calls the last: one that an earlier recovery cut, if nothing was
///   appended since
/// @param acks by subscription
/// @param checkpointLsn 0 if there is none
record Picture(
    NavigableMap<Long, Work.Id> records,
    long firstLsn,
    long lastLsn,
    long reachedLsn,
    NavigableMap<String, Long> acks,
    long checkpointLsn) {

  /// Nothing.
  static final Picture NONE = new Picture(new TreeMap<>(), 1, 0, 0, new TreeMap<>(), 0);

  /// Takes the picture of a log to which nothing was appended since it was opened. Checks that each
  /// record is one that somebody made, byte for byte, and in order; that a gap between them is a
  /// hole of which the log says that it was cut; and that the checkpoint is whole.
  static Picture of(Wal wal) throws IOException {
    NavigableMap<Long, Work.Id> records = new TreeMap<>();
    List<Hole> holes = wal.holes();
    long first;
    try (Cursor cursor = wal.read()) { // what it is at, nobody removes
      first = wal.firstLsn();
      long last = first - 1;
      while (cursor.next()) {
        long lsn = cursor.lsn();
        byte[] bytes = cursor.bytes();
        Work.Id id = Work.idOf(bytes);
        if (id == null) {
          throw new AssertionError(
              "LSN " + lsn + ", " + bytes.length + " bytes, is no record that was made");
        }
        assertThat(lsn).isGreaterThan(last);
        for (long missing = last + 1; missing < lsn; missing++) {
          assertThat(isCut(holes, missing)).as("LSN %s is missing: %s", missing, holes).isTrue();
        }
        records.put(lsn, id);
        last = lsn;
      }
    }
    NavigableMap<String, Long> acks =
        wal.subscriptions().stream()
            .collect(
                Collectors.toMap(
                    SubscriptionStatus::name, SubscriptionStatus::acked, Math::max, TreeMap::new));
    long last = records.isEmpty() ? first - 1 : records.lastKey();
    long reached = wal.recovery().lastLsn();
    assertThat(last).isLessThanOrEqualTo(reached);
    return new Picture(records, first, last, reached, acks, checkpoint(wal));
  }

  private static boolean isCut(List<Hole> holes, long lsn) {
    return holes.stream()
        .anyMatch(
            hole ->
                hole.reason() == Hole.Reason.CUT && hole.fromLsn() <= lsn && lsn <= hole.toLsn());
  }

  private static long checkpoint(Wal wal) throws IOException {
    assertThat(wal.recovery().damagedCheckpoint()).isEmpty();
    Checkpoint newest = wal.checkpoint().orElse(null);
    if (newest == null) {
      return 0;
    }
    try (InputStream in = newest.open()) {
      assertThat(in.readAllBytes()).isEqualTo(Work.snapshot(newest.lsn()));
    }
    return newest.lsn();
  }

  /// Checks that a later recovery has kept all of this and added nothing. The low-water mark may
  /// have risen: a checkpoint that was there has been verified, or a truncation has gone on.
  void checkSame(Picture later) {
    assertThat(later.firstLsn).isGreaterThanOrEqualTo(firstLsn);
    assertThat(later.records).isEqualTo(records.tailMap(later.firstLsn, true));
    assertThat(later.lastLsn).isEqualTo(lastLsn);
    assertThat(later.reachedLsn).isGreaterThanOrEqualTo(reachedLsn);
    assertThat(later.acks).isEqualTo(acks);
    assertThat(later.checkpointLsn).isEqualTo(checkpointLsn);
  }
}
