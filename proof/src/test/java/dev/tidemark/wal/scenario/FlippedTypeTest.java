package dev.tidemark.wal.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.wal.Batch;
import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.internal.Logs;
import dev.tidemark.wal.internal.Remains;
import dev.tidemark.wal.internal.Remains.Frame;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Scenario 10: kind, codec or flags of a frame change that was durable long ago, and everything
/// behind it must not go with it.
@Timeout(60)
class FlippedTypeTest {
  private static final int KIND_AT = 4;
  private static final WalOptions LARGE =
      WalOptions.builder().segmentBytes(1 << 20).stagingBytes(4 << 20).build();

  private static Remains withABatch() throws IOException {
    return Remains.of(
        LARGE,
        wal -> {
          Logs.append(wal, 1, 2);
          Batch batch = new Batch();
          for (int i = 0; i < 12; i++) {
            batch.add(new byte[50_000]);
          }
          wal.append(batch); // three frames
          Logs.append(wal, 15, 17);
        });
  }

  @Test
  void flippedBitInKindCodecOrFlagsOfAnyPromisedFrameIsCorruption() throws IOException {
    Remains whole = withABatch();
    List<Frame> frames = whole.frames(whole.newest());
    assertThat(frames).hasSize(8);
    for (Frame frame : frames.subList(0, 7)) {
      for (int bit = 0; bit < 32; bit++) {
        whole.storage.flip(whole.newest(), frame.offset() + KIND_AT + bit / 8, bit % 8);
        CorruptWalException refusal = whole.refused(LARGE);
        assertThat(refusal.lostTo()).isEqualTo(16);
        assertThat(refusal.lostFrom())
            .isBetween(3L <= frame.firstLsn() ? 3L : 1L, frame.firstLsn());
        whole.storage.flip(whole.newest(), frame.offset() + KIND_AT + bit / 8, bit % 8);
      }
    }
  }

  @Test
  void forgedKindsAndFlagsNeverDropWhatIsBehindThem() throws IOException {
    Remains whole = withABatch();
    for (Frame frame : whole.frames(whole.newest()).subList(0, 7)) {
      for (int word : new int[] {0, 2, 3, 4, 5, 0x80000005, 0x00010001, 0x00020001, 0x00000001}) {
        Remains log = new Remains(Scene.killed(whole.storage));
        byte[] before = log.storage.bytes(log.newest());
        log.forgeInt(log.newest(), frame, KIND_AT, word);
        if (!java.util.Arrays.equals(before, log.storage.bytes(log.newest()))) {
          assertThat(log.refused(LARGE)).as("frame %s, word %x", frame, word).isNotNull();
        }
      }
    }
  }

  @Test
  void flippedBitInTheLastMarkOrSealTakesNoRecordWithIt() throws IOException {
    Remains whole = Remains.of(wal -> Logs.append(wal, 1, 5));
    try (Wal wal = whole.open()) {
      wal.append(Logs.record(6));
    } // sealed
    String name = Remains.segment(2);
    Frame seal = whole.frames(name).getLast();
    assertThat(seal.kind()).isEqualTo(Remains.SEAL);
    for (int bit = 0; bit < 64 * 8; bit++) {
      Remains log = new Remains(Scene.killed(whole.storage));
      log.storage.flip(name, seal.offset() + bit / 8, bit % 8);
      try (Wal wal = log.open()) {
        assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, 6));
      }
    }
  }
}
