package dev.tidemark.wal.internal;

import static dev.tidemark.wal.internal.FrameLayout.INT;
import static dev.tidemark.wal.internal.FrameLayout.LONG;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.wal.Hole;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// The list of holes at the head of a segment: what is written is read, and what makes no sense is
/// refused, whatever its checksum says.
class HoleFramesTest {
  private static final SegmentHeader SEGMENT =
      new SegmentHeader(1, 2, 9, 4, 1 << 20, 41, 8, 5, 512, 30, 6, 30, SegmentHeader.SALVAGED, 0);

  private static AcceptedHole hole(long n) {
    return new AcceptedHole(
        1 + n, 10 * n + 1, 10 * n + 5, 256 + n, 300 + n, (int) n, Hole.Reason.DAMAGED);
  }

  private static List<AcceptedHole> holes(int count) {
    List<AcceptedHole> holes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      holes.add(hole(i));
    }
    return holes;
  }

  @Test
  void whatIsWrittenIsRead() throws IOException {
    for (int count : new int[] {1, 7, HoleFrames.MAX_PER_FRAME, HoleFrames.MAX_PER_FRAME + 1}) {
      try (StorageFile file = new SimulatedDisk().create("x")) {
        HoleFrames.Head written = HoleFrames.write(file, SEGMENT, holes(count));
        assertThat(written.end()).isEqualTo(SegmentHeader.BYTES + HoleFrames.bytes(count));
        assertThat(HoleFrames.read(file, SEGMENT)).isEqualTo(written);
        assertThat(written.holes()).isEqualTo(holes(count));
      }
    }
  }

  @Test
  void everyReasonIsKept() throws IOException {
    List<AcceptedHole> holes = new ArrayList<>();
    for (Hole.Reason reason : Hole.Reason.values()) {
      holes.add(new AcceptedHole(1, 1, 5, 300, 400, 0, reason));
    }
    try (StorageFile file = new SimulatedDisk().create("x")) {
      HoleFrames.write(file, SEGMENT, holes);
      assertThat(HoleFrames.read(file, SEGMENT))
          .extracting(HoleFrames.Head::holes)
          .isEqualTo(holes);
    }
  }

  @Test
  void damagedOrMissingFrameIsNoList() throws IOException {
    SimulatedDisk storage = new SimulatedDisk();
    try (StorageFile file = storage.create("x")) {
      assertThat(HoleFrames.read(file, SEGMENT)).isNull();
      HoleFrames.write(file, SEGMENT, holes(HoleFrames.MAX_PER_FRAME + 1));
      storage.flip("x", SegmentHeader.BYTES + HoleFrames.bytes(HoleFrames.MAX_PER_FRAME) + 80, 0);
      assertThat(HoleFrames.read(file, SEGMENT)).isNull();
    }
  }

  private interface Change {
    void to(MemorySegment payload);
  }

  // A list of one hole with a good checksum, changed before that was computed.
  private static HoleFrames.@Nullable Head forged(long bytes, Change change) throws IOException {
    MemorySegment payload = Arena.ofAuto().allocate(bytes, 8);
    if (bytes >= 56) {
      payload.set(INT, 0, 1);
      payload.set(INT, 4, 1);
      payload.set(LONG, 8, 1);
      payload.set(LONG, 16, 1);
      payload.set(LONG, 24, 5);
      payload.set(LONG, 32, 300);
      payload.set(LONG, 40, 400);
    }
    change.to(payload);
    try (StorageFile file = new SimulatedDisk().create("x")) {
      FrameWriter frames = new FrameWriter(1 << 10, null);
      frames.enter(SEGMENT, SegmentHeader.BYTES, SEGMENT.chainStart());
      frames.addWithoutRecords(FrameLayout.KIND_HOLE, 41, 30, payload);
      int length = frames.bufferedBytes();
      file.write(SegmentHeader.BYTES, frames.closedFrames(), 0, length);
      return HoleFrames.read(file, SEGMENT);
    }
  }

  @Test
  void forgedListIsReadIfItMakesSense() throws IOException {
    assertThat(forged(56, payload -> {})).isNotNull();
  }

  @Test
  void payloadOfAnImpossibleSizeIsRefused() throws IOException {
    for (long bytes : new long[] {0, 4, 8, 55, 57, 104}) {
      assertThat(forged(bytes, payload -> {})).as("%s bytes", bytes).isNull();
    }
  }

  @Test
  void impossibleCountsAreRefused() throws IOException {
    for (int count : new int[] {-1, 0, 2, Integer.MAX_VALUE}) {
      assertThat(forged(56, payload -> payload.set(INT, 0, count))).as("all %s", count).isNull();
      assertThat(forged(56, payload -> payload.set(INT, 4, count))).as("here %s", count).isNull();
    }
  }

  @Test
  void impossibleHoleIsRefused() throws IOException {
    assertThat(forged(56, payload -> payload.set(LONG, 8, 0))).as("segment").isNull();
    assertThat(forged(56, payload -> payload.set(LONG, 16, 0))).as("from LSN").isNull();
    assertThat(forged(56, payload -> payload.set(LONG, 24, -1))).as("to LSN").isNull();
    assertThat(forged(56, payload -> payload.set(LONG, 32, -1))).as("from byte").isNull();
    assertThat(forged(56, payload -> payload.set(LONG, 40, 299))).as("to byte").isNull();
    assertThat(forged(56, payload -> payload.set(INT, 52, 4))).as("reason").isNull();
    assertThat(forged(56, payload -> payload.set(INT, 52, -1))).as("reason").isNull();
  }
}
