package dev.tidemark.ingest.body;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.airlift.compress.v3.zstd.ZstdOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class BodyDecoderTest {
  private static final String LINES = "cpu,host=a v=1 1\ncpu,host=b v=2 2\n".repeat(40);

  /// Both compressions, as their own writers write them.
  enum Codec {
    GZIP,
    ZSTD;

    byte[] pack(byte[] plain) throws IOException {
      ByteArrayOutputStream packed = new ByteArrayOutputStream();
      try (OutputStream out =
          this == GZIP ? new GZIPOutputStream(packed) : new ZstdOutputStream(packed)) {
        out.write(plain);
      }
      return packed.toByteArray();
    }

    String word() {
      return this == GZIP ? "gzip" : "zstd";
    }
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"", " ", "identity", "Identity"})
  void plainBodyIsHandedOnWithoutACopy(@Nullable String header) throws Exception {
    byte[] bytes = ("??" + LINES + "??").getBytes(UTF_8);
    Body body = BodyDecoder.defaults().decode(bytes, 2, bytes.length - 4, header);
    assertThat(body.array()).isSameAs(bytes);
    assertThat(body.offset()).isEqualTo(2);
    assertThat(body.length()).isEqualTo(bytes.length - 4);
  }

  @ParameterizedTest
  @CsvSource({"GZIP,gzip", "GZIP,x-gzip", "GZIP,GZip", "GZIP,' gzip '", "ZSTD,zstd", "ZSTD,ZSTD"})
  void compressedBodyWithItsHeaderIsDecompressed(Codec codec, String header) throws Exception {
    assertThat(text(codec.pack(LINES.getBytes(UTF_8)), header)).isEqualTo(LINES);
  }

  @ParameterizedTest
  @EnumSource
  void compressedBodyWithoutHeaderIsToldByItsMagic(Codec codec) throws Exception {
    assertThat(text(codec.pack(LINES.getBytes(UTF_8)), null)).isEqualTo(LINES);
    assertThat(text(codec.pack(LINES.getBytes(UTF_8)), "")).isEqualTo(LINES);
  }

  @ParameterizedTest
  @EnumSource
  void compressedNothingIsAnEmptyBody(Codec codec) throws Exception {
    assertThat(text(codec.pack(new byte[0]), null)).isEmpty();
  }

  @Test
  void emptyBodyIsPlain() throws Exception {
    assertThat(text(new byte[0], null)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void concatenatedStreamsAreOneBody(Codec codec) throws Exception {
    byte[] packed =
        joined(
            codec.pack(LINES.getBytes(UTF_8)),
            codec.pack(new byte[0]),
            codec.pack("end v=1\n".getBytes(UTF_8)));
    assertThat(text(packed, codec.word())).isEqualTo(LINES + "end v=1\n");
  }

  @ParameterizedTest
  @EnumSource
  void largeBodyThatCompressesBadlyIsTheSameAfterwards(Codec codec) throws Exception {
    byte[] plain = new byte[3_000_000];
    new Random(5).nextBytes(plain);
    Arrays.fill(plain, 1_000_000, 2_000_000, (byte) 7);
    byte[] packed = codec.pack(plain);
    Body body = BodyDecoder.defaults().decode(packed, 0, packed.length, codec.word());
    assertThat(Arrays.copyOf(body.array(), body.length())).isEqualTo(plain);
  }

  @Test
  void headerThatSaysGzipOverPlainBytesIsBad() {
    assertBad(LINES.getBytes(UTF_8), "gzip", "Content-Encoding is gzip, but the body is identity");
  }

  @Test
  void headerThatSaysZstdOverPlainBytesIsBad() {
    assertBad(LINES.getBytes(UTF_8), "zstd", "Content-Encoding is zstd, but the body is identity");
  }

  @Test
  void headerThatSaysGzipOverNothingIsBad() {
    assertBad(new byte[0], "gzip", "Content-Encoding is gzip, but the body is identity");
  }

  @Test
  void headerThatSaysGzipOverZstdIsBad() throws Exception {
    byte[] packed = Codec.ZSTD.pack(LINES.getBytes(UTF_8));
    assertBad(packed, "gzip", "Content-Encoding is gzip, but the body is zstd");
  }

  @Test
  void headerThatSaysZstdOverGzipIsBad() throws Exception {
    byte[] packed = Codec.GZIP.pack(LINES.getBytes(UTF_8));
    assertBad(packed, "zstd", "Content-Encoding is zstd, but the body is gzip");
  }

  @Test
  void headerThatSaysIdentityOverGzipIsBad() throws Exception {
    byte[] packed = Codec.GZIP.pack(LINES.getBytes(UTF_8));
    assertBad(packed, "identity", "Content-Encoding is identity, but the body is gzip");
  }

  @ParameterizedTest
  @ValueSource(strings = {"br", "deflate", "gzip, zstd", "gzip,gzip", "*", "snappy"})
  void unknownOrStackedEncodingIsBad(String header) {
    assertBad(
        LINES.getBytes(UTF_8),
        header,
        "unsupported Content-Encoding: use gzip, zstd or identity, one of them");
  }

  @ParameterizedTest
  @EnumSource
  void streamCutShortAnywhereIsBadAndNeverHalfABody(Codec codec) throws Exception {
    byte[] whole =
        joined(codec.pack(LINES.getBytes(UTF_8)), codec.pack("end v=1\n".getBytes(UTF_8)));
    int firstBytes = codec.pack(LINES.getBytes(UTF_8)).length;
    for (int length = 4; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      if (length == firstBytes) {
        assertThat(text(cut, codec.word())).isEqualTo(LINES);
      } else {
        assertBad(cut, codec.word(), "invalid " + codec.word());
        assertBad(cut, null, "invalid " + codec.word());
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void anyFlippedBitIsBadOrHarmless(Codec codec) throws Exception {
    byte[] packed = codec.pack(LINES.getBytes(UTF_8));
    int found = 0;
    for (int bit = 32; bit < packed.length * 8; bit++) {
      byte[] flipped = packed.clone();
      flipped[bit / 8] ^= (byte) (1 << (bit % 8));
      try {
        assertThat(text(flipped, codec.word())).isEqualTo(LINES);
      } catch (BadBodyException | BodyTooLargeException e) {
        found++;
      }
    }
    // Only the time and the system in a gzip header mean nothing.
    assertThat(found).isGreaterThan(packed.length * 8 - 32 - 60);
  }

  @ParameterizedTest
  @EnumSource
  void randomDamageIsNeverAnythingButBadOrTooLarge(Codec codec) throws Exception {
    long seed = System.nanoTime();
    System.out.println("BodyDecoderTest seed " + seed);
    Random random = new Random(seed);
    byte[] packed = codec.pack((LINES + random.nextLong()).getBytes(UTF_8));
    for (int i = 0; i < 20_000; i++) {
      byte[] damaged = Arrays.copyOf(packed, packed.length - random.nextInt(3));
      for (int k = random.nextInt(1, 6); k > 0; k--) {
        damaged[random.nextInt(4, damaged.length)] = (byte) random.nextInt(256);
      }
      try {
        BodyDecoder.of(1 << 20).decode(damaged, 0, damaged.length, null);
      } catch (BadBodyException | BodyTooLargeException e) {
        assertThat(e).as("seed " + seed).hasMessageNotContaining("Exception");
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void garbageBehindTheStreamIsBad(Codec codec) throws Exception {
    byte[] packed = codec.pack(LINES.getBytes(UTF_8));
    for (byte[] garbage : new byte[][] {{0}, {10}, LINES.getBytes(UTF_8), {0x1f}, {0x28}}) {
      assertBad(joined(packed, garbage), codec.word(), "something else follows");
    }
  }

  @Test
  void gzipWithWrongChecksumIsBad() throws Exception {
    byte[] packed = Codec.GZIP.pack(LINES.getBytes(UTF_8));
    packed[packed.length - 8] ^= 1;
    assertBad(packed, "gzip", "the checksum at byte " + (packed.length - 8) + " does not hold");
  }

  @Test
  void gzipWithWrongLengthIsBad() throws Exception {
    byte[] packed = Codec.GZIP.pack(LINES.getBytes(UTF_8));
    packed[packed.length - 4] ^= 1;
    assertBad(packed, "gzip", "the length at byte " + (packed.length - 4) + " does not hold");
  }

  @Test
  void gzipOfAnotherMethodOrWithReservedFlagsIsBad() throws Exception {
    byte[] method = Codec.GZIP.pack(LINES.getBytes(UTF_8));
    method[2] = 7;
    assertBad(method, "gzip", "unknown method or flags");
    byte[] flags = Codec.GZIP.pack(LINES.getBytes(UTF_8));
    flags[3] = 0x20;
    assertBad(flags, "gzip", "unknown method or flags");
  }

  @Test
  void gzipHeaderMayHaveExtraNameCommentAndChecksum() throws Exception {
    byte[] packed = withLongHeader(0);
    assertThat(text(packed, "gzip")).isEqualTo(LINES);
    for (int length = 2; length < 40; length++) {
      assertBad(Arrays.copyOf(packed, length), "gzip", "cut short");
    }
    assertBad(withLongHeader(1), "gzip", "the checksum of the header at byte 0 does not hold");
  }

  private static byte[] withLongHeader(int error) throws IOException {
    byte[] plain = Codec.GZIP.pack(LINES.getBytes(UTF_8));
    byte[] header = Arrays.copyOf(plain, 10);
    header[3] = 2 + 4 + 8 + 16;
    header = joined(header, new byte[] {3, 0, 1, 2, 3}, "points.lp\0from here\0".getBytes(UTF_8));
    CRC32 crc = new CRC32();
    crc.update(header);
    int sum = (int) crc.getValue() + error;
    return joined(
        header,
        new byte[] {(byte) sum, (byte) (sum >> 8)},
        Arrays.copyOfRange(plain, 10, plain.length));
  }

  @Test
  void plainBodyAtTheLimitIsTakenAndOneByteMoreIsTooLarge() throws Exception {
    byte[] bytes = LINES.getBytes(UTF_8);
    BodyDecoder exact = BodyDecoder.of(bytes.length);
    assertThat(exact.decode(bytes, 0, bytes.length, null).length()).isEqualTo(bytes.length);
    assertThatThrownBy(() -> BodyDecoder.of(bytes.length - 1).decode(bytes, 0, bytes.length, null))
        .isInstanceOf(BodyTooLargeException.class)
        .hasMessageContaining("exceeds the limit of " + (bytes.length - 1));
  }

  @ParameterizedTest
  @EnumSource
  void decompressedBodyAtTheLimitIsTakenAndOneByteMoreIsTooLarge(Codec codec) throws Exception {
    byte[] packed = codec.pack(LINES.getBytes(UTF_8));
    Body body = BodyDecoder.of(LINES.length()).decode(packed, 0, packed.length, null);
    assertThat(new String(body.array(), 0, body.length(), UTF_8)).isEqualTo(LINES);
    assertThatThrownBy(
            () -> BodyDecoder.of(LINES.length() - 1).decode(packed, 0, packed.length, null))
        .isInstanceOf(BodyTooLargeException.class)
        .hasMessageContaining("exceeds the limit of " + (LINES.length() - 1));
  }

  @ParameterizedTest
  @EnumSource
  void bombTakesLittleMoreMemoryThanTheLimit(Codec codec) throws Exception {
    int limit = 4 << 20;
    byte[] bomb = codec.pack(new byte[512 << 20]);
    assertThat(bomb.length).isLessThan(limit);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    assertThatThrownBy(() -> BodyDecoder.of(limit).decode(bomb, 0, bomb.length, null))
        .isInstanceOf(BodyTooLargeException.class);
    // What was outgrown on the way is counted too, and the window of a zstd frame.
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertThat(allocated).isLessThan(2L * limit + 4L * ZstdFrames.MAX_WINDOW_BYTES);
  }

  @Test
  void zstdThatStatesMoreThanTheLimitIsTooLargeBeforeItIsDecompressed() {
    // A content size of eight bytes, and a first block.
    byte[] frame = bytes("28b52ffd c0 58 0000000001000000 090000");
    assertThatThrownBy(() -> text(frame, null)).isInstanceOf(BodyTooLargeException.class);
    byte[] negative = bytes("28b52ffd c0 58 ffffffffffffffff 090000");
    assertThatThrownBy(() -> text(negative, null)).isInstanceOf(BodyTooLargeException.class);
  }

  @Test
  void zstdThatRefersBackTooFarIsBad() {
    // A window of 2 GiB, and one single segment of 16 MiB.
    assertBad(bytes("28b52ffd 00 a8 010000"), null, "it refers back further than 8388608 bytes");
    assertBad(
        bytes("28b52ffd a0 00000001 010000"), null, "it refers back further than 8388608 bytes");
  }

  @Test
  void zstdWithADictionaryIsBad() {
    assertBad(bytes("28b52ffd 01 58 07 010000"), null, "a dictionary or an unknown flag");
  }

  @Test
  void zstdWithAReservedBlockOrOneTooLargeIsBad() {
    assertBad(bytes("28b52ffd 00 58 070000"), null, "unknown type or size of the block at byte 6");
    assertBad(
        bytes("28b52ffd 00 58 030018 61"), null, "unknown type or size of the block at byte 6");
  }

  @Test
  void zstdOfRawAndRunBlocksIsRead() throws Exception {
    // Last block: raw, 2 bytes; before it a run of 5 times 'a'.
    assertThat(text(bytes("28b52ffd 00 58 2a0000 61 110000 6263"), "zstd")).isEqualTo("aaaaabc");
  }

  @Test
  void limitMustBePositiveAndFitAnArray() {
    assertThatThrownBy(() -> BodyDecoder.of(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> BodyDecoder.of(Integer.MAX_VALUE))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(BodyDecoder.defaults().limitBytes()).isEqualTo(104_857_600);
  }

  private static String text(byte[] sent, @Nullable String header) throws Exception {
    byte[] framed = joined(new byte[] {1, 2, 3}, sent, new byte[] {0x1f, (byte) 0x8b, 8});
    Body body = BodyDecoder.defaults().decode(framed, 3, sent.length, header);
    return new String(body.array(), body.offset(), body.length(), UTF_8);
  }

  private static void assertBad(byte[] sent, @Nullable String header, String message) {
    assertThatThrownBy(() -> text(sent, header))
        .as(() -> new String(sent, ISO_8859_1))
        .isInstanceOf(BadBodyException.class)
        .hasMessageContaining(message);
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
