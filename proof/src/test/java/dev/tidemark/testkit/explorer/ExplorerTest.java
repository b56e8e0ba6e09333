package dev.tidemark.testkit.explorer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.wal.SyncPolicy;
import dev.tidemark.wal.WalOptions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Whatever a few calls and a crash leave of a log is what was promised. The seed of samples is
/// another one in each run, and printed; `-Dexplorer.seed=` sets it.
@Timeout(1200)
class ExplorerTest {
  private static final Duration LONG = Duration.ofDays(1); // every sequence is explored
  private static final long SEED =
      Long.getLong("explorer.seed", ThreadLocalRandom.current().nextInt(1_000_000));

  /// After these a log has a subscription and a checkpoint, and writes into a file of an earlier
  /// life, whose frames end where the next ones are to begin.
  static final List<Call> LIFE =
      List.of(
          Call.APPEND_MEDIUM,
          Call.ACKNOWLEDGE,
          Call.APPEND_LARGE,
          Call.APPEND_LARGE,
          Call.APPEND_LARGE,
          Call.ACKNOWLEDGE,
          Call.CHECKPOINT,
          Call.TRUNCATE,
          Call.REST,
          Call.APPEND_SMALL,
          Call.ROTATE,
          Call.APPEND_MEDIUM,
          Call.ROTATE,
          Call.APPEND_MEDIUM);

  static List<SyncPolicy> policies() {
    return List.of(SyncPolicy.fdatasync(), SyncPolicy.async(Duration.ofMillis(50)));
  }

  static WalOptions small(SyncPolicy sync) {
    return WalOptions.builder().segmentBytes(4096).stagingBytes(1024).sync(sync).build();
  }

  @ParameterizedTest
  @MethodSource("policies")
  void everySequenceOfTwoCallsKeepsThePromiseWhereverItCrashes(SyncPolicy sync) {
    exhaust(new Explorer(small(sync), 1, 2), sync + ", new");
  }

  @ParameterizedTest
  @MethodSource("policies")
  void everySequenceOfTwoCallsOnALogWithAPastKeepsThePromiseWhereverItCrashes(SyncPolicy sync) {
    exhaust(new Explorer(small(sync), 1, 2).after(LIFE), sync + ", aged");
  }

  @Test
  void everyCallUnderFsyncKeepsThePromiseWhereverItCrashes() {
    Explorer explorer = new Explorer(small(SyncPolicy.fsync()), 1, 2);
    assertThat(explorer.exhaust(1, LONG, null)).isEqualTo(12);
    assertThat(explorer.seen().states()).isGreaterThan(1_000);
  }

  private static void exhaust(Explorer explorer, String name) {
    assertThat(explorer.exhaust(1, LONG, null)).isEqualTo(12);
    assertThat(explorer.exhaust(2, LONG, null)).isEqualTo(144);
    System.out.println("explorer, " + name + ", up to 2 calls: " + explorer.seen());
    assertThat(explorer.seen().states()).isGreaterThan(10_000);
  }

  @ParameterizedTest
  @MethodSource("policies")
  void samplesOfLongerSequencesKeepThePromiseWhereverTheyCrash(SyncPolicy sync) {
    System.out.println("explorer, seed " + SEED);
    Explorer explorer = new Explorer(small(sync), SEED, 2);
    explorer.sample(3, 12, LONG);
    explorer.sample(4, 12, LONG);
    explorer.sample(25, 2, LONG);
    System.out.println("explorer, " + sync + ", samples: " + explorer.seen());
    assertThat(explorer.seen().sequences()).isEqualTo(26);
  }

  /// The mark of a spare reaches the disk, the zeros that take its place do not, and later segments
  /// are used first: that file was once said to be damaged.
  @Test
  void aMarkThatAPowerCutLeftOnASpareIsNoDamage() {
    new Explorer(small(SyncPolicy.fdatasync()), 728_921, 1)
        .explore(
            List.of(
                Call.APPEND_LARGE,
                Call.TRUNCATE,
                Call.CHECKPOINT,
                Call.ACKNOWLEDGE,
                Call.APPEND_LARGE,
                Call.REOPEN,
                Call.CHECKPOINT,
                Call.APPEND_MEDIUM,
                Call.REOPEN,
                Call.CHECKPOINT,
                Call.ACKNOWLEDGE,
                Call.ROTATE,
                Call.ROTATE,
                Call.REOPEN,
                Call.APPEND_BATCH,
                Call.ROTATE,
                Call.ACKNOWLEDGE,
                Call.REST,
                Call.TRUNCATE,
                Call.APPEND_LARGE,
                Call.REST,
                Call.ACKNOWLEDGE,
                Call.APPEND_BATCH,
                Call.APPEND_BATCH,
                Call.CHECKPOINT));
  }

  @Test
  void sameSeedExploresTheSameStates() {
    List<Call> calls = List.of(Call.APPEND_BATCH, Call.ROTATE, Call.TRUNCATE);
    Explorer one = new Explorer(small(SyncPolicy.fdatasync()), 5, 1);
    Explorer other = new Explorer(small(SyncPolicy.fdatasync()), 5, 1);
    one.explore(calls);
    other.explore(calls);
    assertThat(one.seen().states()).isEqualTo(other.seen().states()).isPositive();
    assertThat(one.seen().moments()).isEqualTo(other.seen().moments());
  }
}
