package dev.tidemark.codecs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.wal.Batch;
import dev.tidemark.wal.Compression;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A log whose frames are compressed, with each codec.
class CompressedLogTest {
  private static final int BATCHES = 40;
  private static final int RECORDS = 100;

  @TempDir Path directory;

  static Stream<Compression> codecs() {
    return ServiceLoader.load(Compression.class).stream().map(ServiceLoader.Provider::get);
  }

  @ParameterizedTest
  @MethodSource("codecs")
  void takesLessSpaceAndIsReadByALogThatKnowsOfNoCompression(Compression codec) throws IOException {
    WalOptions plain = WalOptions.builder().segmentBytes(1 << 20).stagingBytes(1 << 18).build();
    WalOptions compressed =
        WalOptions.builder().segmentBytes(1 << 20).stagingBytes(1 << 18).compression(codec).build();
    long payloadBytes;
    try (Wal wal = Wal.open(directory, compressed)) {
      for (int b = 0; b < BATCHES; b++) {
        Batch batch = new Batch();
        for (int i = 0; i < RECORDS; i++) {
          batch.add(text(b * RECORDS + i));
        }
        wal.append(batch);
      }
      payloadBytes = wal.metrics().counts().payloadBytes();
      assertThat(wal.metrics().counts().writtenBytes()).isLessThan(payloadBytes);
    }
    try (Wal wal = Wal.open(directory, plain);
        Cursor cursor = wal.read(1)) {
      for (int i = 0; i < BATCHES * RECORDS; i++) {
        assertThat(cursor.next()).isTrue();
        assertThat(cursor.bytes()).isEqualTo(text(i));
      }
      assertThat(cursor.next()).isFalse();
    }
  }

  @ParameterizedTest
  @MethodSource("codecs")
  void whatDoesNotCompressIsStoredAsItIs(Compression codec) throws IOException {
    WalOptions options = WalOptions.builder().compression(codec).segmentBytes(4 << 20).build();
    byte[] noise = new byte[300_000];
    new Random(7).nextBytes(noise);
    try (Wal wal = Wal.open(directory, options)) {
      wal.append(noise);
      wal.append(new byte[0]);
      wal.append(noise);
    }
    try (Wal wal = Wal.open(directory, options);
        Cursor cursor = wal.read(1)) {
      for (byte[] expected : List.of(noise, new byte[0], noise)) {
        assertThat(cursor.next()).isTrue();
        assertThat(cursor.bytes()).isEqualTo(expected);
      }
    }
  }

  private static byte[] text(int i) {
    return ("host=server" + i % 10 + " value=" + i + " ").repeat(3).getBytes(UTF_8);
  }
}
