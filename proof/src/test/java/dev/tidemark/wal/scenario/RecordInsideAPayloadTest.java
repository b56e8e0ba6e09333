package dev.tidemark.wal.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.wal.OnCorruption;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.internal.Follow;
import dev.tidemark.wal.internal.Logs;
import dev.tidemark.wal.internal.Remains;
import dev.tidemark.wal.internal.Remains.Frame;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Scenario 6: what a caller appends looks like frames of a log, and whoever looks for frames
/// behind damage comes by.
@Timeout(60)
class RecordInsideAPayloadTest {
  private static final int HEADERS = 64 + 4; // of the frame, and the length of its first record

  private static WalOptions options(boolean async, OnCorruption onCorruption) {
    WalOptions.Builder builder =
        WalOptions.builder().segmentBytes(16384).stagingBytes(16384).onCorruption(onCorruption);
    return async ? builder.sync(Scene.ASYNC).build() : builder.build();
  }

  // A log of records 1 to 5, of which the third carries frames where frames may begin: those of
  // this segment from elsewhere, and those that another log has at the very same place.
  private static Remains withFramesInside(boolean async) throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    try (Wal wal = Scene.open(disk, options(async, OnCorruption.FAIL))) {
      Logs.append(wal, 1, 2);
      Remains now = new Remains(disk);
      byte[] own = Arrays.copyOfRange(disk.bytes(now.newest()), 0, (int) now.end(now.newest()));
      int at = own.length;
      byte[] twin = twinBytes(at);
      byte[] payload = new byte[6000];
      System.arraycopy(own, 256, payload, 64 - 4, own.length - 256);
      System.arraycopy(twin, at + 2048, payload, 2048 - HEADERS, 3000);
      wal.append(payload);
      Logs.append(wal, 4, 5);
      return new Remains(Scene.killed(disk));
    }
  }

  // Another log, with frames in all the places in question.
  private static byte[] twinBytes(int from) throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    try (Wal wal =
        Wal.open(
            disk, new dev.tidemark.testkit.host.FakeHost(99), options(false, OnCorruption.FAIL))) {
      Remains now = new Remains(disk);
      while (now.end(now.newest()) < from + 8192) {
        Logs.append(wal, 1, 1);
      }
      return disk.bytes(now.newest());
    }
  }

  private static Frame carrier(Remains log) throws IOException {
    List<Frame> frames = log.frames(log.newest());
    return frames.stream().filter(f -> f.firstLsn() == 3).findFirst().orElseThrow();
  }

  private static void spoilHeader(Remains log, Frame frame) throws IOException {
    log.storage.flip(log.newest(), frame.offset() + 20, 3);
  }

  @Test
  void framesInsideARecordAreBytesOfThatRecord() throws IOException {
    Remains log = withFramesInside(false);
    byte[] bytes = log.storage.bytes(log.newest());
    int inside = (int) carrier(log).offset() + 128;
    assertThat(new String(bytes, inside, 4, java.nio.charset.StandardCharsets.US_ASCII))
        .isEqualTo("TMFR"); // it stands where a frame may begin
    try (Wal wal = log.open(options(false, OnCorruption.FAIL))) {
      assertThat(Logs.read(wal)).hasSize(5);
    }
  }

  @Test
  void searchForPromisesBehindDamageBelievesNoneOfThem() throws IOException {
    Remains log = withFramesInside(false);
    spoilHeader(log, carrier(log));
    assertThat(log.refused(options(false, OnCorruption.FAIL)).lostFrom()).isEqualTo(3);
    assertThat(log.refused(options(false, OnCorruption.FAIL)).lostTo()).isEqualTo(4);
  }

  @Test
  void cutOfAnUnpromisedTailCountsNoneOfThem() throws IOException {
    Remains log = withFramesInside(true);
    spoilHeader(log, carrier(log));
    try (Wal wal = log.open(options(true, OnCorruption.FAIL))) {
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, 2));
      assertThat(wal.recovery().discardedFrom()).isEqualTo(3);
      assertThat(wal.recovery().discardedTo()).isEqualTo(5);
    }
  }

  @Test
  void salvageGoesOnBehindTheRecordAndDeliversNoneOfThem() throws IOException {
    Remains log = withFramesInside(false);
    spoilHeader(log, carrier(log));
    try (Wal wal = log.open(options(false, OnCorruption.SKIP))) {
      assertThat(Logs.read(wal))
          .containsExactly("1:record 1", "2:record 2", "4:record 4", "5:record 5");
    }
  }

  @Test
  void salvageOfASealedSegmentDeliversNoneOfThem() throws IOException {
    Remains log =
        withFramesInside(false)
            .work(options(false, OnCorruption.FAIL), wal -> wal.append(Logs.record(6)));
    String first = Remains.segment(1);
    Frame carrier =
        log.frames(first).stream().filter(f -> f.firstLsn() == 3).findFirst().orElseThrow();
    log.storage.flip(first, carrier.offset() + 20, 3);
    assertThat(
            Follow.restUntil(
                Follow.open(log.storage).read(), dev.tidemark.wal.CorruptWalException.class))
        .isEqualTo(Logs.expected(1, 2));
    WalOptions skip =
        WalOptions.builder()
            .segmentBytes(16384)
            .stagingBytes(16384)
            .onCorruption(OnCorruption.SKIP)
            .verifyOnOpen(true)
            .build();
    try (Wal wal = log.open(skip)) {
      assertThat(Logs.read(wal))
          .containsExactly("1:record 1", "2:record 2", "4:record 4", "5:record 5", "6:record 6");
    }
  }
}
