package dev.tidemark.formats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ByteReaderTest {
  private static ByteReader of(String hex) {
    return ByteReader.of(ByteBuffer.wrap(HexFormat.of().parseHex(hex)));
  }

  @ParameterizedTest
  @ValueSource(
      longs = {0, 1, 127, 128, 300, 0xffff_ffffL, 1L << 62, Long.MAX_VALUE, Long.MIN_VALUE, -1})
  void whatTheWriterWritesTheReaderReads(long value) throws FormatException {
    ByteWriter writer = new ByteWriter(1);
    writer.varint(value).zigZag(value).int64BigEndian(value).int64LittleEndian(value);
    writer.int32BigEndian((int) value).int32LittleEndian((int) value);
    writer.short16BigEndian((int) value).short16LittleEndian((int) value).octet((int) value);
    writer.doubleBigEndian(1.5).lengthAndBytes(ByteBuffer.wrap(new byte[] {7, 8}));
    ByteReader reader = ByteReader.of(writer.written());
    assertThat(reader.varint64("n")).isEqualTo(value);
    assertThat(reader.zigZag64("n")).isEqualTo(value);
    assertThat(reader.int64BigEndian("n")).isEqualTo(value);
    assertThat(reader.int64LittleEndian("n")).isEqualTo(value);
    assertThat(reader.int32BigEndian("n")).isEqualTo(value & 0xffff_ffffL);
    assertThat(reader.int32LittleEndian("n")).isEqualTo(value & 0xffff_ffffL);
    assertThat(reader.short16BigEndian("n")).isEqualTo((int) (value & 0xffff));
    assertThat(reader.short16LittleEndian("n")).isEqualTo((int) (value & 0xffff));
    assertThat(reader.octet("n")).isEqualTo((int) (value & 0xff));
    assertThat(reader.doubleBigEndian("n")).isEqualTo(1.5);
    assertThat(reader.lengthAndBytes("n")).isEqualTo(ByteBuffer.wrap(new byte[] {7, 8}));
    assertThat(reader.hasRemaining()).isFalse();
  }

  @Test
  void aNumberThatIsCutShortIsRefusedAndNothingIsRead() {
    ByteReader reader = of("8080");
    assertThatThrownBy(() -> reader.varint64("a count"))
        .isInstanceOf(FormatException.class)
        .hasMessage("a count is cut short, at byte 0");
    assertThat(reader.offset()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ffffffffffffffffff02", "8080808080808080808000", "80808080808080808080"})
  void aNumberOfMoreThan64BitsIsRefused(String hex) {
    assertThatThrownBy(() -> of(hex).varint64("a count"))
        .isInstanceOf(FormatException.class)
        .hasMessage("a count does not fit 64 bits, at byte 0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"8080808010", "ffffffffff01", "808080808000"})
  void aNumberOfMoreThan32BitsIsRefused(String hex) {
    assertThatThrownBy(() -> of(hex).varint32("a count"))
        .isInstanceOf(FormatException.class)
        .hasMessage("a count does not fit 32 bits, at byte 0");
  }

  @Test
  void aLengthBeyondTheEndIsRefusedWithBothLengths() {
    ByteReader reader = of("05616263");
    assertThatThrownBy(() -> reader.lengthAndBytes("a key"))
        .isInstanceOf(FormatException.class)
        .hasMessage("a key has 5 bytes, of which only 3 are there, at byte 0");
    assertThat(reader.offset()).isZero();
    assertThatThrownBy(() -> reader.bytes(-1, "a key")).isInstanceOf(FormatException.class);
    assertThatThrownBy(() -> reader.bytes(1L << 32, "a key")).isInstanceOf(FormatException.class);
  }

  @Test
  void whatIsReadBelongsToTheReaderAlone() throws FormatException {
    ByteBuffer bytes = ByteBuffer.wrap(new byte[] {9, 1, 2, 9}).position(1).limit(3);
    ByteReader reader = ByteReader.of(bytes);
    assertThat(reader.octet("n")).isEqualTo(1);
    assertThat(bytes.position()).isEqualTo(1);
    assertThat(reader.remaining()).isEqualTo(1);
  }
}
