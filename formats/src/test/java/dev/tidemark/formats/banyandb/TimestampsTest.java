package dev.tidemark.formats.banyandb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.formats.ByteWriter;
import dev.tidemark.formats.FormatException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TimestampsTest {
  private static String written(long... timestamps) {
    TimestampWriter writer = new TimestampWriter();
    for (long timestamp : timestamps) {
      int with = writer.bytesWith(timestamp);
      writer.add(timestamp);
      assertThat(writer.bytes()).isEqualTo(with);
    }
    ByteWriter target = new ByteWriter(1);
    writer.copyTo(target);
    assertThat(target.size()).isEqualTo(writer.bytes());
    return HexFormat.of().formatHex(target.written().array(), 0, target.size());
  }

  private static TimestampReader reader(String bits) {
    byte[] bytes = new byte[(bits.length() + 7) / 8];
    for (int i = 0; i < bits.length(); i++) {
      bytes[i / 8] |= (byte) (bits.charAt(i) == '1' ? 0x80 >> (i % 8) : 0);
    }
    return new TimestampReader(ByteBuffer.wrap(bytes));
  }

  private static String bits(long value, int count) {
    StringBuilder bits = new StringBuilder();
    for (int i = count - 1; i >= 0; i--) {
      bits.append((value >>> i) & 1);
    }
    return bits.toString();
  }

  @Test
  void theWriterWritesBitByBitWhatBanyanDbWrites() {
    long t = Segments.T;
    assertThat(written(t, t, t + 1)).isEqualTo("17979cfe362a0000400000000000000020");
    assertThat(written(t, t + 1_000_000, t + 2_000_000, t + 3_000_000))
        .isEqualTo("17979cfe362a0000800000000004d0902000000000071c6c0800000000007d0900");
  }

  @Test
  void theReaderReadsWhatTheWriterWrites() throws FormatException {
    long seed = Long.getLong("tidemark.seed", new Random().nextLong());
    System.out.println("TimestampsTest, seed " + seed);
    Random random = new Random(seed);
    long[] timestamps = new long[1000];
    for (int i = 1; i < timestamps.length; i++) {
      timestamps[i] = random.nextBoolean() ? timestamps[i - 1] : random.nextLong();
    }
    String hex = written(timestamps);
    TimestampReader reader = new TimestampReader(ByteBuffer.wrap(HexFormat.of().parseHex(hex)));
    for (long timestamp : timestamps) {
      assertThat(reader.next()).isEqualTo(timestamp);
    }
  }

  @Test
  void windowsOfAnEncoderThatNarrowsThemAreRead() throws FormatException {
    TimestampReader reader =
        reader(
            bits(0x1234, 64)
                + ("11" + bits(56, 6) + bits(7, 6) + bits(0xff, 8)) // the lowest 8 bits
                + ("10" + bits(0x0f, 8)) // in the same window
                + "0"
                + ("11" + bits(0, 6) + bits(0, 6) + "1") // the highest bit alone
                + ("10" + "1")
                + ("11" + bits(0, 6) + bits(63, 6) + bits(-1, 64))); // all of them
    assertThat(reader.next()).isEqualTo(0x1234);
    assertThat(reader.next()).isEqualTo(0x12cb);
    assertThat(reader.next()).isEqualTo(0x12c4);
    assertThat(reader.next()).isEqualTo(0x12c4);
    assertThat(reader.next()).isEqualTo(0x12c4 | Long.MIN_VALUE);
    assertThat(reader.next()).isEqualTo(0x12c4);
    assertThat(reader.next()).isEqualTo(~0x12c4L);
  }

  @Test
  void aWindowOfMoreThan64BitsIsRefused() throws FormatException {
    TimestampReader reader = reader(bits(0, 64) + "11" + bits(63, 6) + bits(1, 6) + "11");
    assertThat(reader.next()).isZero();
    assertThatThrownBy(reader::next)
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("more than 64 bits");
  }

  @Test
  void aStreamThatEndsTooEarlyIsRefused() throws FormatException {
    assertThatThrownBy(() -> reader(bits(0, 56)).next())
        .isInstanceOf(FormatException.class)
        .hasMessage("timestamps end before the series' count of them, at byte 0");
    TimestampReader reader = reader(bits(0, 64) + "10" + bits(0, 14));
    assertThat(reader.next()).isZero();
    assertThatThrownBy(reader::next).isInstanceOf(FormatException.class);
  }

  @Test
  void aStreamHoldsAsManyTimestampsAsItHasBitsForRepeatedOnes() throws FormatException {
    assertThat(TimestampReader.most(7)).isZero();
    assertThat(TimestampReader.most(8)).isEqualTo(1);
    assertThat(TimestampReader.most(9)).isEqualTo(9);
    TimestampReader reader = reader(bits(5, 64) + "00000000");
    for (int i = 0; i < 9; i++) {
      assertThat(reader.next()).isEqualTo(5);
    }
    assertThatThrownBy(reader::next).isInstanceOf(FormatException.class);
  }
}
