package dev.tidemark.wal.internal;

import dev.tidemark.testkit.host.SimulatedHost;
import dev.tidemark.wal.PruneBy;
import dev.tidemark.wal.SyncPolicy;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a crash at every step leaves of a log is what was promised.
@Timeout(300)
class CrashExplorerTest {

  @Test
  void everythingAcknowledgedSurvivesACrashAtEveryStep() throws Exception {
    explore(Logs.SMALL);
  }

  @Test
  void everythingSyncedSurvivesACrashAtEveryStepUnderAsync() throws Exception {
    explore(Logs.small(SyncPolicy.async(Duration.ofHours(1))));
  }

  @Test
  void everythingAcknowledgedSurvivesACrashAtEveryStepOfFilesThatHaveSeveralLives()
      throws Exception {
    new CrashExplorer(Logs.SMALL, CrashExplorerTest::recycle, CrashExplorerTest::appendMore)
        .explore("files of several lives");
  }

  private static void explore(WalOptions options) throws Exception {
    new CrashExplorer(options, CrashExplorerTest::append, CrashExplorerTest::appendMore)
        .explore(options.sync().toString());
  }

  // Every segment but the first two had another life, with frames of the same size in it.
  private static void recycle(Wal wal, SimulatedHost host, Sent sent) throws Exception {
    for (int round = 0; round < 7; round++) {
      for (int i = 0; i < 3; i++) {
        sent.append(wal, 500);
      }
      wal.rotate();
      while (wal.metrics().files().spares() < Spares.WANTED) {
        host.rest(Duration.ofMillis(1));
      }
      sent.truncateBefore(wal, 3 * round + 3);
    }
    host.rest(Duration.ofMillis(20)); // a mark
    sent.appendBatch(wal, 2, 30);
  }

  private static void append(Wal wal, SimulatedHost host, Sent sent) throws Exception {
    for (int i = 0; i < 5; i++) {
      sent.append(wal, 10 * i);
    }
    sent.append(wal, 896);
    sent.appendBatch(wal, 3, 15);
    sent.sync(wal);
    sent.appendBatch(wal, 12, 100); // larger than staging
    sent.append(wal, 100);
    sent.appendBatch(wal, 60, 100); // larger than a segment
    sent.append(wal, 10);
    host.rest(Duration.ofMillis(20)); // a mark
    sent.append(wal, 11);
    wal.rotate();
    sent.append(wal, 12);
    sent.truncateBefore(wal, 25);
    for (int i = 0; i < 12; i++) {
      sent.append(wal, 500);
    }
    host.rest(Duration.ofMillis(20));
    sent.appendBatch(wal, 2, 30);
  }

  private static void appendMore(Wal wal, SimulatedHost host, Sent sent) throws Exception {
    sent.append(wal, 20);
    sent.append(wal, 700);
  }

  // ---- a full disk

  @Test
  void logOnAFullDiskOpensAndGoesOnAfterACrashAtEveryStep() throws Exception {
    new CrashExplorer(
            Logs.SMALL,
            (wal, host, sent) -> sent.fill(wal, 800, 2),
            (wal, host, sent) -> sent.fill(wal, 800, 2),
            (wal, host, sent) -> sent.fill(wal, 800, 2),
            (wal, host, sent) -> {
              sent.fill(wal, 800, 2);
              sent.truncateBefore(wal, sent.known().acknowledged());
              sent.fill(wal, 800, 2);
            })
        .onDiskOf(2 * Manifest.SECOND_SLOT_AT + 4 * 4096)
        .explore("a full disk");
  }

  // ---- subscriptions

  @Test
  void everyDurableAckSurvivesACrashAtEveryStep() throws Exception {
    new CrashExplorer(
            Logs.SMALL,
            CrashExplorerTest::subscribe,
            CrashExplorerTest::truncateBehindAcks,
            CrashExplorerTest::appendMore)
        .explore("subscriptions");
  }

  @Test
  void logPrunedByItsSubscriptionsLosesNothingUnacknowledgedAtAnyStep() throws Exception {
    WalOptions options =
        WalOptions.builder()
            .segmentBytes(4096)
            .stagingBytes(1024)
            .pruneBy(PruneBy.SUBSCRIPTIONS)
            .build();
    new CrashExplorer(
            options,
            (wal, host, sent) -> {
              sent.prunedByAcks();
              subscribe(wal, host, sent);
            },
            (wal, host, sent) -> {
              for (int i = 0; i < 4; i++) {
                sent.append(wal, 800);
                sent.ack(wal, "first", 9 + i);
                sent.ack(wal, "third", 8 + i);
              }
            },
            CrashExplorerTest::appendMore)
        .explore("pruned by subscriptions");
  }

  private static void subscribe(Wal wal, SimulatedHost host, Sent sent) throws Exception {
    sent.append(wal, 10);
    sent.subscribe(wal, "first");
    sent.subscribe(wal, "second");
    for (int i = 0; i < 7; i++) {
      sent.append(wal, 800);
    }
    sent.ack(wal, "first", 3);
    sent.ack(wal, "second", 5);
    sent.ack(wal, "first", 8);
    sent.unsubscribe(wal, "second");
    sent.subscribe(wal, "third");
    sent.ack(wal, "third", 7);
  }

  private static void truncateBehindAcks(Wal wal, SimulatedHost host, Sent sent) throws Exception {
    sent.ack(wal, "third", 8);
    sent.truncateBefore(wal, 7);
    sent.subscribe(wal, "second");
    sent.append(wal, 500);
  }

  // ---- checkpoints

  @Test
  void checkpointIsTheOldOrTheNewOneAfterACrashAtEveryStep() throws Exception {
    checkpoints().explore("checkpoints");
  }

  @Test
  void checkpointThatCannotBeReadBackIsTheOldOrTheNewOneAfterACrashAtEveryStep() throws Exception {
    checkpoints().cacheStays().explore("checkpoints, not read back");
  }

  private static CrashExplorer checkpoints() {
    return new CrashExplorer(
        Logs.SMALL,
        (wal, host, sent) -> {
          for (int i = 0; i < 8; i++) {
            sent.append(wal, 800);
          }
          sent.checkpoint(wal, 6);
          sent.append(wal, 800);
          sent.subscribe(wal, "a");
          sent.checkpoint(wal, 8);
          sent.ack(wal, "a", 9);
        },
        (wal, host, sent) -> {
          for (int i = 0; i < 5; i++) {
            sent.append(wal, 800);
          }
          sent.ack(wal, "a", 13);
          sent.checkpoint(wal, 12);
          sent.checkpoint(wal, 13);
        },
        CrashExplorerTest::appendMore);
  }

  // ---- retention

  @Test
  void retentionThatOvertakesIsNoDamageAfterACrashAtEveryStep() throws Exception {
    WalOptions options =
        WalOptions.builder()
            .segmentBytes(4096)
            .stagingBytes(1024)
            .retainBytes(3 * 4096)
            .retentionMayOvertake(true)
            .build();
    new CrashExplorer(
            options,
            (wal, host, sent) -> {
              sent.retained();
              sent.append(wal, 10);
              sent.subscribe(wal, "slow");
              for (int i = 0; i < 9; i++) {
                sent.append(wal, 800);
              }
              sent.ack(wal, "slow", 2);
              for (int i = 0; i < 9; i++) {
                sent.append(wal, 800);
              }
            },
            CrashExplorerTest::appendMore)
        .explore("retention");
  }
}
