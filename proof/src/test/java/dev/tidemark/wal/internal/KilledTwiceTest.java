package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.Crash;
import dev.tidemark.testkit.disk.Faults;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.disk.WatchedStorage;
import dev.tidemark.testkit.host.FakeHost;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.storage.Host;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A process dies and leaves bytes that no sync has proven; the next one builds on them; then the
/// power fails. What recovery has once shown and built on must be on the disk by then.
@Timeout(60)
class KilledTwiceTest {

  private static SimulatedDisk powerCut(SimulatedDisk storage) {
    return storage.crash(Crash.losingUnsynced());
  }

  private static void holds(SimulatedDisk storage, long from, long to) throws IOException {
    try (Wal wal = Logs.open(storage)) {
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(from, to));
    }
  }

  // Appends records 1 to 3 and lets the log write, and not sync, the mark that promises them.
  private static void appendAndMark(Wal wal, FakeHost host) throws Exception {
    Logs.append(wal, 1, 3);
    long written = wal.metrics().counts().writtenBytes();
    host.advance(Duration.ofMillis(11));
    try (Ticks _ = new Ticks(host)) {
      while (wal.metrics().counts().writtenBytes() == written) {
        Thread.onSpinWait();
      }
    }
  }

  @Test
  void markThatWasNeverSyncedIsWrittenAgainBeforeASegmentIsBuiltBehindIt() throws Exception {
    SimulatedDisk storage = new SimulatedDisk();
    FakeHost host = new FakeHost(1);
    SimulatedDisk killed;
    try (Wal wal = Wal.open(storage, host, Logs.SMALL)) {
      appendAndMark(wal, host);
      killed = storage.crash(Crash.keepingAll());
    }
    try (Wal wal = Wal.open(killed, host, Logs.SMALL)) {
      assertThat(wal.recovery().promisedLsn()).isEqualTo(3);
      assertThat(wal.recovery().unproven()).isZero();
      Logs.append(wal, 4, 4);
      holds(powerCut(killed), 1, 4);
    }
  }

  @Test
  void markBeforeUnprovenRecordsIsWrittenAgainWithThem() throws Exception {
    SimulatedDisk storage = new SimulatedDisk();
    FakeHost host = new FakeHost(1);
    Wal first = Wal.open(storage, host, Logs.SMALL);
    appendAndMark(first, host);
    Logs.awaitSpares(first);
    storage.faults().failedSyncsForget();
    storage.faults().fail(Faults.Operation.SYNC, 1, new IOException("no sync"));
    Assertions.assertThatThrownBy(() -> first.append(Logs.record(4)))
        .isInstanceOf(IOException.class);
    Assertions.assertThatThrownBy(first::close).isInstanceOf(IOException.class);
    try (Wal wal = Wal.open(storage, host, Logs.SMALL)) {
      assertThat(wal.recovery().unproven()).isEqualTo(1);
      Logs.append(wal, 5, 5);
      holds(powerCut(storage), 1, 5);
    }
  }

  // A page cache writes whole pages: only here does the mark not go with what is behind it.
  @Test
  void markAtTheEndOfAPageIsWrittenAgainWithTheUnprovenRecordsOfTheNext() throws Exception {
    WalOptions options = WalOptions.builder().segmentBytes(16384).stagingBytes(8192).build();
    SimulatedDisk storage = new SimulatedDisk();
    FakeHost host = new FakeHost(1);
    Wal first = Wal.open(storage, host, options);
    int upToThePage = 4096 - SegmentHeader.BYTES - FrameLayout.HEADER_BYTES;
    int each = upToThePage / 64 / 3 * 64;
    int overhead = FrameLayout.HEADER_BYTES + FrameLayout.LENGTH_BYTES;
    first.append(new byte[each - overhead]);
    first.append(new byte[each - overhead]);
    first.append(new byte[upToThePage - 2 * each - overhead]);
    long written = first.metrics().counts().writtenBytes();
    host.advance(Duration.ofMillis(11));
    try (Ticks _ = new Ticks(host)) {
      while (first.metrics().counts().writtenBytes() == written) {
        Thread.onSpinWait();
      }
    }
    assertThat(storage.pending().getLast().offset()).isEqualTo(4096 - 64);
    Logs.awaitSpares(first);
    storage.faults().failedSyncsForget();
    storage.faults().fail(Faults.Operation.SYNC, 1, new IOException("no sync"));
    Assertions.assertThatThrownBy(() -> first.append(Logs.record(4)))
        .isInstanceOf(IOException.class);
    Assertions.assertThatThrownBy(first::close).isInstanceOf(IOException.class);
    try (Wal wal = Wal.open(storage, host, options)) {
      assertThat(wal.recovery().unproven()).isEqualTo(1);
      Logs.append(wal, 5, 5);
      try (Wal after = Wal.open(powerCut(storage), host, options)) {
        assertThat(Logs.read(after, 4)).isEqualTo(Logs.expected(4, 5));
      }
    }
  }

  @Test
  void sealWhoseSyncFailedIsWrittenAgainBeforeASegmentIsBuiltBehindIt() throws IOException {
    SimulatedDisk storage = new SimulatedDisk();
    Wal first = Wal.open(storage, new FakeHost(1), Logs.SMALL);
    Logs.append(first, 1, 3);
    Logs.awaitSpares(first);
    storage.faults().failedSyncsForget();
    storage.faults().fail(Faults.Operation.SYNC, 1, new IOException("no sync"));
    Assertions.assertThatThrownBy(first::close).isInstanceOf(IOException.class);
    try (Wal wal = Wal.open(storage, new FakeHost(2), Logs.SMALL)) {
      Logs.append(wal, 4, 4);
      holds(powerCut(storage), 1, 4);
    }
  }

  @Test
  void manifestWhoseSyncFailedIsWrittenAgainBeforeSegmentsAreRemoved() throws IOException {
    SimulatedDisk storage = new SimulatedDisk();
    Wal first = Wal.open(storage, new FakeHost(1), Logs.SMALL);
    Logs.append(first, 1, 3);
    first.rotate();
    Logs.append(first, 4, 4);
    first.rotate();
    Logs.awaitSpares(first);
    storage.faults().failedSyncsForget();
    storage.faults().fail(Faults.Operation.SYNC, 1, new IOException("no sync"));
    Assertions.assertThatThrownBy(() -> first.truncateBefore(4)).isInstanceOf(IOException.class);
    Assertions.assertThatThrownBy(first::close).isInstanceOf(IOException.class);
    try (Wal wal = Wal.open(storage, new FakeHost(2), Logs.SMALL)) {
      assertThat(wal.firstLsn()).isEqualTo(4);
      storage.syncDirectory(); // the file system may make removals durable whenever it likes
      holds(powerCut(storage), 4, 4);
    }
  }

  // The newest segment is empty, so recovery goes on in it and has nothing else to say there.
  @Test
  void markOfATruncationWhoseSyncFailedIsWrittenAgainBeforeItIsShown() throws IOException {
    SimulatedDisk storage = new SimulatedDisk();
    Wal first = Wal.open(storage, new FakeHost(1), Logs.SMALL);
    Logs.append(first, 1, 3);
    first.rotate();
    Logs.awaitSpares(first);
    storage.faults().failedSyncsForget();
    storage.faults().fail(Faults.Operation.SYNC, 1, new IOException("no sync"));
    Assertions.assertThatThrownBy(() -> first.truncateBefore(3)).isInstanceOf(IOException.class);
    Assertions.assertThatThrownBy(first::close).isInstanceOf(IOException.class);
    try (Wal wal = Wal.open(storage, new FakeHost(2), Logs.SMALL)) {
      assertThat(wal.firstLsn()).isEqualTo(3);
      holds(powerCut(storage), 3, 3);
    }
  }

  @Test
  void unprovenRecordsOfAFailedSyncAreWrittenAgainBeforeTheyAreShown() throws IOException {
    SimulatedDisk storage = new SimulatedDisk();
    Wal first = Wal.open(storage, new FakeHost(1), Logs.SMALL);
    Logs.append(first, 1, 3);
    Logs.awaitSpares(first);
    storage.faults().failedSyncsForget();
    storage.faults().fail(Faults.Operation.SYNC, 1, new IOException("no sync"));
    Assertions.assertThatThrownBy(() -> first.append(Logs.record(4)))
        .isInstanceOf(IOException.class);
    Assertions.assertThatThrownBy(first::close).isInstanceOf(IOException.class);
    try (Wal wal = Wal.open(storage, new FakeHost(2), Logs.SMALL)) {
      assertThat(wal.recovery().unproven()).isEqualTo(1);
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, 4));
      holds(powerCut(storage), 1, 4);
    }
  }

  @Test
  void failedRewriteOfUnprovenRecordsFailsTheOpenAndLosesNothing() throws IOException {
    WalOptions options = Logs.SMALL;
    for (Faults.Operation call : List.of(Faults.Operation.WRITE, Faults.Operation.SYNC)) {
      Remains log = Remains.of(wal -> Logs.append(wal, 1, 4));
      log.storage.faults().failForEver(call, 1, new IOException("no " + call));
      Assertions.assertThatThrownBy(() -> log.open(options)).hasMessage("no " + call);
      log.storage.faults().clear();
      holds(log.storage, 1, 4);
    }
  }

  @Test
  void nameOfTheManifestIsMadeDurableBeforeAnythingIsAcknowledged() throws IOException {
    SimulatedDisk storage = new SimulatedDisk();
    storage.faults().fail(Faults.Operation.SYNC_DIRECTORY, 1, new IOException("no sync"));
    Assertions.assertThatThrownBy(() -> Logs.open(storage)).hasMessage("no sync");
    try (Wal wal = Wal.open(storage, new FakeHost(2), Logs.SMALL)) {
      Logs.append(wal, 1, 1);
      holds(powerCut(storage), 1, 1);
    }
  }

  @Test
  void nameOfASpareIsMadeDurableBeforeItIsActivated() throws Exception {
    String spare = SegmentHeader.fileName(2);
    SimulatedDisk storage = new SimulatedDisk();
    CompletableFuture<SimulatedDisk> killed = new CompletableFuture<>();
    Runnable changed =
        () -> {
          if (storage.operations().getLast().equals("rename " + spare + ".tmp " + spare)) {
            killed.complete(storage.crash(Crash.keepingAll()));
          }
        };
    try (Wal wal = Wal.open(new WatchedStorage(storage, changed), Host.system(), Logs.SMALL)) {
      Logs.append(wal, 1, 1);
      Logs.awaitSpares(wal);
    }
    SimulatedDisk left = killed.get(10, TimeUnit.SECONDS);
    long acknowledged;
    try (Wal wal = Wal.open(left, new FakeHost(2), Logs.SMALL)) {
      acknowledged = wal.append(Logs.record(0));
      List<String> operations = left.operations();
      if (wal.segments().getLast().number() == 2) { // else it was killed before the first append
        assertThat(operations.indexOf("syncdir"))
            .isBetween(0, operations.indexOf("write " + spare + " 0+256"));
      }
      left = powerCut(left);
    }
    try (Wal wal = Logs.open(left)) {
      assertThat(wal.recovery().lastLsn()).isEqualTo(acknowledged);
    }
  }
}
