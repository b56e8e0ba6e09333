package dev.tidemark.wal.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.host.FakeHost;
import dev.tidemark.wal.Batch;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.internal.Logs;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Scenario 31: the memory that was appended is used for something else.
@Timeout(60)
class CallerChangesItsBufferTest {
  private static final WalOptions ROOMY =
      WalOptions.builder().segmentBytes(8192).stagingBytes(8192).build();

  private final SimulatedDisk disk = new SimulatedDisk();

  @Test
  void onceABlockingAppendHasReturned() throws IOException {
    try (Wal wal = Scene.open(disk)) {
      byte[] array = Logs.record(1);
      wal.append(array);
      Arrays.fill(array, (byte) 0);
      ByteBuffer buffer = ByteBuffer.allocateDirect(8).put(Logs.record(2)).flip();
      wal.append(buffer);
      buffer.clear().put(new byte[8]);
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, 2));
      Scene.holdsAndGoesOn(Scene.powerCut(disk), Logs.expected(1, 2));
    }
  }

  @Test
  void beforeARecordThatWasOnlyStagedIsWritten() throws Exception {
    try (Wal wal = Wal.open(disk, new FakeHost(1), ROOMY)) {
      Logs.awaitSpares(wal);
      disk.holdSyncs();
      CompletableFuture<Long> last = wal.appendAsync(MemorySegment.ofArray(Logs.record(1)));
      disk.awaitHeldSyncs(1); // what follows stays in staging
      byte[] array = new byte[8];
      for (int n = 2; n <= 9; n++) {
        System.arraycopy(Logs.record(n), 0, array, 0, 8);
        last = wal.appendAsync(MemorySegment.ofArray(array));
        Arrays.fill(array, (byte) -1);
      }
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment memory = arena.allocate(9);
        memory.copyFrom(MemorySegment.ofArray(Logs.record(10)));
        last = wal.appendAsync(memory);
      } // its memory is gone
      disk.releaseSyncs();
      assertThat(last.get(20, TimeUnit.SECONDS)).isEqualTo(10);
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, 10));
    }
  }

  @Test
  void onceARecordWasAddedToABatchAndOnceTheBatchWasAppended() throws IOException {
    for (int records : new int[] {3, 400}) { // through staging, and straight from the batch
      SimulatedDisk each = new SimulatedDisk();
      try (Wal wal = Scene.open(each)) {
        Batch batch = new Batch();
        for (int n = 1; n <= records; n++) {
          byte[] array = Logs.record(n);
          batch.add(array);
          Arrays.fill(array, (byte) 0);
        }
        wal.append(batch);
        batch.clear();
        batch.add(Logs.record(0));
        assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, records));
        Scene.holdsAndGoesOn(Scene.powerCut(each), Logs.expected(1, records));
      }
    }
  }

  @Test
  void whileTheAppendIsUnderWayTheRecordIsSomeMixtureAndItsChecksumIsRight() throws Exception {
    byte[] array = new byte[800];
    AtomicBoolean done = new AtomicBoolean();
    Thread changer =
        Thread.ofPlatform()
            .start(
                () -> {
                  for (byte value = 0; !done.get(); value++) {
                    Arrays.fill(array, value);
                  }
                });
    try (Wal wal = Scene.open(disk, Logs.small(Scene.ASYNC))) {
      for (int i = 0; i < 500; i++) {
        wal.append(array);
      }
    } finally {
      done.set(true);
      changer.join();
    }
    try (Wal wal = Scene.open(disk);
        Cursor cursor = wal.read()) {
      for (int i = 0; i < 500; i++) {
        assertThat(cursor.next()).isTrue();
        assertThat(cursor.payload().byteSize()).isEqualTo(800);
      }
    }
  }

  @Test
  void whatACursorHandsOutCannotBeUsedToChangeTheLog() throws IOException {
    try (Wal wal = Scene.open(disk)) {
      Logs.append(wal, 1, 3);
      try (Cursor cursor = wal.read()) {
        assertThat(cursor.next()).isTrue();
        assertThat(cursor.payload().isReadOnly()).isTrue();
        Arrays.fill(cursor.bytes(), (byte) 0);
      }
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, 3));
    }
  }
}
