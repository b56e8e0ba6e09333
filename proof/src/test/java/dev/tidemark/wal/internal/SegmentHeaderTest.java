package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.host.FakeHost;
import dev.tidemark.wal.Wal;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class SegmentHeaderTest {

  @Test
  void everyFieldComesBack() {
    SegmentHeader header =
        new SegmentHeader(1, 2, 9, 4, 4096, 31, 7, 8, 960, 30, 11, 12, SegmentHeader.RECYCLED, 14);
    MemorySegment copy = Arena.ofAuto().allocate(SegmentHeader.BYTES, 64);
    header.encode(copy);
    assertThat(SegmentHeader.decode(copy)).isEqualTo(new SegmentHeader.Found.Valid(header));
  }

  @Test
  void segmentsSayWhenTheyWereActivated() throws IOException {
    SimulatedDisk storage = new SimulatedDisk();
    FakeHost host = new FakeHost(1);
    try (Wal wal = Wal.open(storage, host, Logs.SMALL)) {
      Logs.append(wal, 1, 1);
      host.advance(Duration.ofSeconds(3));
      wal.rotate();
    }
    Remains log = new Remains(storage);
    assertThat(log.header(SegmentHeader.fileName(1)).activatedMillis())
        .isEqualTo(FakeHost.EPOCH_MILLIS);
    assertThat(log.header(SegmentHeader.fileName(2)).activatedMillis())
        .isEqualTo(FakeHost.EPOCH_MILLIS + 3_000);
  }
}
