package dev.tidemark.wal.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.testkit.disk.Crash;
import dev.tidemark.testkit.disk.Faults;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.host.FakeHost;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.LsnGoneException;
import dev.tidemark.wal.PruneBy;
import dev.tidemark.wal.Subscription;
import dev.tidemark.wal.SubscriptionStatus;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalFailedException;
import dev.tidemark.wal.WalFullException;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.storage.Host;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What subscriptions promise, and how they hold the low-water mark.
@Timeout(60)
class SubscriptionTest {
  static final WalOptions PRUNED =
      WalOptions.builder()
          .segmentBytes(4096)
          .stagingBytes(1024)
          .pruneBy(PruneBy.SUBSCRIPTIONS)
          .build();

  private final SimulatedDisk storage = new SimulatedDisk();

  private Wal open(WalOptions options) throws IOException {
    return Wal.open(storage, new FakeHost(1), options);
  }

  private Wal open() throws IOException {
    return open(Logs.SMALL);
  }

  private SimulatedDisk powerCut() {
    return storage.crash(Crash.losingUnsynced());
  }

  private static List<String> rest(Cursor cursor) throws IOException {
    List<String> records = new ArrayList<>();
    while (cursor.next()) {
      records.add(cursor.lsn() + ":" + new String(cursor.bytes(), UTF_8));
    }
    return records;
  }

  private static void ack(Wal wal, String name, long lsn) throws IOException {
    try (Subscription subscription = wal.subscribe(name)) {
      subscription.ack(lsn);
    }
  }

  // ---- where it begins and goes on

  @Test
  void newOneBeginsAtTheFirstLsnAndGoesOnBehindItsLastAck() throws Exception {
    try (Wal wal = open()) {
      Logs.append(wal, 1, 10);
      try (Subscription subscription = wal.subscribe("warehouse")) {
        assertThat(subscription.name()).isEqualTo("warehouse");
        assertThat(subscription.acked()).isZero();
        assertThat(rest(subscription)).isEqualTo(Logs.expected(1, 10));
        subscription.ack(4);
        assertThat(subscription.acked()).isEqualTo(4);
      }
      try (Subscription subscription = wal.subscribe("warehouse")) {
        assertThat(rest(subscription)).isEqualTo(Logs.expected(5, 10));
      }
    }
    try (Wal wal = open();
        Subscription subscription = wal.subscribe("warehouse")) {
      assertThat(rest(subscription)).isEqualTo(Logs.expected(5, 10));
    }
  }

  @Test
  void registrationAndAckAreDurableOnReturn() throws Exception {
    try (Wal wal = open()) {
      Logs.append(wal, 1, 10);
      wal.subscribe("a").close();
      wal.subscribe("b", 6).close();
      ack(wal, "a", 7);
      try (Wal after = Logs.open(powerCut())) {
        assertThat(after.subscriptions())
            .containsExactly(
                new SubscriptionStatus("a", 7, 3, false), new SubscriptionStatus("b", 5, 5, false));
      }
    }
  }

  @Test
  void itFollowsTheLiveLogFromThePast() throws Exception {
    try (Wal wal = Logs.open(storage)) {
      Logs.append(wal, 1, 50);
      try (Subscription subscription = wal.subscribe("a", 20)) {
        assertThat(rest(subscription)).isEqualTo(Logs.expected(20, 50));
        CompletableFuture<Boolean> more =
            CompletableFuture.supplyAsync(
                () -> {
                  try {
                    return subscription.next(Duration.ofSeconds(30));
                  } catch (IOException | InterruptedException e) {
                    throw new IllegalStateException(e);
                  }
                });
        Logs.append(wal, 51, 51);
        assertThat(more.get(30, TimeUnit.SECONDS)).isTrue();
        assertThat(subscription.lsn()).isEqualTo(51);
        assertThat(subscription.payload().byteSize()).isPositive();
      }
    }
  }

  @Test
  void newOneMayBeginAtTheNextRecord() throws Exception {
    try (Wal wal = open(Remains.NEVER_SYNCED)) {
      Logs.append(wal, 1, 3);
      assertThat(wal.durableLsn()).isZero();
      try (Subscription subscription = wal.subscribe("a", 4)) {
        assertThat(wal.durableLsn()).as("an ack promises its LSN").isEqualTo(3);
        Logs.append(wal, 4, 4);
        wal.sync();
        assertThat(rest(subscription)).isEqualTo(Logs.expected(4, 4));
      }
    }
  }

  @Test
  void startThatIsNoneIsRefused() throws Exception {
    try (Wal wal = open()) {
      Logs.append(wal, 1, 100);
      wal.truncateBefore(50);
      assertThatThrownBy(() -> wal.subscribe("a", 0)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> wal.subscribe("a", 102))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> wal.subscribe("a", 49)).isInstanceOf(LsnGoneException.class);
      assertThat(wal.subscriptions()).isEmpty();
      wal.subscribe("a").close();
      assertThat(wal.subscriptions().getFirst().acked()).isEqualTo(49);
      assertThatThrownBy(() -> wal.subscribe("a", 60))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("goes on behind LSN 49");
    }
  }

  // ---- names

  @Test
  void sameNameTwiceAtOnceIsRefused() throws Exception {
    try (Wal wal = open()) {
      Subscription first = wal.subscribe("a");
      assertThatThrownBy(() -> wal.subscribe("a"))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("open already");
      first.close();
      first.close();
      wal.subscribe("a").close();
    }
  }

  @Test
  void namesHaveAtMost64BytesOfStatedCharacters() throws Exception {
    String longest = "a".repeat(62) + "ß";
    try (Wal wal = open()) {
      for (String good : List.of("a", "team/orders:v1.2_x-y@eu", "lager-süd", "倉庫", longest)) {
        wal.subscribe(good).close();
      }
      for (String bad : List.of("", "a b", "a\n", "a\0", "a,b", "\ud800", longest + "b")) {
        assertThatThrownBy(() -> wal.subscribe(bad)).isInstanceOf(IllegalArgumentException.class);
      }
    }
    try (Wal wal = open()) {
      assertThat(wal.subscriptions()).hasSize(5).anyMatch(s -> s.name().equals(longest));
    }
  }

  @Test
  void forgottenOneIsGoneForGoodAndHoldsNothing() throws Exception {
    try (Wal wal = open()) {
      Logs.append(wal, 1, 200);
      Subscription a = wal.subscribe("a");
      wal.truncateBefore(150);
      assertThat(wal.firstLsn()).isEqualTo(1);
      assertThatThrownBy(() -> wal.unsubscribe("a"))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("close it");
      a.close();
      wal.unsubscribe("a");
      while (wal.firstLsn() < 150) {
        Thread.onSpinWait(); // removal follows by itself
      }
      assertThatThrownBy(() -> wal.unsubscribe("a")).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> a.ack(100)).isInstanceOf(IllegalStateException.class);
      try (Wal after = Logs.open(powerCut())) {
        assertThat(after.subscriptions()).isEmpty();
      }
      wal.subscribe("a").close();
      assertThat(wal.subscriptions().getFirst().acked()).isEqualTo(149);
    }
  }

  // ---- acks

  @Test
  void ackBeyondTheDurableLsnIsRefused() throws Exception {
    try (Wal wal = open(Remains.NEVER_SYNCED);
        Subscription subscription = wal.subscribe("a")) {
      Logs.append(wal, 1, 5);
      assertThatThrownBy(() -> subscription.ack(1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("cannot acknowledge 1");
      wal.sync();
      subscription.ack(5);
      assertThatThrownBy(() -> subscription.ack(6)).isInstanceOf(IllegalArgumentException.class);
      assertThat(subscription.acked()).isEqualTo(5);
    }
  }

  @Test
  void ackBackwardsChangesNothing() throws Exception {
    try (Wal wal = open();
        Subscription subscription = wal.subscribe("a")) {
      Logs.append(wal, 1, 5);
      subscription.ack(4);
      long syncs = syncs();
      subscription.ack(4);
      subscription.ack(2);
      subscription.ack(-1);
      assertThat(subscription.acked()).isEqualTo(4);
      assertThat(syncs()).isEqualTo(syncs);
    }
  }

  private long syncs() {
    return storage.operations().stream().filter(o -> o.equals("sync subscriptions")).count();
  }

  @Test
  void acksThatCameWhileOneWasSyncedShareTheNextSync() throws Exception {
    try (Wal wal = open()) {
      Logs.append(wal, 1, 60);
      List<Subscription> all = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        all.add(wal.subscribe("s" + i));
      }
      Logs.awaitSpares(wal);
      long before = syncs();
      storage.holdSyncs();
      List<CompletableFuture<Void>> acks = new ArrayList<>();
      acks.add(later(all.getFirst(), 1));
      storage.awaitHeldSyncs(1);
      for (int i = 1; i < 60; i++) {
        acks.add(later(all.get(i), i));
      }
      while (waiting() < 60) {
        Thread.onSpinWait();
      }
      storage.releaseSyncs();
      for (CompletableFuture<Void> one : acks) {
        one.get(30, TimeUnit.SECONDS);
      }
      assertThat(syncs() - before).isEqualTo(2);
      try (Wal after = Logs.open(powerCut())) {
        assertThat(after.subscriptions())
            .allMatch(s -> s.acked() == Math.max(1, Long.parseLong(s.name().substring(1))));
      }
    }
  }

  private static CompletableFuture<Void> later(Subscription subscription, long lsn) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .name("acks")
        .start(
            () -> {
              try {
                subscription.ack(lsn);
                done.complete(null);
              } catch (Throwable e) {
                done.completeExceptionally(e);
              }
            });
    return done;
  }

  private static long waiting() {
    return Thread.getAllStackTraces().entrySet().stream()
        .filter(e -> e.getKey().getName().equals("acks"))
        .filter(e -> e.getKey().getState() == Thread.State.WAITING)
        .count();
  }

  @Test
  void virtualThreadsAndInterruptedOnesAcknowledgeToo() throws Exception {
    storage.interruptsReachFiles();
    try (Wal wal = open();
        Subscription subscription = wal.subscribe("a")) {
      Logs.append(wal, 1, 5);
      Thread.currentThread().interrupt();
      subscription.ack(3);
      assertThat(Thread.interrupted()).isTrue();
      CompletableFuture<Long> acked = new CompletableFuture<>();
      Thread.ofVirtual()
          .start(
              () -> {
                try {
                  subscription.ack(4);
                  acked.complete(subscription.acked());
                } catch (IOException e) {
                  acked.completeExceptionally(e);
                }
              });
      assertThat(acked.get(30, TimeUnit.SECONDS)).isEqualTo(4);
      subscription.ack(5);
    }
    try (Wal wal = Logs.open(powerCut())) {
      assertThat(wal.subscriptions().getFirst().acked()).isEqualTo(5);
    }
  }

  // ---- the low-water mark

  @Test
  void subscriptionHoldsTheMarkAtItsLastDurableAckOpenOrNot() throws Exception {
    try (Wal wal = open()) {
      Logs.append(wal, 1, 200);
      wal.subscribe("slow").close();
      ack(wal, "slow", 20);
      wal.truncateBefore(201);
      assertThat(wal.firstLsn()).isEqualTo(21);
    }
    try (Wal wal = open()) {
      wal.truncateBefore(201);
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(21, 200));
      try (Subscription slow = wal.subscribe("slow")) {
        assertThat(rest(slow)).isEqualTo(Logs.expected(21, 200));
        slow.ack(150);
      }
      while (wal.firstLsn() < 151) {
        Thread.onSpinWait(); // removal follows the ack by itself
      }
    }
  }

  @Test
  void prunedBySubscriptionsTheMarkIsWhatAllAcknowledged() throws Exception {
    try (Wal wal = open(PRUNED)) {
      Logs.append(wal, 1, 200);
      assertThatThrownBy(() -> wal.truncateBefore(100))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("pruneBy = SUBSCRIPTIONS");
      assertThat(wal.firstLsn()).as("nobody is there").isEqualTo(1);
      wal.subscribe("warehouse").close();
      wal.subscribe("finance").close();
      ack(wal, "warehouse", 200);
      assertThat(wal.segments().getFirst().number()).isEqualTo(1);
      ack(wal, "finance", 160);
      while (wal.firstLsn() < 161) {
        Thread.onSpinWait();
      }
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(161, 200));
      wal.unsubscribe("warehouse");
      wal.unsubscribe("finance");
      wal.rotate();
      assertThat(wal.firstLsn()).as("the last one took nothing with it").isEqualTo(161);
    }
  }

  @Test
  void segmentThatIsSealedAfterItWasAcknowledgedGoesByItself() throws Exception {
    try (Wal wal = open(PRUNED)) {
      wal.subscribe("a").close();
      Logs.append(wal, 1, 5);
      ack(wal, "a", 5);
      assertThat(wal.segments()).hasSize(1);
      wal.rotate();
      while (wal.segments().getFirst().number() == 1) {
        Thread.onSpinWait();
      }
      assertThat(wal.firstLsn()).isEqualTo(6);
    }
  }

  // ---- when something goes wrong

  @Test
  void ackThatCannotBeMadeDurableFailsTheLogAndIsNotShown() throws Exception {
    for (Faults.Operation call : List.of(Faults.Operation.WRITE, Faults.Operation.SYNC)) {
      SimulatedDisk disk = new SimulatedDisk();
      Wal wal = Wal.open(disk, new FakeHost(1), Logs.SMALL);
      Logs.append(wal, 1, 5);
      Subscription subscription = wal.subscribe("a");
      Logs.awaitSpares(wal);
      IOException broken = new IOException("broken");
      disk.faults().fail(call, 1, broken);
      assertThatThrownBy(() -> subscription.ack(3))
          .isInstanceOf(WalFailedException.class)
          .hasRootCause(broken);
      assertThat(subscription.acked()).isZero();
      assertThatThrownBy(() -> subscription.ack(4)).isInstanceOf(WalFailedException.class);
      assertThatThrownBy(() -> wal.append(new byte[1])).isInstanceOf(WalFailedException.class);
      assertThatThrownBy(() -> wal.subscribe("b")).isInstanceOf(WalFailedException.class);
      assertThatThrownBy(() -> wal.unsubscribe("a")).isInstanceOf(WalFailedException.class);
      assertThatThrownBy(wal::close).isInstanceOf(WalFailedException.class);
    }
  }

  @Test
  void registrationThatCannotBeMadeDurableIsNone() throws Exception {
    Wal wal = open();
    Logs.append(wal, 1, 5);
    wal.subscribe("a").close();
    Logs.awaitSpares(wal);
    storage
        .faults()
        .fail(Faults.Operation.SYNC, 2, new IOException("broken")); // of its second copy
    assertThatThrownBy(() -> wal.subscribe("b")).isInstanceOf(WalFailedException.class);
    assertThat(wal.subscriptions()).extracting(SubscriptionStatus::name).containsExactly("a");
    assertThatThrownBy(wal::close).isInstanceOf(WalFailedException.class);
  }

  @Test
  void everyoneWhoWaitsIsToldWhenTheLogFails() throws Exception {
    Wal wal = open();
    Logs.append(wal, 1, 5);
    Subscription a = wal.subscribe("a");
    Subscription b = wal.subscribe("b");
    Logs.awaitSpares(wal);
    storage.holdSyncs();
    CompletableFuture<Void> first = later(a, 1);
    storage.awaitHeldSyncs(1);
    CompletableFuture<Void> second = later(b, 1);
    while (waiting() < 2) {
      Thread.onSpinWait();
    }
    storage.faults().failForEver(Faults.Operation.SYNC, 1, new IOException("broken"));
    storage.releaseSyncs();
    for (CompletableFuture<Void> one : List.of(first, second)) {
      assertThatThrownBy(() -> one.get(30, TimeUnit.SECONDS))
          .hasCauseInstanceOf(WalFailedException.class);
    }
    assertThatThrownBy(wal::close).isInstanceOf(WalFailedException.class);
  }

  @Test
  void hangingSyncOfAnAckLetsCloseReturnInItsBound() throws Exception {
    Wal wal = LocalWal.open(storage, Host.system(), Logs.SMALL, Duration.ofMillis(80).toNanos());
    Logs.append(wal, 1, 1);
    Subscription a = wal.subscribe("a");
    Logs.awaitSpares(wal);
    wal.rotate(); // so that closing needs no sync of its own
    Logs.awaitSpares(wal);
    storage.holdSyncs();
    CompletableFuture<Void> ack = later(a, 1);
    storage.awaitHeldSyncs(1);
    assertThatThrownBy(wal::close).isInstanceOf(IOException.class).hasMessageContaining("answer");
    storage.releaseSyncs();
    ack.get(30, TimeUnit.SECONDS);
    wal.close();
    try (Wal after = open()) {
      assertThat(after.subscriptions().getFirst().acked()).isEqualTo(1);
    }
  }

  @Test
  void fullDiskRefusesARegistrationAndTheLogGoesOn() throws Exception {
    try (Wal wal = open()) {
      Logs.awaitSpares(wal);
      storage.capacity(storage.usedBytes() + 100);
      assertThatThrownBy(() -> wal.subscribe("a")).isInstanceOf(WalFullException.class);
      assertThat(wal.subscriptions()).isEmpty();
      Logs.append(wal, 1, 1);
      storage.capacity(Long.MAX_VALUE);
      for (int i = 0; i < SubscriptionBlock.SLOTS; i++) {
        wal.subscribe("s" + i).close();
      }
      Logs.awaitSpares(wal);
      storage.capacity(storage.usedBytes() + 100);
      assertThatThrownBy(() -> wal.subscribe("a")).isInstanceOf(WalFullException.class);
      ack(wal, "s1", 1);
      wal.unsubscribe("s2");
      wal.subscribe("a").close(); // in its place
    }
    try (Wal wal = open()) {
      assertThat(wal.subscriptions()).hasSize(SubscriptionBlock.SLOTS);
    }
  }

  @Test
  void closedLogTakesNoAckAndOpensNone() throws Exception {
    Wal wal = open();
    Logs.append(wal, 1, 1);
    Subscription a = wal.subscribe("a");
    wal.close();
    assertThatThrownBy(() -> a.ack(1)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(a::next).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> wal.subscribe("a")).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> wal.unsubscribe("a")).isInstanceOf(IllegalStateException.class);
    a.close();
  }
}
