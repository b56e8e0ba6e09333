package dev.tidemark.codecs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.wal.Compression;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.ServiceLoader;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CompressionTest {
  private static final byte GUARD = 0x5a;
  private static final int GUARD_BYTES = 64;

  static Stream<Named<Compression>> codecs() {
    return Stream.of(
        Named.of("snappy, native", new SnappyCompression(true)),
        Named.of("snappy, Java", new SnappyCompression(false)),
        Named.of("lz4, native", new Lz4Compression(true)),
        Named.of("lz4, Java", new Lz4Compression(false)),
        Named.of("zstd, native", new ZstdCompression(true)),
        Named.of("zstd, Java", new ZstdCompression(false)));
  }

  private static List<byte[]> inputs() {
    byte[] noise = new byte[200];
    new Random(7).nextBytes(noise);
    return List.of(
        new byte[0],
        new byte[] {1},
        noise,
        "cpu,host=a usage=0.64 1434055562000000000\n".repeat(20).getBytes(UTF_8),
        new byte[5000]);
  }

  private static byte[] compressed(Compression codec, byte[] raw) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment target = arena.allocate(codec.maxCompressedBytes(raw.length));
      int bytes = codec.compress(MemorySegment.ofArray(raw), target);
      return target.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE);
    }
  }

  /// Decompresses between guards and looks whether they hold. The source ends where its memory
  /// ends.
  private static byte[] decompressed(Compression codec, byte[] source, int rawBytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment all = arena.allocate(rawBytes + 2L * GUARD_BYTES).fill(GUARD);
      MemorySegment input = arena.allocate(source.length);
      MemorySegment.copy(source, 0, input, ValueLayout.JAVA_BYTE, 0, source.length);
      MemorySegment target = all.asSlice(GUARD_BYTES, rawBytes);
      try {
        codec.decompress(input, target);
      } finally {
        byte[] guard = new byte[GUARD_BYTES];
        Arrays.fill(guard, GUARD);
        assertThat(all.asSlice(0, GUARD_BYTES).toArray(ValueLayout.JAVA_BYTE)).isEqualTo(guard);
        assertThat(all.asSlice(GUARD_BYTES + (long) rawBytes).toArray(ValueLayout.JAVA_BYTE))
            .isEqualTo(guard);
      }
      return target.toArray(ValueLayout.JAVA_BYTE);
    }
  }

  private static boolean refused(Compression codec, byte[] source, int rawBytes) {
    try {
      decompressed(codec, source, rawBytes);
      return false;
    } catch (IllegalArgumentException expected) {
      assertThat(expected).hasMessageContaining(codec.name());
      return true;
    }
  }

  @Test
  void serviceLoaderFindsAllThree() {
    assertThat(ServiceLoader.load(Compression.class))
        .extracting(codec -> codec.id() + " " + codec.name())
        .containsExactlyInAnyOrder("1 snappy", "2 lz4", "3 zstd");
  }

  @ParameterizedTest
  @MethodSource("codecs")
  void whatGoesInComesOut(Compression codec) {
    for (byte[] raw : inputs()) {
      byte[] compressed = compressed(codec, raw);
      assertThat(decompressed(codec, compressed, raw.length)).isEqualTo(raw);
    }
    assertThat(compressed(codec, new byte[5000])).hasSizeLessThan(500);
  }

  @ParameterizedTest
  @MethodSource("codecs")
  void nativeLibraryAndJavaReadEachOther(Compression codec) {
    for (Compression other : codecs().map(Named::getPayload).toList()) {
      if (other.id() == codec.id()) {
        for (byte[] raw : inputs()) {
          assertThat(decompressed(other, compressed(codec, raw), raw.length)).isEqualTo(raw);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("codecs")
  void heapMemoryServesAsSourceOfBoth(Compression codec) {
    byte[] raw = inputs().get(3);
    byte[] compressed = compressed(codec, raw);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment target = arena.allocate(raw.length);
      codec.decompress(MemorySegment.ofArray(compressed).asReadOnly(), target);
      assertThat(target.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(raw);
    }
  }

  @ParameterizedTest
  @MethodSource("codecs")
  void everyTruncationIsRefused(Compression codec) {
    for (byte[] raw : inputs().subList(1, 5)) {
      byte[] compressed = compressed(codec, raw);
      for (int bytes = 0; bytes < compressed.length; bytes++) {
        assertThat(refused(codec, Arrays.copyOf(compressed, bytes), raw.length))
            .as("%d of %d bytes", bytes, compressed.length)
            .isTrue();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("codecs")
  void noFlippedBitEscapesTheTargetOrThrowsAnythingElse(Compression codec) {
    int refusals = 0;
    for (byte[] raw : inputs()) {
      byte[] compressed = compressed(codec, raw);
      for (int bit = 0; bit < compressed.length * 8; bit++) {
        byte[] damaged = compressed.clone();
        damaged[bit / 8] ^= (byte) (1 << bit % 8);
        if (refused(codec, damaged, raw.length)) {
          refusals++;
        }
      }
    }
    assertThat(refusals).isPositive();
  }

  @ParameterizedTest
  @MethodSource("codecs")
  void noiseIsRefusedOrFits(Compression codec) {
    Random random = new Random(11);
    for (int i = 0; i < 2000; i++) {
      byte[] noise = new byte[random.nextInt(100)];
      random.nextBytes(noise);
      refused(codec, noise, random.nextInt(1000));
    }
  }

  @ParameterizedTest
  @MethodSource("codecs")
  void wrongSizeIsRefused(Compression codec) {
    for (byte[] raw : inputs()) {
      byte[] compressed = compressed(codec, raw);
      assertThat(refused(codec, compressed, raw.length + 1)).isTrue();
      if (raw.length > 0) {
        assertThat(refused(codec, compressed, raw.length - 1)).isTrue();
        assertThat(refused(codec, compressed, 0)).isTrue();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("codecs")
  void smallTargetAndHugeInputAreRefusedBeforeAnythingIsDone(Compression codec) {
    byte[] raw = inputs().get(2);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment small = arena.allocate(codec.maxCompressedBytes(raw.length) - 1L);
      assertThatThrownBy(() -> codec.compress(MemorySegment.ofArray(raw), small))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(codec.name());
    }
    assertThatThrownBy(() -> codec.maxCompressedBytes(Integer.MAX_VALUE))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> codec.maxCompressedBytes(-1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(codec.maxCompressedBytes(BlockCompression.MAX_RAW_BYTES)).isPositive();
  }

  @ParameterizedTest
  @MethodSource("codecs")
  void threadsDoNotDisturbEachOther(Compression codec) throws InterruptedException {
    Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 24; t++) { // more than there are machines at hand
      byte[] raw = ("thread " + t + " ").repeat(50 + t).getBytes(UTF_8);
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      for (int i = 0; i < 200; i++) {
                        byte[] compressed = compressed(codec, raw);
                        assertThat(decompressed(codec, compressed, raw.length)).isEqualTo(raw);
                      }
                    } catch (Throwable e) {
                      failures.add(e);
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(failures).isEmpty();
  }

  // The larger what is all the same, the more each byte of the result stands for.
  @ParameterizedTest
  @MethodSource("codecs")
  void nothingDecompressesToMoreThanIsStatedAsTheMost(Compression codec) {
    for (int rawBytes = 0; rawBytes <= 16 << 20; rawBytes = 4 * rawBytes + 1) {
      byte[] compressed = compressed(codec, new byte[rawBytes]);
      assertThat(codec.maxRawBytes(compressed.length))
          .as("%s bytes in %s", rawBytes, compressed.length)
          .isGreaterThanOrEqualTo(rawBytes);
    }
    assertThat(codec.maxRawBytes(Long.MAX_VALUE)).isPositive();
  }
}
