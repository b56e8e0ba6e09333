package dev.tidemark.formats.loki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.tidemark.formats.FormatException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/// Chunks that stand for more than anybody has room for, and such as nobody wrote.
class HostileChunkTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final byte[] NO_HEAD = {};

  /// {@return how much memory was taken until a chunk was refused}
  private static long refused(byte[] data, String reason) {
    long[] lines = new long[1];
    long before = THREADS.getCurrentThreadAllocatedBytes();
    assertThatThrownBy(
            () ->
                MemChunk.decode(Chunks.chunk(data, NO_HEAD))
                    .lines(new UnpackedBytes(), counting(lines)))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining(reason);
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }

  private static RecordTaker counting(long[] lines) {
    return new RecordTaker() {
      @Override
      public void endLine() {
        lines[0]++;
      }
    };
  }

  private static byte[] repeated(byte[] first, byte[] more, int times) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(first);
    for (int i = 0; i < times; i++) {
      all.writeBytes(more);
    }
    return all.toByteArray();
  }

  @Test
  void aBlockOfGzipThatStandsForTooMuchIsRefusedAsItIsRead() throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(packed)) {
      byte[] lines = new byte[129 << 13]; // of 127 bytes each
      Arrays.fill(lines, (byte) 127);
      for (int i = 0; i < 65; i++) {
        gzip.write(lines);
      }
    }
    byte[] data = new Chunks.Builder(3, BlockCodec.GZIP).block(packed.toByteArray()).build();
    assertThat(data.length).isLessThan(1 << 17);
    long unused = refused(data, "a block of more than 67108864 bytes");
    assertThat(unused).isPositive();
  }

  @Test
  void aLineIsTakenAsItsBytesCome() throws IOException {
    byte[] block = new Bytes().varint(1).uvarint(60 << 20).raw(new byte[9]).array();
    byte[] data = new Chunks.Builder(3, BlockCodec.NONE).block(block).build();
    assertThat(refused(data, "a line has 62914560 bytes, of which only 9 are there"))
        .isLessThan(1 << 20);
  }

  @Test
  void aChunkOfSnappysThatSaysItStandsForGigabytesTakesNoMemory() throws IOException {
    byte[] block =
        new Bytes()
            .octets(0xff, 6, 0, 0)
            .raw(new byte[] {'s', 'N', 'a', 'P', 'p', 'Y'})
            .octets(0, 9, 0, 0)
            .be32(0)
            .uvarint(0x7fff_ffffL)
            .array();
    byte[] data = new Chunks.Builder(3, BlockCodec.SNAPPY).block(block).build();
    assertThat(refused(data, "a Snappy chunk of more than 64 KiB")).isLessThan(1 << 20);
  }

  @Test
  void framesOfLz4ThatStandForTooMuchTakeNoMemory() throws IOException {
    Bytes frame = new Bytes().raw(HexFormat.of().parseHex("04224d186470")).octets(0);
    byte[] most = new byte[17 << 10];
    for (int i = 0; i < 20; i++) {
      frame.octets(most.length & 0xff, most.length >> 8, 0, 0).raw(most);
    }
    byte[] data =
        new Chunks.Builder(3, BlockCodec.LZ4_4M).block(frame.be32(0).be32(0).array()).build();
    assertThat(refused(data, "a block of more than 67108864 bytes")).isLessThan(4 << 20);
  }

  @Test
  void zstandardThatStandsForTooMuchIsRefusedAsItIsRead() throws IOException {
    // A window of 128 KiB, then blocks that repeat one byte 131,072 times.
    byte[] head = HexFormat.of().parseHex("28b52ffd0038");
    byte[] run = HexFormat.of().parseHex("0200107f");
    byte[] frame = new Bytes().raw(repeated(head, run, 600)).octets(1, 0, 0).array();
    byte[] data = new Chunks.Builder(3, BlockCodec.ZSTD).block(frame).build();
    assertThat(refused(data, "a block of more than 67108864 bytes")).isPositive();
  }

  @Test
  void aHugeWindowOfZstandardsTakesNoMemory() throws IOException {
    byte[] head = HexFormat.of().parseHex("28b52ffd00f0");
    byte[] run = HexFormat.of().parseHex("0200107f");
    byte[] frame = new Bytes().raw(repeated(head, run, 80)).octets(1, 0, 0).array();
    byte[] data = new Chunks.Builder(3, BlockCodec.ZSTD).block(frame).build();
    // The content itself is 10 MiB, in lines of 127 bytes each.
    assertThat(refused(data, "a line has 127 bytes")).isLessThan(64 << 20);
  }

  @Test
  void aWindowOfZstandardsThatIsLargerThanWhatIsInItIsNotTaken() throws IOException {
    // A window of 8 MiB, the largest that is read, and a block of one line, as it is.
    byte[] line = new Bytes().varint(Chunks.T).text("a line").array();
    byte[] frame =
        new Bytes()
            .raw(HexFormat.of().parseHex("28b52ffd0068"))
            .octets((line.length << 3) | 1, 0, 0)
            .raw(line)
            .array();
    byte[] data = new Chunks.Builder(3, BlockCodec.ZSTD).block(frame).build();
    assertThat(Chunks.lines(data, NO_HEAD)).containsExactly("0 a line");
    long before = THREADS.getCurrentThreadAllocatedBytes();
    assertThat(Chunks.lines(data, NO_HEAD)).hasSize(1);
    assertThat(THREADS.getCurrentThreadAllocatedBytes() - before).isLessThan(1 << 20);
  }

  @Test
  void windowsOfZstandardsThatAreTakenCountForTheRecord() throws IOException {
    // 80 blocks of 128 KiB that are not there: more than the window, which the stream takes.
    byte[] head = HexFormat.of().parseHex("28b52ffd0068");
    Bytes frame = new Bytes().raw(head);
    for (int i = 0; i < 80; i++) {
      frame.octets((1 << 3) | 4, 0, 0, 0);
    }
    byte[] block = frame.octets(1, 0, 0).array();
    Chunks.Builder chunk = new Chunks.Builder(3, BlockCodec.ZSTD);
    byte[] one = chunk.block(block).build();
    UnpackedBytes unpacked = new UnpackedBytes();
    int refused = 0;
    String last = "";
    while (refused < 200 && !last.contains("chunks of more than")) {
      try {
        MemChunk.decode(Chunks.chunk(one, NO_HEAD)).lines(unpacked, new RecordTaker() {});
      } catch (FormatException malformed) {
        refused++;
        last = String.valueOf(malformed.getMessage());
      }
    }
    assertThat(refused).isEqualTo(129); // 128 of 8 MiB are 1 GiB
  }

  @Test
  void symbolsThatAreNamedAgainAndAgainCountEachTime() throws IOException {
    Bytes pairs = new Bytes().uvarint(2000);
    for (int i = 0; i < 2000; i++) {
      pairs.octets(0, 0);
    }
    byte[] line = new Bytes().varint(1).text("").lengthAnd(pairs.array()).array();
    byte[] block = repeated(new byte[0], line, 300);
    byte[] data =
        new Chunks.Builder(4, BlockCodec.NONE).symbols("a".repeat(1000)).block(block).build();
    assertThat(refused(data, "chunks of more than 1073741824 bytes")).isLessThan(256 << 20);
  }

  @Test
  void theChunksOfARecordCountTogether() throws FormatException {
    UnpackedBytes unpacked = new UnpackedBytes();
    for (int i = 0; i < 16; i++) {
      unpacked.beginBlock();
      unpacked.addToBlock(64 << 20);
    }
    unpacked.beginBlock();
    assertThatThrownBy(() -> unpacked.addToBlock(1)).isInstanceOf(FormatException.class);
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "NONE")
  void blocksThatWereChangedAnywhereAreReadOrRefused(BlockCodec codec) throws IOException {
    long seed = Long.getLong("tidemark.seed", new Random().nextLong());
    System.out.printf("HostileChunkTest %s, seed %d%n", codec, seed);
    Random random = new Random(seed);
    byte[] packed = Chunks.packed(codec);
    for (int round = 0; round < 1000; round++) {
      byte[] changed = Arrays.copyOf(packed, 1 + random.nextInt(packed.length));
      for (int i = random.nextInt(4); i >= 0; i--) {
        changed[random.nextInt(changed.length)] = (byte) random.nextInt();
      }
      byte[] data = new Chunks.Builder(3, codec).block(changed).build();
      long[] lines = new long[1]; // perhaps millions: a few changed bytes stand for anything
      try {
        MemChunk.decode(Chunks.chunk(data, NO_HEAD)).lines(new UnpackedBytes(), counting(lines));
      } catch (FormatException refused) {
        assertThat(refused.getMessage()).as("seed %d, round %d", seed, round).isNotEmpty();
      }
      assertThat(lines[0]).isLessThanOrEqualTo(UnpackedBytes.MOST_OF_BLOCK / 2);
    }
  }

  @Test
  void payloadsThatNobodyWroteAreRefusedWithTheTypedExceptionAlone() throws IOException {
    long seed = Long.getLong("tidemark.seed", new Random().nextLong());
    System.out.println("HostileChunkTest, seed " + seed);
    Random random = new Random(seed);
    byte[] data = new Chunks.Builder(4, BlockCodec.NONE).symbols("k").build();
    byte[][] healthy = {
      HexFormat.of().parseHex(LokiRecordTest.SERIES),
      HexFormat.of().parseHex(LokiRecordTest.V1),
      HexFormat.of().parseHex(LokiRecordTest.V3),
      Chunks.checkpoint(data, new byte[] {4, 0})
    };
    int decoded = 0;
    for (int round = 0; round < 100_000; round++) {
      byte[] from = healthy[random.nextInt(healthy.length)];
      byte[] payload = Arrays.copyOf(from, random.nextInt(from.length + 9));
      for (int i = random.nextInt(4); i > 0 && payload.length > 0; i--) {
        payload[random.nextInt(payload.length)] = (byte) random.nextInt();
      }
      try {
        decoded += LokiRecord.decode(ByteBuffer.wrap(payload)).user().length();
      } catch (FormatException refused) {
        assertThat(refused.offset()).as("seed %d", seed).isNotNegative();
      }
    }
    assertThat(decoded).isPositive();
  }
}
