package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.testkit.disk.Crash;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.host.FakeHost;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.LsnGoneException;
import dev.tidemark.wal.PruneBy;
import dev.tidemark.wal.Segment;
import dev.tidemark.wal.Subscription;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What retention by size and age removes, and what it does not.
@Timeout(60)
class RetentionTest {
  private static final int SEGMENT = 4096;
  private static final WalOptions BY_SIZE = options().retainBytes(3 * SEGMENT).build();
  private static final WalOptions BY_AGE = options().retainAge(Duration.ofHours(1)).build();
  private static final WalOptions OVERTAKING =
      options().retainBytes(3 * SEGMENT).retentionMayOvertake(true).build();

  private final SimulatedDisk storage = new SimulatedDisk();
  private final FakeHost host = new FakeHost(1);

  private static WalOptions.Builder options() {
    return WalOptions.builder().segmentBytes(SEGMENT).stagingBytes(1024);
  }

  private Wal open(WalOptions options) throws IOException {
    return Wal.open(storage, host, options);
  }

  // One segment for each three records.
  private static void append(Wal wal, int records) throws IOException {
    for (int i = 0; i < records; i++) {
      wal.append(new byte[800]);
    }
  }

  private static void awaitSegments(Wal wal, int count) {
    while (wal.segments().size() > count) {
      Thread.onSpinWait();
    }
  }

  private static long bytes(Wal wal) {
    return wal.segments().stream().mapToLong(Segment::bytes).sum();
  }

  // Until the log has looked at everything it was woken for.
  private static void settle(Wal wal) throws IOException {
    wal.truncateBefore(1);
    wal.truncateBefore(1);
  }

  @Test
  void beyondTheSizeTheOldestSegmentsGo() throws Exception {
    try (Wal wal = open(BY_SIZE)) {
      append(wal, 40);
      awaitSegments(wal, 3);
      assertThat(bytes(wal)).isLessThanOrEqualTo(3 * SEGMENT);
      long first = wal.segments().getFirst().firstLsn();
      assertThat(wal.firstLsn()).isEqualTo(first).isGreaterThan(20);
      assertThatThrownBy(() -> wal.read(first - 1)).isInstanceOf(LsnGoneException.class);
    }
    try (Wal wal = Wal.open(storage.crash(Crash.losingUnsynced()), host, BY_SIZE)) {
      assertThat(bytes(wal)).isLessThanOrEqualTo(4 * SEGMENT);
    }
  }

  @Test
  void sizeThatIsSmallerThanTheActiveSegmentLeavesThat() throws Exception {
    try (Wal wal = open(options().retainBytes(1).build())) {
      append(wal, 10);
      awaitSegments(wal, 1);
      assertThat(wal.append(new byte[10])).isEqualTo(11);
    }
  }

  @Test
  void idleLogLosesItsSegmentsWhenTheyAreOldEnough() throws Exception {
    try (Wal wal = open(BY_AGE)) {
      append(wal, 9);
      host.advance(Duration.ofMinutes(40));
      append(wal, 8);
      int all = wal.segments().size();
      Logs.awaitSpares(wal);
      host.advance(Duration.ofMinutes(19));
      settle(wal);
      assertThat(wal.segments()).hasSize(all);
      try (Ticks _ = new Ticks(host)) {
        host.advance(Duration.ofMinutes(2));
        awaitSegments(wal, all - 2);
        assertThat(wal.firstLsn()).isEqualTo(7);
        host.advance(Duration.ofMinutes(60));
        awaitSegments(wal, 1);
      }
    }
  }

  @Test
  void segmentThatGrewOldWhileNobodyHadTheLogOpenGoesAtOpen() throws Exception {
    try (Wal wal = open(BY_AGE)) {
      append(wal, 9);
    }
    host.advance(Duration.ofHours(2));
    try (Wal wal = open(BY_AGE)) {
      awaitSegments(wal, 2); // what was active is sealed by this opening
      assertThat(wal.firstLsn()).isEqualTo(7);
    }
  }

  @Test
  void clockThatGoesBackRemovesNothingTooSoon() throws Exception {
    try (Wal wal = open(BY_AGE)) {
      append(wal, 9);
    }
    try (Wal wal = Wal.open(storage, new FakeHost(2), BY_AGE)) { // its clock begins again
      settle(wal);
      assertThat(wal.firstLsn()).isEqualTo(1);
    }
  }

  @Test
  void retentionGoesPastNoHolderThatItMayNotOvertake() throws Exception {
    try (Wal wal = open(BY_SIZE)) {
      wal.subscribe("slow").close();
      append(wal, 40);
      settle(wal);
      assertThat(wal.firstLsn()).isEqualTo(1);
      Cursor cursor = wal.read(10);
      wal.unsubscribe("slow");
      while (wal.firstLsn() < 10) {
        Thread.onSpinWait();
      }
      settle(wal);
      assertThat(wal.firstLsn()).isEqualTo(10);
      assertThat(cursor.next()).isTrue();
      cursor.close();
      awaitSegments(wal, 3);
    }
  }

  @Test
  void retentionLeavesWhatTheCheckpointNeeds() throws Exception {
    try (Wal wal = open(BY_SIZE)) {
      append(wal, 4);
      wal.checkpoint(4, target -> target.write(1));
      append(wal, 36);
      settle(wal);
      assertThat(wal.firstLsn()).isEqualTo(5);
      wal.checkpoint(39, target -> target.write(1));
      assertThat(wal.firstLsn()).isEqualTo(40);
    }
  }

  @Test
  void overtakenCursorIsToldAndSkipsNothing() throws Exception {
    try (Wal wal = open(OVERTAKING);
        Cursor cursor = wal.read(1)) {
      append(wal, 3);
      assertThat(cursor.next()).isTrue();
      append(wal, 37);
      awaitSegments(wal, 3);
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(
                () -> {
                  while (cursor.next()) {
                    assertThat(cursor.lsn()).as("what it has read already").isLessThan(5);
                  }
                })
            .isInstanceOfSatisfying(
                LsnGoneException.class,
                e -> assertThat(e.firstAvailable()).isEqualTo(wal.firstLsn()));
      }
      append(wal, 40);
      awaitSegments(wal, 3); // an overtaken cursor holds nothing
    }
  }

  @Test
  void overtakenSubscriptionIsToldUntilAnAckAcceptsTheLoss() throws Exception {
    try (Wal wal = open(OVERTAKING)) {
      Subscription slow = wal.subscribe("slow");
      append(wal, 3);
      assertThat(slow.next()).isTrue();
      slow.ack(1);
      append(wal, 37);
      awaitSegments(wal, 3);
      assertThatThrownBy(() -> readOn(slow)).isInstanceOf(LsnGoneException.class);
      slow.close();
    }
    try (Wal wal = open(OVERTAKING)) {
      assertThat(wal.recovery().raisedAcks()).as("it was overtaken, not damaged").isEmpty();
      try (Subscription slow = wal.subscribe("slow")) {
        assertThat(slow.acked()).isEqualTo(1);
        LsnGoneException gone = null;
        for (int i = 0; i < 2; i++) {
          try {
            slow.next();
          } catch (LsnGoneException e) {
            gone = e;
          }
          assertThat(gone).isNotNull();
        }
        long first = wal.firstLsn();
        slow.ack(first - 1);
        assertThat(slow.next()).isTrue();
        assertThat(slow.lsn()).isEqualTo(first);
      }
      append(wal, 40);
      awaitSegments(wal, 3);
    }
  }

  private static void readOn(Cursor cursor) throws IOException {
    while (cursor.next()) {
      assertThat(cursor.lsn()).isLessThan(5);
    }
  }

  @Test
  void overtakenSubscriptionDoesNotHoldBackWhatTheOthersAcknowledge() throws Exception {
    WalOptions options =
        options()
            .pruneBy(PruneBy.SUBSCRIPTIONS)
            .retainBytes(6 * SEGMENT)
            .retentionMayOvertake(true)
            .build();
    try (Wal wal = open(options)) {
      wal.subscribe("dead").close();
      try (Subscription alive = wal.subscribe("alive")) {
        append(wal, 40);
        awaitSegments(wal, 6);
        long before = wal.firstLsn();
        assertThat(before).isGreaterThan(1);
        alive.ack(36);
        while (wal.firstLsn() < 37) {
          Thread.onSpinWait();
        }
      }
    }
  }

  @Test
  void optionsThatContradictEachOtherAreRefused() {
    assertThatThrownBy(() -> options().pruneBy(PruneBy.SUBSCRIPTIONS).retainBytes(1 << 20).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("retentionMayOvertake");
    assertThatThrownBy(() -> options().retainBytes(0).build())
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> options().retainAge(Duration.ZERO).build())
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static WalOptions prunedAndOvertaking() {
    return options()
        .pruneBy(PruneBy.SUBSCRIPTIONS)
        .retainBytes(3 * SEGMENT)
        .retentionMayOvertake(true)
        .build();
  }

  @Test
  void cursorOrCheckpointDoesNotRaiseTheMarkWhereEverySubscriptionWasOvertaken() throws Exception {
    try (Wal wal = open(prunedAndOvertaking())) {
      wal.subscribe("dead").close();
      append(wal, 40);
      awaitSegments(wal, 3);
      wal.checkpoint(38, target -> target.write(1)); // looks at the mark, as the next ones do
      long first = wal.firstLsn();
      try (Cursor _ = wal.read(40)) {
        wal.checkpoint(38, target -> target.write(1));
        assertThat(wal.firstLsn()).isEqualTo(first);
      }
      wal.checkpoint(39, target -> target.write(1));
      assertThat(wal.firstLsn()).isEqualTo(first);
    }
  }

  @Test
  void ackBetweenTwoOvertakingsIsNoDamageAtTheNextOpen() throws Exception {
    try (Wal wal = open(OVERTAKING);
        Subscription slow = wal.subscribe("slow")) {
      append(wal, 40);
      awaitSegments(wal, 3);
      settle(wal);
      long once = wal.firstLsn();
      append(wal, 40);
      awaitSegments(wal, 3);
      settle(wal);
      assertThat(wal.firstLsn()).isGreaterThan(once + 2);
      slow.ack(once + 1);
    }
    try (Wal wal = open(OVERTAKING);
        Subscription slow = wal.subscribe("slow")) {
      assertThat(wal.recovery().raisedAcks()).isEmpty();
      assertThatThrownBy(slow::next).isInstanceOf(LsnGoneException.class);
    }
  }
}
