package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.host.SimulatedHost;
import dev.tidemark.wal.SyncPolicy;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalMetrics;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.storage.ForwardingFile;
import dev.tidemark.wal.storage.ForwardingStorage;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a log does by itself, and when: on a clock that stands still unless everybody waits, so to
/// the nanosecond. Each with callers who write for the log and with callers who do not.
@Timeout(60)
class DeadlinesTest {
  private static final Duration DELAY = Duration.ofMillis(100);
  private static final WalOptions ASYNC = Logs.small(SyncPolicy.async(DELAY));

  private final SimulatedDisk disk = new SimulatedDisk();
  private final List<Done> done = new ArrayList<>();
  private SimulatedHost host = new SimulatedHost(1);
  private Duration syncTakes = Duration.ZERO;
  private long begunNanos;

  /// One call to a segment.
  ///
  /// @param bytes that were written, 0 for a sync
  private record Done(String file, long bytes, long nanos, String thread) {}

  private interface Use {
    void of(Wal wal) throws Exception;
  }

  /// A day after the machine was started.
  private void use(boolean callersWrite, WalOptions options, Use use) throws Exception {
    host = callersWrite ? host : host.callersDoNotWrite();
    boolean _ =
        host.run(
            () -> {
              host.rest(Duration.ofDays(1));
              try (Wal wal = Wal.open(new Timed(), host, options)) {
                host.rest(Duration.ofMillis(10));
                begunNanos = host.nanoTime();
                use.of(wal);
              }
              return true;
            });
  }

  private final class Timed extends ForwardingStorage {
    Timed() {
      super(disk);
    }

    @Override
    public StorageFile open(String name) throws IOException {
      return new ForwardingFile(super.open(name)) {
        @Override
        public void write(long offset, MemorySegment source, long from, long length)
            throws IOException {
          done.add(of(length));
          super.write(offset, source, from, length);
        }

        private Done of(long bytes) {
          return new Done(name(), bytes, host.nanoTime(), Thread.currentThread().getName());
        }

        @Override
        public void sync(boolean metadata) throws IOException {
          done.add(of(0));
          if (name().endsWith(".wal")) {
            host.rest(syncTakes);
          }
          super.sync(metadata);
        }
      };
    }
  }

  private void restUntil(long millis) {
    host.rest(Duration.ofMillis(millis).minusNanos(host.nanoTime() - begunNanos));
  }

  private LongStream millisOf(String file, boolean writes) {
    return done.stream()
        .filter(call -> call.file.equals(file) && call.bytes > 0 == writes)
        .mapToLong(call -> call.nanos - begunNanos)
        .filter(nanos -> nanos >= 0)
        .map(nanos -> nanos % 1_000_000 == 0 ? nanos / 1_000_000 : -nanos);
  }

  // When the segment that is active now was synced, in milliseconds.
  private List<Long> syncs(Wal wal) {
    return millisOf(SegmentHeader.fileName(wal.segments().getLast().number()), false)
        .boxed()
        .toList();
  }

  private List<Long> writes(Wal wal) {
    return millisOf(SegmentHeader.fileName(wal.segments().getLast().number()), true)
        .boxed()
        .toList();
  }

  private static CompletableFuture<Long> appendAsync(Wal wal, int n) throws IOException {
    return wal.appendAsync(MemorySegment.ofArray(Logs.record(n)));
  }

  // ---- async

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void recordsAreSyncedWhenTheOldestIsHalfTheDelayOldAndMarked(boolean callersWrite)
      throws Exception {
    use(
        callersWrite,
        ASYNC,
        wal -> {
          Logs.append(wal, 1, 1);
          restUntil(20);
          Logs.append(wal, 2, 2);
          restUntil(49);
          Logs.append(wal, 3, 3);
          assertThat(wal.durableLsn()).isZero();
          restUntil(60);
          assertThat(wal.durableLsn()).isEqualTo(3);
          Logs.append(wal, 4, 4);
          restUntil(5000);
          assertThat(syncs(wal)).containsExactly(50L, 110L, 1060L);
          assertThat(writes(wal)).containsExactly(0L, 20L, 49L, 50L, 60L, 110L);
          Logs.append(wal, 5, 5);
          restUntil(20_000);
          assertThat(syncs(wal)).containsExactly(50L, 110L, 1060L, 5050L, 6000L);
        });
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void recordThatNobodyWaitsForIsSyncedInTimeToo(boolean callersWrite) throws Exception {
    use(
        callersWrite,
        ASYNC,
        wal -> {
          assertThat(appendAsync(wal, 1)).isDone();
          restUntil(900);
          assertThat(syncs(wal)).containsExactly(50L);
          assertThat(wal.durableLsn()).isEqualTo(1);
        });
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void recordAppendedDuringASyncIsSyncedWithinHalfTheDelayAfterIt(boolean callersWrite)
      throws Exception {
    syncTakes = Duration.ofMillis(30);
    use(
        callersWrite,
        ASYNC,
        wal -> {
          Logs.append(wal, 1, 1);
          restUntil(60);
          assertThat(appendAsync(wal, 2)).isDone();
          restUntil(900);
          assertThat(syncs(wal)).hasSize(2).startsWith(50L);
          assertThat(syncs(wal).getLast()).isBetween(80L, 110L);
        });
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void recordAppendedDuringASyncThatWasAskedForIsSyncedInTimeToo(boolean callersWrite)
      throws Exception {
    syncTakes = Duration.ofMillis(30);
    use(
        callersWrite,
        ASYNC,
        wal -> {
          host.start(
              "other",
              () -> {
                restUntil(10);
                try {
                  assertThat(appendAsync(wal, 2)).isDone();
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });
          wal.appendDurable(Logs.record(1));
          restUntil(900);
          assertThat(wal.durableLsn()).isEqualTo(2);
          assertThat(syncs(wal)).hasSize(2).startsWith(0L);
          assertThat(syncs(wal).getLast()).isBetween(30L, 60L);
        });
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void nothingIsAcknowledgedWhileTheOldestUnsyncedIsTheDelayOld(boolean callersWrite)
      throws Exception {
    syncTakes = Duration.ofMillis(200);
    use(
        callersWrite,
        ASYNC,
        wal -> {
          Logs.append(wal, 1, 1);
          restUntil(99);
          assertThat(appendAsync(wal, 2)).isDone();
          restUntil(100);
          CompletableFuture<Long> late = appendAsync(wal, 3);
          assertThat(late).isNotDone();
          restUntil(249);
          assertThat(late).isNotDone();
          restUntil(600);
          assertThat(late).isCompletedWithValue(3L);
          assertThat(wal.durableLsn()).isEqualTo(3);
        });
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void syncThatIsAskedForComesAtOnceAndOnlyOnce(boolean callersWrite) throws Exception {
    use(
        callersWrite,
        ASYNC,
        wal -> {
          Logs.append(wal, 1, 2);
          restUntil(10);
          wal.awaitDurable(2);
          assertThat(host.nanoTime() - begunNanos).isEqualTo(10_000_000);
          wal.awaitDurable(1);
          restUntil(900);
          assertThat(syncs(wal)).containsExactly(10L);
        });
  }

  // ---- every policy

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void markComesTenMillisecondsAfterTheLastGroupAndIsSyncedOnceAfterASecond(boolean callersWrite)
      throws Exception {
    use(
        callersWrite,
        Logs.SMALL,
        wal -> {
          Logs.append(wal, 1, 1);
          restUntil(9);
          Logs.append(wal, 2, 2);
          restUntil(30_000);
          assertThat(writes(wal)).containsExactly(0L, 9L, 19L);
          assertThat(syncs(wal)).containsExactly(0L, 9L, 1009L);
        });
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void segmentWithRecordsIsSealedWhenItIsTooOld(boolean callersWrite) throws Exception {
    Duration age = Duration.ofHours(1);
    WalOptions options =
        WalOptions.builder().segmentBytes(4096).stagingBytes(1024).rotationAge(age).build();
    use(
        callersWrite,
        options,
        wal -> {
          long opened = begunNanos - Duration.ofMillis(10).toNanos();
          restUntil(60_000);
          Logs.append(wal, 1, 1);
          host.rest(age.minusNanos(host.nanoTime() - opened + 1));
          assertThat(wal.segments()).hasSize(1);
          host.rest(Duration.ofNanos(1));
          host.rest(Duration.ofNanos(1));
          assertThat(wal.segments()).hasSize(2);
          host.rest(age.multipliedBy(3));
          assertThat(wal.segments()).as("an empty one stays").hasSize(2);
          Logs.append(wal, 2, 2);
          host.rest(age);
          assertThat(wal.segments()).hasSize(3);
          assertThat(wal.metrics().latencies().rotation().count()).isEqualTo(2);
        });
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void callersWriteAndSyncOnlyWhereTheyMay(boolean callersWrite) throws Exception {
    use(
        callersWrite,
        Logs.SMALL,
        wal -> {
          done.clear();
          Logs.append(wal, 1, 2);
          assertThat(done)
              .hasSize(4)
              .extracting(Done::thread)
              .containsOnly(callersWrite ? "main" : "tidemark-io");
        });
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void metricsTellHowLongTheDiskTookAndWhatItWasGiven(boolean callersWrite) throws Exception {
    syncTakes = Duration.ofMillis(30);
    use(
        callersWrite,
        Logs.SMALL,
        wal -> {
          restUntil(1000);
          Logs.append(wal, 1, 1);
          restUntil(3000); // until nothing is due
          done.clear();
          WalMetrics before = wal.metrics();
          Logs.append(wal, 2, 4);
          assertThat(wal.metrics().latencies().sync().max()).isEqualTo(syncTakes.toNanos());
          long written = done.stream().mapToLong(Done::bytes).sum();
          WalMetrics after = wal.metrics();
          assertThat(after.counts().writtenBytes() - before.counts().writtenBytes())
              .isEqualTo(written);
          assertThat(after.groups().bytes().sum() - before.groups().bytes().sum())
              .as("records and the zeros behind them, without marks")
              .isEqualTo(3 * (128 + 64));
          wal.rotate();
          // One of the header of the next segment; nothing of the old one is unsynced.
          assertThat(wal.metrics().latencies().rotation().max())
              .isBetween(syncTakes.toNanos(), 10 * syncTakes.toNanos());
        });
  }
}
