package dev.tidemark.wal.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.Crash;
import dev.tidemark.testkit.disk.Faults;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.host.SimulatedHost;
import dev.tidemark.wal.Batch;
import dev.tidemark.wal.Checkpoint;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.ReaderOptions;
import dev.tidemark.wal.Subscription;
import dev.tidemark.wal.SyncPolicy;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalFailedException;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.WalReader;
import dev.tidemark.wal.storage.Host;
import dev.tidemark.wal.storage.Storage;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Each public call, interrupted before it and at each wait and each storage call within it, one
/// moment at a time until there is none left. It answers what it answers uninterrupted, or throws
/// what its contract says, keeps the flag, and leaves a log that goes on and loses nothing.
@Timeout(60)
class InterruptedCallsTest {
  static final int BEFORE = 6; // records in the log when a call is made
  private static final WalOptions OPTIONS =
      WalOptions.builder().segmentBytes(4096).stagingBytes(1024).maxBatchBytes(1 << 16).build();
  private static final WalOptions ASYNC =
      WalOptions.builder()
          .segmentBytes(4096)
          .stagingBytes(1024)
          .sync(SyncPolicy.async(Duration.ofSeconds(10)))
          .build();

  /// What is done on a stage.
  interface Body {
    @Nullable Object make(Stage on) throws Exception;
  }

  /// What may be thrown in place of an answer, beside what the contract says anyway.
  private enum May {
    /// Nothing.
    ANSWER,
    /// It waits for a time, and so says that it can be interrupted.
    BE_INTERRUPTED,
    /// It reads or opens files on the calling thread: where those are channels, an interrupt closes
    /// them, as everywhere in Java. The same call made again answers.
    LOSE_ITS_CHANNEL
  }

  /// A call.
  @SuppressWarnings("ImmutableEnumChecker") // the bodies keep nothing
  enum Call {
    APPEND(May.ANSWER, on -> on.wal().append(Logs.record(7))),
    APPEND_CONTROL(May.ANSWER, on -> on.wal().appendControl(Logs.record(7))),
    APPEND_BATCH(May.ANSWER, on -> on.wal().append(batch(3))),
    APPEND_LARGE_BATCH(May.ANSWER, on -> on.wal().append(batch(100))),
    APPEND_TO_FULL_STAGING(May.ANSWER, Stage::appendManyAsync),
    APPEND_TO_A_FULL_SEGMENT(May.ANSWER, Stage::appendBeyondTheSegment),
    APPEND_DURABLE(May.ANSWER, ASYNC, on -> on.wal().appendDurable(Logs.record(7))),
    AWAIT_DURABLE(May.ANSWER, ASYNC, Stage::append, Stage::awaitDurable),
    SYNC(May.ANSWER, ASYNC, Stage::append, on -> on.wal().sync()),
    AWAIT_DURABLE_BEYOND(
        May.BE_INTERRUPTED, on -> on.wal().awaitDurableBeyond(BEFORE, Duration.ofSeconds(1))),
    ROTATE(May.ANSWER, Stage::rotate),
    TRUNCATE(May.ANSWER, Stage::truncate),
    REMOVE_SEGMENT(May.ANSWER, Stage::removeSegment),
    CURSOR(May.LOSE_ITS_CHANNEL, on -> on.readOn(on.wal()::read)),
    CURSOR_WITH_A_TIME_LIMIT(May.BE_INTERRUPTED, Stage::waitAtTheEnd),
    SUBSCRIBE(May.ANSWER, Stage::subscribe),
    SUBSCRIBE_FROM(May.ANSWER, Stage::subscribeFrom),
    ACK(May.ANSWER, Stage::ack),
    UNSUBSCRIBE(May.ANSWER, Stage::unsubscribe),
    SUBSCRIPTION_WITH_A_TIME_LIMIT(May.BE_INTERRUPTED, Stage::waitForDelivery),
    CHECKPOINT(May.LOSE_ITS_CHANNEL, Stage::checkpoint),
    READ_CHECKPOINT(May.LOSE_ITS_CHANNEL, OPTIONS, Stage::checkpoint, Stage::readCheckpoint),
    CLOSE(May.ANSWER, Stage::close),
    CLOSE_WITH_ALL_IN_FLIGHT(May.ANSWER, Stage::closeInFlight),
    CLOSE_AFTER_A_FAILURE(May.ANSWER, OPTIONS, Stage::fail, Stage::closeFailed),
    REOPEN(May.LOSE_ITS_CHANNEL, OPTIONS, Stage::fail, Stage::reopen),
    CHECK(May.LOSE_ITS_CHANNEL, OPTIONS, Stage::crash, Stage::check),
    RECOVER(May.LOSE_ITS_CHANNEL, OPTIONS, Stage::crash, Stage::recover),
    OPEN_READ_ONLY(May.LOSE_ITS_CHANNEL, on -> on.reader().segments()),
    READER_CURSOR(May.LOSE_ITS_CHANNEL, on -> on.readOn(on.reader()::read)),
    READER_PROMISE(May.LOSE_ITS_CHANNEL, on -> on.reader().promisedLsn()),
    READER_CURSOR_WITH_A_TIME_LIMIT(May.BE_INTERRUPTED, Stage::waitBeside);

    private final May may;
    final WalOptions options;
    final Body before;
    final Body body;

    Call(May may, Body body) {
      this(may, OPTIONS, body);
    }

    Call(May may, WalOptions options, Body body) {
      this(may, options, on -> null, body);
    }

    Call(May may, WalOptions options, Body before, Body body) {
      this.may = may;
      this.options = options;
      this.before = before;
      this.body = body;
    }
  }

  private static Batch batch(int records) {
    Batch batch = new Batch();
    for (int i = 0; i < records; i++) {
      batch.add(Logs.record(BEFORE + 1 + i));
    }
    return batch;
  }

  /// A log and what a call needs, on a machine where one thread runs at a time.
  static final class Stage {
    final SimulatedDisk files;
    final Interrupting interrupts = new Interrupting();
    final SimulatedHost machine;
    final Host host;
    final WalOptions options;
    private @Nullable Wal wal;
    private @Nullable Subscription subscription;
    private @Nullable Cursor cursor;
    private final List<Long> read = new ArrayList<>();
    private long delivered;
    SimulatedDisk crashed = new SimulatedDisk();

    Stage(SimulatedDisk files, SimulatedHost machine, WalOptions options) throws IOException {
      this.files = files;
      this.options = options;
      this.machine = machine;
      host = interrupts.over(machine);
      wal = Wal.open(storage(), host, options);
      Logs.append(wal(), 1, BEFORE / 2);
      wal().rotate();
      Logs.append(wal(), BEFORE / 2 + 1, BEFORE);
      wal().sync();
      subscription = wal().subscribe("known");
      Subscription leaving = wal().subscribe("leaving");
      leaving.close();
    }

    Storage storage() {
      return interrupts.over(files);
    }

    Wal wal() {
      Wal now = wal;
      if (now == null) {
        now = open();
      }
      return now;
    }

    // After a call that closes: the log as it is found then.
    private Wal open() {
      try {
        Wal opened = Wal.open(storage(), host, options);
        wal = opened;
        subscription = null;
        return opened;
      } catch (IOException e) {
        throw new AssertionError("does not open", e);
      }
    }

    Subscription subscription() throws IOException {
      Subscription known = subscription;
      if (known == null) {
        known = wal().subscribe("known");
        subscription = known;
      }
      return known;
    }

    WalReader reader() throws IOException {
      return Wal.openReadOnly(storage(), host, ReaderOptions.defaults());
    }

    List<String> read(Cursor cursor) throws IOException {
      List<String> records = new ArrayList<>();
      try (cursor) {
        while (cursor.next()) {
          records.add(cursor.lsn() + ":" + new String(cursor.bytes(), UTF_8));
        }
      }
      return records;
    }

    /// A cursor.
    interface Reading {
      Cursor from(long lsn) throws IOException;
    }

    // With the same cursor, if the call is made again.
    Object readOn(Reading log) throws IOException {
      Cursor now = cursor;
      if (now == null) {
        now = log.from(2);
        cursor = now;
      }
      while (now.next()) {
        read.add(now.lsn());
      }
      now.close();
      return read;
    }

    Object appendManyAsync() throws IOException {
      for (int i = 1; i <= 30; i++) {
        var _ = wal().appendAsync(MemorySegment.ofArray(Logs.record(BEFORE + i)));
      }
      return wal().lastLsn();
    }

    Object appendBeyondTheSegment() throws IOException {
      for (int i = 0; i < 5; i++) {
        wal().append(new byte[800]);
      }
      return wal().segments().size();
    }

    Object append() throws IOException {
      return wal().append(Logs.record(7));
    }

    Object awaitDurable() throws IOException {
      wal().awaitDurable(wal().lastLsn());
      return wal().durableLsn();
    }

    Object rotate() throws IOException {
      wal().rotate();
      return wal().segments().size();
    }

    Object truncate() throws IOException {
      wal().truncateBefore(BEFORE);
      return wal().segments().size();
    }

    Object removeSegment() throws IOException {
      wal().removeSegment(1);
      return wal().holes();
    }

    @Nullable Object waitAtTheEnd() throws Exception {
      try (Cursor cursor = wal().read(BEFORE + 1)) {
        return cursor.next(Duration.ofSeconds(1));
      }
    }

    Object subscribe() throws IOException {
      try (Subscription made = wal().subscribe("new")) {
        return made.acked();
      }
    }

    Object subscribeFrom() throws IOException {
      try (Subscription made = wal().subscribe("new", 3)) {
        return made.acked();
      }
    }

    Object ack() throws IOException {
      subscription().ack(4);
      return subscription().acked();
    }

    Object unsubscribe() throws IOException {
      wal().unsubscribe("leaving");
      return wal().subscriptions().size();
    }

    Object waitForDelivery() throws Exception {
      while (subscription().next(Duration.ofSeconds(1))) {
        assertThat(subscription().lsn()).isEqualTo(++delivered);
      }
      return delivered;
    }

    Object checkpoint() throws IOException {
      Checkpoint taken = wal().checkpoint(4, target -> target.write("four".getBytes(UTF_8)));
      return taken.lsn();
    }

    Object readCheckpoint() throws IOException {
      try (InputStream in = wal().checkpoint().orElseThrow().open()) {
        return new String(in.readAllBytes(), UTF_8);
      }
    }

    @Nullable Object close() throws IOException {
      if (subscription != null) {
        subscription.close(); // it has a file of its own
        subscription = null;
      }
      Wal open = wal;
      if (open != null) {
        open.close();
      }
      wal = null;
      return null;
    }

    /// Closes everything, whatever became of it.
    void leave() {
      for (AutoCloseable each : Arrays.asList(cursor, subscription, wal)) {
        try {
          if (each != null) {
            each.close();
          }
        } catch (Exception _) {
          // told once more
        }
      }
      cursor = null;
      subscription = null;
      wal = null;
    }

    @Nullable Object closeInFlight() throws IOException {
      Wal open = wal;
      if (open != null) {
        if (open.lastLsn() == BEFORE) {
          var _ = open.appendAsync(MemorySegment.ofArray(Logs.record(7)));
          var _ = open.appendAsync(MemorySegment.ofArray(Logs.record(8)));
        }
        open.close();
      }
      wal = null;
      return null;
    }

    @Nullable Object fail() {
      files.faults().fail(Faults.Operation.SYNC, 1, new IOException("a bad disk"));
      try {
        wal().append(Logs.record(7));
        throw new AssertionError("the sync was to fail");
      } catch (IOException _) {
        files.faults().clear();
        return null;
      }
    }

    @Nullable Object closeFailed() throws IOException {
      try {
        return close();
      } catch (WalFailedException _) {
        wal = null;
        return null; // what else
      }
    }

    Object reopen() throws IOException {
      wal = wal().reopen();
      subscription = null;
      return wal().lastLsn();
    }

    @Nullable Object crash() {
      crashed = files.crash(Crash.keepingAll());
      return null;
    }

    @Nullable Object check() throws IOException {
      Wal.check(interrupts.over(crashed), host, options);
      return null;
    }

    Object recover() throws IOException {
      try (Wal other = Wal.open(interrupts.over(crashed), host, options)) {
        return read(other.read());
      }
    }

    Object waitBeside() throws Exception {
      try (WalReader beside = reader();
          Cursor cursor = beside.read(BEFORE + 1)) {
        return cursor.next(Duration.ofMillis(20)); // it looks again and again
      }
    }
  }

  /// What is left of a run.
  private record Left(@Nullable Object answer, List<String> records, List<String> after) {}

  @ParameterizedTest
  @EnumSource
  void answersAndLosesNothing(Call call) throws Exception {
    sweep(call, false);
  }

  @ParameterizedTest
  @EnumSource
  void answersAndLosesNothingWhereInterruptsReachFiles(Call call) throws Exception {
    sweep(call, true);
  }

  private static void sweep(Call call, boolean reachFiles) throws Exception {
    long moments = 0;
    for (boolean callerWrites : new boolean[] {true, false}) { // or threads of the log do
      Left expected = run(call, callerWrites, reachFiles, -1);
      long n = 0;
      for (Left left; (left = run(call, callerWrites, reachFiles, n)) != null; n++) {
        assertThat(left).as("interrupted at moment %d of %s", n, call).isEqualTo(expected);
      }
      assertThat(n).as("moments").isPositive();
      moments += n;
    }
    System.out.printf("InterruptedCallsTest %s: %d moments%n", call, moments);
  }

  // Answers null if the call has fewer moments.
  private static @Nullable Left run(Call call, boolean callerWrites, boolean reachFiles, long n)
      throws Exception {
    SimulatedDisk disk = new SimulatedDisk();
    if (reachFiles) {
      disk.interruptsReachFiles();
    }
    SimulatedHost machine = new SimulatedHost(n + 2);
    if (!callerWrites) {
      machine.callersDoNotWrite();
    }
    Left left =
        machine.run(() -> play(call, new Stage(disk, machine, call.options), reachFiles, n));
    assertThat(disk.openFiles()).as("files open after moment %d of %s", n, call).isZero();
    return left;
  }

  private static @Nullable Left play(Call call, Stage stage, boolean reachFiles, long n)
      throws Exception {
    call.before.make(stage);
    stage.interrupts.arm(n);
    stage.interrupts.moment(); // the one before the call
    Object answer;
    boolean met;
    try {
      answer = call.body.make(stage);
      met = stage.interrupts.disarm();
      assertThat(Thread.interrupted()).as("flag after moment %d of %s", n, call).isEqualTo(met);
    } catch (InterruptedException | IOException e) {
      met = stage.interrupts.disarm();
      checkAllowed(call, reachFiles, e, Thread.interrupted());
      answer = call.body.make(stage);
    }
    stage.machine.rest(Duration.ofSeconds(2)); // futures, spares and marks come to their end
    List<String> records = stage.read(stage.wal().read());
    stage.wal().append("more".getBytes(UTF_8));
    stage.close();
    List<String> after = stage.read(stage.wal().read());
    stage.close();
    assertThat(stage.crashed.openFiles()).as("files open").isZero();
    return n >= 0 && !met ? null : new Left(answer, records, after);
  }

  private static void checkAllowed(Call call, boolean reachFiles, Exception e, boolean flag) {
    if (e instanceof InterruptedException) {
      assertThat(call.may).isEqualTo(May.BE_INTERRUPTED);
      assertThat(flag).as("the flag, which the exception stands for").isFalse();
      return;
    }
    boolean lost = e instanceof ClosedByInterruptException || e instanceof ClosedChannelException;
    if (!reachFiles || call.may == May.ANSWER || !lost) {
      throw new AssertionError(call + " may not throw", e);
    }
    assertThat(flag).as("the flag").isTrue();
  }
}
