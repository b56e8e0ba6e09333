package dev.tidemark.wal.internal;

import static dev.tidemark.wal.internal.FrameLayout.INT;
import static dev.tidemark.wal.internal.FrameLayout.LONG;
import static dev.tidemark.wal.internal.FrameLayout.SHORT;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.wal.Batch;
import dev.tidemark.wal.Compression;
import dev.tidemark.wal.CorruptWalException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Frames as the writer builds them in its buffer and the reader takes them out: what is in every
/// byte, and which fields a header may have whose checksum is right.
class FrameCodecTest {
  private static final SegmentHeader SEGMENT =
      new SegmentHeader(1, 2, 3, 4, 4L << 30, 1, 0, 0, 0, 0, 0, 0, 0, 0);
  private static final int ID = 77;

  /// Turns every bit over, and stores only as many bytes as it is told; the rest are zeros.
  private record Inverting(int stored) implements Compression {
    @Override
    public int id() {
      return ID;
    }

    @Override
    public String name() {
      return "inverting";
    }

    @Override
    public int maxCompressedBytes(int rawBytes) {
      return rawBytes;
    }

    @Override
    public long maxRawBytes(long compressedBytes) {
      return Long.MAX_VALUE;
    }

    @Override
    public int compress(MemorySegment source, MemorySegment target) {
      invert(source, target, (int) source.byteSize());
      return Math.min(stored, (int) source.byteSize());
    }

    @Override
    public void decompress(MemorySegment source, MemorySegment target) {
      target.fill((byte) 0);
      invert(source, target, (int) source.byteSize());
    }

    private static void invert(MemorySegment source, MemorySegment target, int bytes) {
      for (int at = 0; at < bytes; at++) {
        target.set(JAVA_BYTE, at, (byte) ~source.get(JAVA_BYTE, at));
      }
    }
  }

  private static FrameWriter writer(int stored) {
    FrameWriter frames = new FrameWriter(1024, stored < 0 ? null : new Inverting(stored));
    frames.enter(SEGMENT, SegmentHeader.BYTES, 5);
    return frames;
  }

  private static Batch batch(byte[]... records) {
    Batch batch = new Batch();
    Arrays.stream(records).forEach(batch::add);
    return batch;
  }

  private static byte[] bytes(int length, int with) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) with);
    return bytes;
  }

  private static FrameHeader header(FrameWriter frames, int at) {
    PlacedChecksum checksum = new PlacedChecksum();
    checksum.enter(SEGMENT);
    FrameHeader header = new FrameHeader();
    MemorySegment buffer = frames.closedFrames();
    assertThat(header.read(buffer, buffer.asByteBuffer(), at, SegmentHeader.BYTES + at, checksum))
        .isTrue();
    return header;
  }

  private static List<byte[]> records(FrameWriter frames, Compression codec) throws IOException {
    FrameHeader header = header(frames, 0);
    FrameRecords records =
        new FrameRecords(new Codecs(codec), why -> new CorruptWalException(why, "", 0, 0, 0));
    records.enter(
        header, frames.closedFrames().asSlice(FrameLayout.HEADER_BYTES, header.storedBytes));
    List<byte[]> all = new ArrayList<>();
    while (records.hasNext()) {
      assertThat(records.next()).isTrue();
      all.add(records.bytes().toArray(JAVA_BYTE));
    }
    return all;
  }

  @Test
  void zerosAreZerosWhateverStoodInTheBuffer() {
    FrameWriter frames = writer(-1);
    frames.add(1, batch(bytes(700, 0xff)), 0);
    frames.close(FrameLayout.FLAGS_ALONE, 0);
    frames.written();
    frames.add(2, batch(bytes(1, 0xff)), 0);
    frames.close(FrameLayout.FLAGS_ALONE, 1);
    MemorySegment buffer = frames.closedFrames();
    assertThat(frames.bufferedBytes()).isEqualTo(128);
    for (int at = FrameLayout.ZEROS_AT; at < FrameLayout.HEADER_CRC_AT; at++) {
      assertThat(buffer.get(JAVA_BYTE, at)).as("byte %d", at).isZero();
    }
    for (int at = FrameLayout.HEADER_BYTES + 5; at < 128 + FrameLayout.ALIGNMENT; at++) {
      assertThat(buffer.get(JAVA_BYTE, at)).as("byte %d", at).isZero();
    }
    assertThat(buffer.get(JAVA_BYTE, 128 + FrameLayout.ALIGNMENT)).isNotZero();
  }

  @Test
  void markBehindAFullBufferHasRoom() {
    FrameWriter frames = writer(-1);
    frames.add(1, batch(bytes(2048 - 64 - 64 - 4, 1)), 0);
    frames.close(FrameLayout.FLAGS_ALONE, 0);
    frames.addEmpty(FrameLayout.KIND_MARK, 2, 1);
    assertThat(header(frames, 2048 - 64).durableLsn).isEqualTo(1);
    assertThat(header(frames, 0).firstLsn).isEqualTo(1);
    assertThat(frames.bufferedBytes()).isEqualTo(2048);
  }

  @ParameterizedTest
  @CsvSource({"20, 77", "103, 77", "104, 0", "200, 0"})
  void payloadIsStoredInTheSmallerForm(int stored, int codec) throws IOException {
    FrameWriter frames = writer(stored);
    frames.add(1, batch(bytes(100, 3)), 0);
    frames.close(FrameLayout.FLAGS_ALONE, 0);
    FrameHeader header = header(frames, 0);
    assertThat(header.codec).isEqualTo(codec);
    assertThat(header.rawBytes).isEqualTo(104);
    assertThat(header.storedBytes).isEqualTo(Math.min(stored, 104));
    byte[] expected = bytes(100, 3);
    Arrays.fill(expected, Math.min(stored, 104) - 4, 100, (byte) 0);
    assertThat(records(frames, new Inverting(stored)).getFirst()).isEqualTo(expected);
  }

  @Test
  void largerPayloadAfterASmallOneIsCompressedToo() throws IOException {
    FrameWriter frames = writer(90);
    frames.add(1, batch(bytes(100, 3)), 0);
    frames.close(FrameLayout.FLAGS_ALONE, 0);
    frames.written();
    frames.enter(SEGMENT, SegmentHeader.BYTES, 5);
    frames.add(2, batch(bytes(900, 3)), 0);
    frames.close(FrameLayout.FLAGS_ALONE, 1);
    assertThat(header(frames, 0).storedBytes).isEqualTo(90);
    assertThat(records(frames, new Inverting(90)).getFirst()).startsWith(bytes(86, 3));
  }

  @Test
  void frameIsSharedUpToItsLimitAndNotByteMore() {
    FrameWriter frames = writer(-1);
    frames.add(1, batch(bytes(96, 1)), 0);
    assertThat(frames.canShare(FrameLayout.MAX_SHARED_PAYLOAD_BYTES - 100)).isTrue();
    assertThat(frames.canShare(FrameLayout.MAX_SHARED_PAYLOAD_BYTES - 99)).isFalse();
    frames.close(FrameLayout.FLAGS_ALONE, 0);
    assertThat(frames.canShare(1)).isFalse(); // none is open
  }

  private static boolean isTaken(
      long firstLsn, int records, int stored, int raw, long durableLsn, int kind) {
    MemorySegment frame = Arena.ofAuto().allocate(FrameLayout.HEADER_BYTES, 64);
    frame.set(INT, FrameLayout.MAGIC_AT, FrameLayout.MAGIC);
    frame.set(JAVA_BYTE, FrameLayout.KIND_AT, (byte) kind);
    frame.set(SHORT, FrameLayout.FLAGS_AT, (short) FrameLayout.FLAGS_ALONE);
    frame.set(LONG, FrameLayout.FIRST_LSN_AT, firstLsn);
    frame.set(INT, FrameLayout.RECORDS_AT, records);
    frame.set(INT, FrameLayout.STORED_BYTES_AT, stored);
    frame.set(INT, FrameLayout.RAW_BYTES_AT, raw);
    frame.set(LONG, FrameLayout.DURABLE_LSN_AT, durableLsn);
    PlacedChecksum checksum = new PlacedChecksum();
    checksum.enter(SEGMENT);
    int crc = checksum.of(256, frame.asByteBuffer(), 0, FrameLayout.HEADER_CRC_AT);
    frame.set(INT, FrameLayout.HEADER_CRC_AT, crc);
    return new FrameHeader().read(frame, frame.asByteBuffer(), 0, 256, checksum);
  }

  private static final int MOST = FrameLayout.MAX_PAYLOAD_BYTES;

  @Test
  void possibleHeadersAreTaken() {
    assertThat(isTaken(1, 1, 4, 4, 0, FrameLayout.KIND_RECORDS)).isTrue();
    assertThat(isTaken(7, 0, 0, 0, 6, FrameLayout.KIND_MARK)).isTrue();
    assertThat(isTaken(7, 3, 5, 12, 6, FrameLayout.KIND_RECORDS)).isTrue();
    assertThat(isTaken(7, 1, MOST, MOST, 6, FrameLayout.KIND_RECORDS)).isTrue();
    assertThat(isTaken(7, 1, 4, MOST, 6, FrameLayout.KIND_RECORDS)).isTrue();
    assertThat(isTaken(7, 1, 4, 4, 6, FrameLayout.KIND_HOLE + 1)).isTrue();
  }

  @Test
  void impossibleHeadersAreNoneWhateverTheirChecksum() {
    assertThat(isTaken(0, 1, 4, 4, -1, FrameLayout.KIND_RECORDS)).isFalse();
    assertThat(isTaken(0, 0, 0, 0, 0, FrameLayout.KIND_MARK)).isFalse();
    assertThat(isTaken(7, -1, 4, 4, 6, FrameLayout.KIND_RECORDS)).isFalse();
    assertThat(isTaken(7, 0, -1, 4, 6, FrameLayout.KIND_RECORDS)).isFalse();
    assertThat(isTaken(7, 1, MOST + 1, MOST + 1, 6, FrameLayout.KIND_RECORDS)).isFalse();
    assertThat(isTaken(7, 1, 4, MOST + 1, 6, FrameLayout.KIND_RECORDS)).isFalse();
    assertThat(isTaken(7, 1, 5, 4, 6, FrameLayout.KIND_RECORDS)).isFalse();
    assertThat(isTaken(7, 4, 12, 15, 6, FrameLayout.KIND_RECORDS)).isFalse();
    assertThat(isTaken(7, 1, 4, 4, -1, FrameLayout.KIND_RECORDS)).isFalse();
    assertThat(isTaken(7, 1, 4, 4, 7, FrameLayout.KIND_RECORDS)).isFalse();
    assertThat(isTaken(7, 1, 4, 4, 6, FrameLayout.KIND_MARK)).isFalse();
    assertThat(isTaken(7, 1, 4, 4, 6, FrameLayout.KIND_SEAL)).isFalse();
    assertThat(isTaken(7, 1, 4, 4, 6, FrameLayout.KIND_HOLE)).isFalse();
  }
}
