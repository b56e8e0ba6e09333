package dev.tidemark.formats.loki;

import dev.tidemark.formats.ByteReader;
import dev.tidemark.formats.FormatException;
import java.nio.ByteBuffer;

/// The texts that a chunk's lines name by their numbers. Only the places are kept where they begin
/// in their section.
///
/// Immutable, but for the bytes that it was made of; safe for any number of threads.
final class Symbols {
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
  static final Symbols NONE = new Symbols(NOTHING, new int[0]);

  private final ByteBuffer section;
  private final int[] offsets;

  private Symbols(ByteBuffer section, int[] offsets) {
    this.section = section;
    this.offsets = offsets;
  }

  /// {@return the symbols of a section, perhaps one without bytes}
  static Symbols of(ByteBuffer section) throws FormatException {
    if (!section.hasRemaining()) {
      return NONE;
    }
    ByteReader reader = ByteReader.of(section);
    long count = reader.varint64("a count of symbols");
    if (Long.compareUnsigned(count, reader.remaining()) > 0) { // each takes a byte at least
      throw reader.wrong(
          Long.toUnsignedString(count) + " symbols in " + reader.remaining() + " bytes");
    }
    int[] offsets = new int[(int) count];
    for (int i = 0; i < offsets.length; i++) {
      offsets[i] = reader.offset();
      ByteBuffer _ = reader.longLengthAndBytes("a symbol");
    }
    return new Symbols(section, offsets);
  }

  /// {@return the bytes of a number's text; of one that there is not, none, as Loki has it}
  ByteBuffer bytes(long number) throws FormatException {
    if (Long.compareUnsigned(number, offsets.length) >= 0) {
      return NOTHING;
    }
    int from = offsets[(int) number];
    ByteReader reader =
        ByteReader.of(section.slice(section.position() + from, section.remaining() - from));
    return reader.longLengthAndBytes("a symbol");
  }
}
