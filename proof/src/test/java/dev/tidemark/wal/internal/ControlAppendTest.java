package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.testkit.disk.Crash;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.host.FakeHost;
import dev.tidemark.wal.Batch;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalFullException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Control records on a disk without space: they may use the reserve, and nobody else may.
@Timeout(60)
class ControlAppendTest {
  private final SimulatedDisk storage = new SimulatedDisk();

  // A log of the active segment, a spare and the reserve, on a disk that has no byte more.
  private Wal openFull() throws IOException {
    Wal wal = Logs.open(storage);
    Logs.awaitSpares(wal);
    storage.capacity(storage.usedBytes());
    return wal;
  }

  private interface Append {
    long record(byte[] payload) throws IOException;
  }

  // Appends until it is refused; answers the last LSN.
  private static long fill(Wal wal, Append append) throws IOException {
    while (true) {
      long next = wal.lastLsn() + 1;
      try {
        assertThat(append.record(Logs.record(next))).isEqualTo(next);
      } catch (WalFullException e) {
        assertThat(wal.lastLsn()).isEqualTo(next - 1);
        return next - 1;
      }
    }
  }

  private static void awaitAppend(Wal wal) throws IOException {
    long next = wal.lastLsn() + 1;
    while (true) {
      try {
        assertThat(wal.append(Logs.record(next))).isEqualTo(next);
        return;
      } catch (WalFullException e) {
        Thread.onSpinWait(); // the next try to prepare a segment is on its way
      }
    }
  }

  @Test
  void controlRecordsGoOnWhereOrdinaryOnesAreRefused() throws IOException {
    try (Wal wal = openFull()) {
      long last = fill(wal, wal::append);
      long control = fill(wal, wal::appendControl);
      assertThat(control - last).isGreaterThan(20); // a whole segment
      assertThat(wal.metrics().files().spares()).isZero();
      assertThat(wal.durableLsn()).isEqualTo(control);
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, control));
    }
  }

  @Test
  void ordinaryRecordsNeverTakeTheReserveNorTheRestOfIt() throws IOException {
    try (Wal wal = openFull()) {
      fill(wal, wal::append);
      assertThat(wal.metrics().files().spares()).isEqualTo(1);
      while (wal.metrics().files().spares() > 0) { // into the reserve
        wal.appendControl(Logs.record(wal.lastLsn() + 1));
      }
      long last = wal.lastLsn();
      assertThatThrownBy(() -> wal.append(new byte[1])).isInstanceOf(WalFullException.class);
      assertThatThrownBy(() -> wal.appendAsync(MemorySegment.ofArray(new byte[1])))
          .isInstanceOf(WalFullException.class);
      assertThatThrownBy(() -> wal.append(new Batch().add(new byte[1])))
          .isInstanceOf(WalFullException.class);
      assertThatThrownBy(wal::rotate).isInstanceOf(WalFullException.class);
      assertThat(wal.lastLsn()).isEqualTo(last);
      assertThat(wal.appendControl(Logs.record(last + 1))).isEqualTo(last + 1);
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, last + 1));
    }
  }

  @Test
  void truncationWithTheHelpOfControlRecordsLetsTheLogGoOn() throws IOException {
    try (Wal wal = openFull()) {
      for (int round = 0; round < 5; round++) {
        long last = fill(wal, wal::append);
        wal.appendControl(Logs.record(last + 1));
        wal.appendControl(MemorySegment.ofArray(Logs.record(last + 2)));
        wal.truncateBefore(last + 1);
        awaitAppend(wal);
        assertThat(Logs.read(wal)).isEqualTo(Logs.expected(last + 1, last + 3));
      }
    }
  }

  @Test
  void freedSpaceBecomesTheReserveFirst() throws IOException {
    try (Wal wal = openFull()) {
      fill(wal, wal::append);
      fill(wal, wal::appendControl);
      storage.capacity(storage.usedBytes() + 4096);
      while (wal.metrics().files().spares() == 0) {
        Thread.onSpinWait();
      }
      long last = fill(wal, wal::append); // what is left of the active segment at most
      assertThat(wal.metrics().files().spares()).isEqualTo(1);
      storage.capacity(Long.MAX_VALUE);
      awaitAppend(wal);
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, last + 1));
    }
  }

  @Test
  void logOpenedOnAFullDiskTakesControlRecordsAndGoesOnAfterTruncation() throws IOException {
    long last;
    SimulatedDisk killed;
    try (Wal wal = openFull()) {
      last = fill(wal, wal::append);
      killed = storage.crash(Crash.losingUnsynced());
    }
    try (Wal wal = Logs.open(killed)) { // it takes the reserve
      assertThatThrownBy(() -> wal.append(new byte[1])).isInstanceOf(WalFullException.class);
      assertThat(wal.appendControl(Logs.record(last + 1))).isEqualTo(last + 1);
      wal.truncateBefore(last + 1);
      awaitAppend(wal);
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(last + 1, last + 2));
    }
  }

  @Test
  void batchOfControlRecordsIsWholeOrRefused() throws IOException {
    try (Wal wal = openFull()) {
      long last = fill(wal, wal::append);
      Batch batch = new Batch().add(Logs.record(last + 1)).add(Logs.record(last + 2));
      assertThat(wal.appendControl(batch)).isEqualTo(last + 2);
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, last + 2));
      Batch large = new Batch();
      for (int i = 0; i < 5; i++) {
        large.add(new byte[1]); // a unit of 64 bytes and one for the header, for each
      }
      assertThatThrownBy(() -> wal.appendControl(large))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("256 bytes");
      assertThat(wal.lastLsn()).isEqualTo(last + 2);
    }
  }

  @Test
  void whatWasAdmittedIsNeverRefusedLaterWhoeverAppends() throws Exception {
    for (int bytes : new int[] {0, 56, 57, 200, 500, 896}) {
      SimulatedDisk disk = new SimulatedDisk();
      Wal wal = Logs.open(disk);
      Logs.awaitSpares(wal);
      disk.capacity(disk.usedBytes());
      List<CompletableFuture<Long>> admitted = new ArrayList<>();
      AtomicLong controls = new AtomicLong();
      Thread control =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      while (true) {
                        wal.appendControl(new byte[bytes]);
                        controls.incrementAndGet();
                      }
                    } catch (WalFullException e) {
                      // the reserve is used up
                    } catch (IOException e) {
                      throw new java.io.UncheckedIOException(e);
                    }
                  });
      try {
        while (true) {
          admitted.add(wal.appendAsync(MemorySegment.ofArray(new byte[bytes])));
        }
      } catch (WalFullException e) {
        // the disk is full
      }
      control.join();
      for (CompletableFuture<Long> future : admitted) {
        assertThat(future.get(10, TimeUnit.SECONDS)).isPositive();
      }
      assertThat(wal.lastLsn()).isEqualTo(admitted.size() + controls.get());
      assertThat(wal.durableLsn()).isEqualTo(wal.lastLsn());
      wal.close();
      assertThat(disk.operations()).noneMatch(o -> o.contains(".wal ") && o.endsWith("failed"));
    }
  }

  @Test
  void newLogOnADiskForOneSegmentTakesControlRecordsOnly() throws Exception {
    storage.capacity(Manifest.FILE_BYTES + 4096);
    FakeHost host = new FakeHost(1);
    try (Wal wal = Wal.open(storage, host, Logs.SMALL)) {
      host.awaitWaiting(3); // all its threads rest: it knows that it gets no second segment
      assertThatThrownBy(() -> wal.append(Logs.record(1))).isInstanceOf(WalFullException.class);
      assertThat(wal.appendControl(Logs.record(1))).isEqualTo(1);
    }
  }

  @Test
  void batchOfMoreRecordsThanAClaimCanTellApartIsRefused() {
    Appender.checkCount(1 << 30);
    assertThatThrownBy(() -> Appender.checkCount((1 << 30) + 1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
