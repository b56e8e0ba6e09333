package dev.tidemark.wal.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.wal.Batch;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.internal.Follow;
import dev.tidemark.wal.internal.Logs;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Scenario 28: records and batches at, beyond and below every limit.
@Timeout(60)
class RecordLimitsTest {
  private final SimulatedDisk disk = new SimulatedDisk();

  private static List<Integer> sizes(Wal wal) throws IOException {
    List<Integer> sizes = new ArrayList<>();
    try (Cursor cursor = wal.read()) {
      while (cursor.next()) {
        sizes.add((int) cursor.payload().byteSize());
      }
    }
    return sizes;
  }

  @Test
  void everySizeUpToTheLimitIsReadableAfterACrash() throws IOException {
    int most = Logs.SMALL.maxRecordBytes();
    SimulatedDisk left;
    List<Integer> expected = new ArrayList<>();
    try (Wal wal = Scene.open(disk)) {
      for (int bytes = 0; bytes <= most; bytes += bytes < 130 || bytes > most - 130 ? 1 : 61) {
        wal.append(new byte[bytes]);
        expected.add(bytes);
      }
      wal.append(new byte[most]);
      expected.add(most);
      left = Scene.powerCut(disk);
    }
    try (Wal wal = Scene.open(left)) {
      assertThat(sizes(wal)).isEqualTo(expected);
    }
  }

  @Test
  void whatIsTooLargeOrEmptyIsRefusedBeforeAByteIsWrittenOrAnLsnGiven() throws IOException {
    int most = Logs.SMALL.maxRecordBytes();
    try (Wal wal = Scene.open(disk)) {
      Logs.append(wal, 1, 1);
      Logs.awaitSpares(wal);
      disk.clearOperations();
      for (int bytes : new int[] {most + 1, 65_536, 1 << 24}) {
        byte[] record = new byte[bytes];
        assertThatThrownBy(() -> wal.append(record)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> wal.appendControl(record))
            .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> wal.appendAsync(MemorySegment.ofArray(record)))
            .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> wal.append(new Batch().add(new byte[1]).add(record)))
            .isInstanceOf(IllegalArgumentException.class);
      }
      assertThatThrownBy(() -> wal.append(new Batch()))
          .isInstanceOf(IllegalArgumentException.class);
      Batch tooMany = new Batch();
      while (tooMany.payloadBytes() <= Logs.SMALL.maxBatchBytes()) {
        tooMany.add(new byte[most]);
      }
      assertThatThrownBy(() -> wal.append(tooMany)).isInstanceOf(IllegalArgumentException.class);
      assertThat(disk.operations()).isEmpty();
      assertThat(wal.append(Logs.record(2))).isEqualTo(2);
      Scene.holdsAndGoesOn(Scene.powerCut(disk), Logs.expected(1, 2));
    }
  }

  @Test
  void batchOfEmptyRecordsIsABatch() throws IOException {
    try (Wal wal = Scene.open(disk)) {
      Batch batch = new Batch();
      for (int i = 0; i < 300; i++) {
        batch.add(new byte[0]);
      }
      assertThat(wal.append(batch)).isEqualTo(300);
      assertThat(wal.append(new Batch().add(new byte[0]))).isEqualTo(301);
    }
    try (Wal wal = Scene.open(disk)) {
      assertThat(sizes(wal)).hasSize(301).containsOnly(0);
    }
  }

  @Test
  void whatWasTakenIsReadableWithAnyOtherOptions() throws IOException {
    WalOptions large = WalOptions.builder().segmentBytes(1 << 20).stagingBytes(1 << 19).build();
    try (Wal wal = Scene.open(disk, large)) {
      wal.append(new byte[400_000]);
      Batch batch = new Batch();
      for (int i = 0; i < 8; i++) {
        batch.add(new byte[200_000]);
      }
      wal.append(batch); // in a segment of its own size
    }
    for (WalOptions options : List.of(Logs.SMALL, large, WalOptions.defaults())) {
      SimulatedDisk left = Scene.powerCut(disk);
      try (Wal wal = Scene.open(left, options)) {
        assertThat(sizes(wal)).hasSize(9).startsWith(400_000).endsWith(200_000);
        assertThat(wal.append(Logs.record(10))).isEqualTo(10);
      }
      assertThat(Follow.readUnproven(left)).hasSize(10);
    }
  }
}
