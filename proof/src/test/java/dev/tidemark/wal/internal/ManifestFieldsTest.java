package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Which fields a slot of the manifest may hold whose checksum is right: bytes from a disk, which
/// somebody may have made up.
class ManifestFieldsTest {
  private static final CheckpointStamp NEWEST = new CheckpointStamp(9, 4, 100, 7, true);
  private static final CheckpointStamp BEFORE = new CheckpointStamp(5, 2, 50, 8, false);
  private static final Holders HOLDERS = new Holders(NEWEST, BEFORE, 5, 6, 3);

  private static Manifest numbers(long generation, long first, long last, long next, long lsn) {
    return new Manifest(1, 2, generation, next, first, last, 3, lsn, 4, HOLDERS);
  }

  private static Manifest holders(Holders holders) {
    return new Manifest(1, 2, 1, 8, 5, 7, 3, 6, 4, holders);
  }

  private static Manifest newest(CheckpointStamp stamp) {
    return holders(new Holders(stamp, null, 5, 6, 3));
  }

  private static Manifest lowWater(long lsn) {
    return new Manifest(1, 2, 1, 8, 5, 7, 3, 6, lsn, HOLDERS);
  }

  static Stream<Manifest> possible() {
    return Stream.of(
        numbers(1, 5, 7, 8, 6),
        numbers(SegmentHeader.NUMBERS - 1, 7, 7, 8, 1),
        numbers(1, 5, 7, SegmentHeader.NUMBERS - 1, 6),
        numbers(2, 0, 0, 1, 0),
        lowWater(1),
        holders(Holders.NONE),
        holders(new Holders(NEWEST, null, 5, 0, 0)),
        holders(new Holders(null, null, 1, 0, SubscriptionBlock.MAX_BLOCKS)),
        newest(new CheckpointStamp(0, 1, 0, 0, false)));
  }

  static Stream<Manifest> impossible() {
    return Stream.of(
        numbers(0, 5, 7, 8, 6),
        numbers(-1, 5, 7, 8, 6),
        numbers(SegmentHeader.NUMBERS, 5, 7, 8, 6),
        numbers(1, -1, 7, 8, 6),
        numbers(1, 5, 7, SegmentHeader.NUMBERS, 6),
        numbers(1, 8, 7, 9, 6),
        numbers(1, 5, 7, 7, 6),
        numbers(1, 0, 7, 8, 6),
        numbers(1, -1, 0, 8, 0),
        numbers(1, 5, 7, 8, 0),
        numbers(1, 5, 7, 8, -1),
        numbers(1, 0, 0, 8, 6),
        lowWater(0),
        lowWater(-1),
        holders(new Holders(NEWEST, BEFORE, 5, -1, 3)),
        holders(new Holders(null, null, 0, 0, 0)),
        holders(new Holders(null, null, SegmentHeader.NUMBERS, 0, 0)),
        holders(new Holders(NEWEST, BEFORE, 5, 6, -1)),
        holders(new Holders(NEWEST, BEFORE, 5, 6, SubscriptionBlock.MAX_BLOCKS + 1)),
        holders(new Holders(null, BEFORE, 5, 6, 3)),
        holders(new Holders(NEWEST, new CheckpointStamp(5, 0, 50, 8, false), 5, 6, 3)),
        newest(new CheckpointStamp(-1, 4, 100, 7, true)),
        newest(new CheckpointStamp(9, 0, 100, 7, true)),
        newest(new CheckpointStamp(9, 5, 100, 7, true)),
        newest(new CheckpointStamp(9, 4, -1, 7, true)));
  }

  private static Manifest.Found written(Manifest manifest) {
    MemorySegment slot = Arena.ofAuto().allocate(Manifest.SLOT_BYTES, 64);
    slot.fill((byte) 0xff); // what was there before
    manifest.encode(slot);
    return Manifest.decode(slot);
  }

  @ParameterizedTest
  @MethodSource("possible")
  void possibleFieldsComeBackAsTheyWere(Manifest manifest) {
    assertThat(written(manifest)).isEqualTo(new Manifest.Found.Valid(manifest));
  }

  @ParameterizedTest
  @MethodSource("impossible")
  void impossibleFieldsAreDamageWhateverTheChecksum(Manifest manifest) {
    assertThat(written(manifest)).isEqualTo(new Manifest.Found.Damaged());
  }

  @Test
  void slotSaysItsSize() {
    MemorySegment slot = Arena.ofAuto().allocate(Manifest.SLOT_BYTES, 64);
    numbers(1, 5, 7, 8, 6).encode(slot);
    assertThat(slot.get(FrameLayout.INT, 12)).isEqualTo(Manifest.SLOT_BYTES);
  }

  @Test
  void generationsTakeTurnsInTheTwoSlots() {
    assertThat(numbers(2, 5, 7, 8, 6).slotAt()).isZero();
    assertThat(numbers(3, 5, 7, 8, 6).slotAt()).isEqualTo(Manifest.SECOND_SLOT_AT);
  }
}
