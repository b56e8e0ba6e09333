package dev.tidemark.formats.prometheus;

import static dev.tidemark.formats.Reading.AS_THE_SYSTEM;
import static dev.tidemark.formats.prometheus.Fragments.hex;
import static dev.tidemark.formats.prometheus.Fragments.record;
import static dev.tidemark.formats.prometheus.SegmentLayout.PAGE_BYTES;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.formats.Sweep;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SegmentWriterTest {
  private final ByteArrayOutputStream file = new ByteArrayOutputStream();

  private static ByteBuffer hexed(String hex) {
    return ByteBuffer.wrap(HexFormat.of().parseHex(hex));
  }

  @Test
  void theBytesAreThoseOfThePublishedVectors() throws IOException {
    String series = "010466616b6501010203040506070802036170700178036a6f620179";
    String lines =
        "050466616b6517979cfe362a0000010203040506070800000000000000030300016100"
            + "0202626301016b0176010000";
    try (SegmentWriter writer = SegmentWriter.of(file, SegmentCompression.NONE)) {
      writer.append(hexed(series));
      writer.append(hexed(lines));
      writer.append(ByteBuffer.allocate(0));
      writer.flush();
      assertThat(writer.size()).isEqualTo(file.size());
      assertThat(hex(file.toByteArray()))
          .isEqualTo("01001c15cfadaf" + series + "01002f440b79aa" + lines + "01000000000000");
    }
    assertThat(file.size()).isEqualTo(PAGE_BYTES);
  }

  @Test
  void sevenBytesAtTheEndOfAPageTakeAHeaderWithoutData() throws IOException {
    try (SegmentWriter writer = SegmentWriter.of(file, SegmentCompression.NONE)) {
      writer.append(ByteBuffer.wrap(record(PAGE_BYTES - 14, 1)));
      writer.append(ByteBuffer.wrap("hello".getBytes(UTF_8)));
      writer.flush();
      byte[] bytes = file.toByteArray();
      assertThat(hex(Arrays.copyOfRange(bytes, PAGE_BYTES - 7, bytes.length)))
          .isEqualTo("02000000000000" + "0400059a71bb4c68656c6c6f");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6})
  void fewerThanSevenBytesAtTheEndOfAPageAreZero(int left) throws IOException {
    try (SegmentWriter writer = SegmentWriter.of(file, SegmentCompression.NONE)) {
      writer.append(ByteBuffer.wrap(record(PAGE_BYTES - 7 - left, 1)));
      assertThat(file.size()).isEqualTo(PAGE_BYTES);
      writer.append(ByteBuffer.wrap(record(1, 2)));
    }
    assertThat(file.size()).isEqualTo(2 * PAGE_BYTES);
    assertThat(Arrays.copyOfRange(file.toByteArray(), PAGE_BYTES - left, PAGE_BYTES))
        .containsOnly(0);
    assertThat(file.toByteArray()[PAGE_BYTES]).isEqualTo((byte) 1);
  }

  @Test
  void aSegmentWithoutRecordsAndOneThatEndsWithAPageGetNoPadding() throws IOException {
    SegmentWriter.of(file, SegmentCompression.NONE).close();
    assertThat(file.size()).isZero();
    try (SegmentWriter writer = SegmentWriter.of(file, SegmentCompression.NONE)) {
      writer.append(ByteBuffer.wrap(record(PAGE_BYTES - 7, 1)));
    }
    assertThat(file.size()).isEqualTo(PAGE_BYTES);
  }

  @ParameterizedTest
  @EnumSource
  void recordsOfAllSizesAreReadAsTheyWereWritten(SegmentCompression compression)
      throws IOException {
    long seed = Long.getLong("tidemark.seed", 20261122);
    System.out.println("SegmentWriterTest " + compression + ": -Dtidemark.seed=" + seed);
    Random random = new Random(seed);
    List<byte[]> records = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      int bound = i % 5 < 2 ? 50 : i % 5 < 4 ? PAGE_BYTES : PAGE_BYTES * 8;
      byte[] record = new byte[random.nextInt(bound)];
      if (i % 2 == 0) {
        random.nextBytes(record);
      }
      records.add(record);
    }
    byte[] segment = Fragments.written(compression, records);
    assertThat(segment.length % PAGE_BYTES).isZero();
    Sweep.Outcome outcome = Fragments.read(segment, AS_THE_SYSTEM);
    assertThat(outcome.damage()).isEmpty();
    assertThat(outcome.records()).isEqualTo(records.stream().map(Fragments::hex).toList());
  }

  @ParameterizedTest
  @EnumSource
  void aRecordThatDoesNotBecomeSmallerIsStoredAsItIs(SegmentCompression compression)
      throws IOException {
    byte[] noise = new byte[1000];
    new Random(1).nextBytes(noise);
    byte[] segment = Fragments.written(compression, List.of(noise, new byte[0], new byte[1000]));
    List<SegmentCompression> found = new ArrayList<>();
    try (SegmentReader reader = open(segment)) {
      while (reader.next()) {
        found.add(reader.compression());
      }
    }
    assertThat(found)
        .containsExactly(SegmentCompression.NONE, SegmentCompression.NONE, compression);
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "compressed"})
  void aRealSegmentWrittenAgainIsTheSameByteForByte(String name) throws IOException {
    byte[] real;
    try (InputStream golden =
        SegmentWriterTest.class.getResourceAsStream(
            "/golden/prometheus/" + name + "/wal/00000000")) {
      real = golden.readAllBytes();
    }
    int compressed = 0;
    try (SegmentReader reader = open(real);
        SegmentWriter writer = SegmentWriter.of(file, SegmentCompression.NONE)) {
      while (reader.next()) {
        compressed += reader.compression() == SegmentCompression.NONE ? 0 : 1;
        if (name.equals("plain")) {
          writer.append(reader.payload());
        } else {
          writer.appendStored(reader.stored(), reader.compression());
        }
      }
      writer.flush();
      assertThat(file.toByteArray()).isEqualTo(real);
      assertThat(writer.size()).isEqualTo(real.length);
    }
    assertThat(compressed > 0).isEqualTo(name.equals("compressed"));
  }

  @Test
  void aStreamThatFailsEndsTheSegment() throws IOException {
    OutputStream failing =
        new OutputStream() {
          private int calls;

          @Override
          public void write(int octet) throws IOException {
            throw new AssertionError();
          }

          @Override
          public void write(byte[] bytes, int offset, int length) throws IOException {
            if (calls++ == 0) {
              throw new IOException("no space");
            }
          }
        };
    try (SegmentWriter writer = SegmentWriter.of(failing, SegmentCompression.NONE)) {
      ByteBuffer large = ByteBuffer.wrap(record(PAGE_BYTES, 1));
      assertThatThrownBy(() -> writer.append(large)).hasMessage("no space");
      assertThat(large.position()).isZero();
      assertThatThrownBy(() -> writer.append(large)).hasMessageContaining("failed before");
      assertThatThrownBy(writer::flush).hasMessageContaining("failed before");
    }
  }

  @Test
  void nothingIsAppendedBehindTheEnd() throws IOException {
    SegmentWriter writer = SegmentWriter.of(file, SegmentCompression.NONE);
    writer.close();
    assertThatThrownBy(() -> writer.append(ByteBuffer.allocate(1)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("closed");
    writer.close();
    assertThat(file.size()).isZero();
  }

  private static SegmentReader open(byte[] segment) {
    return SegmentReader.of(
        new ByteArrayInputStream(segment),
        AS_THE_SYSTEM,
        damage -> {
          throw new AssertionError(damage);
        });
  }
}
