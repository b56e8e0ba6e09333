package dev.tidemark.formats.loki;

import dev.tidemark.formats.ByteReader;
import dev.tidemark.formats.FormatException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/// Takes the lines out of blocks and heads, one after the other: memory is taken for the bytes of
/// one of them, as they come. For one thread at a time.
final class ChunkLines {
  private final Symbols symbols;
  private final UnpackedBytes unpacked;
  private final RecordTaker taker;

  /// @param symbols that metadata name
  /// @param unpacked counts what is made of the bytes
  /// @param taker takes the lines and their labels
  ChunkLines(Symbols symbols, UnpackedBytes unpacked, RecordTaker taker) {
    this.symbols = symbols;
    this.unpacked = unpacked;
    this.taker = taker;
  }

  /// @param content of a block, to its end
  /// @param metadata whether lines have any
  void ofBlock(InputStream content, boolean metadata) throws FormatException {
    try {
      for (int first = content.read(); first >= 0; first = content.read()) {
        long zigZag = varint(first, content::read);
        taker.line((zigZag >>> 1) ^ -(zigZag & 1), bytes(content, "a line"));
        if (metadata) {
          pairs(content);
        }
        taker.endLine();
      }
    } catch (FormatException malformed) {
      throw malformed;
    } catch (IOException impossible) { // the bytes are in memory
      throw new AssertionError(impossible);
    }
  }

  /// @param bytes of a head that is not complete
  void ofHead(ByteBuffer bytes) throws FormatException {
    ByteReader reader = ByteReader.of(bytes);
    if (!reader.hasRemaining()) {
      return;
    }
    int version = reader.octet("a head's version");
    if (version < 1 || version > ChunkLayout.HEAD_WITH_METADATA) {
      throw reader.wrong("a head of unknown version " + version);
    }
    long count = reader.varint64("a head's count of lines");
    if (version < ChunkLayout.HEAD_UNORDERED) {
      long _ = reader.varint64("a head's size");
      long _ = reader.zigZag64("a head's first time");
      long _ = reader.zigZag64("a head's last time");
    }
    for (long i = 0; i != count; i++) {
      long timestamp = reader.zigZag64("a line's time");
      taker.line(timestamp, reader.longLengthAndBytes("a line"));
      if (version == ChunkLayout.HEAD_WITH_METADATA) {
        pairs(reader);
      }
      taker.endLine();
    }
  }

  private void pairs(ByteReader reader) throws FormatException {
    long count = reader.varint64("a count of labels");
    for (long i = 0; i != count; i++) {
      long name = reader.varint64("a label's name");
      label(name, reader.varint64("a label's value"));
    }
  }

  // Of a block: behind their length in bytes.
  private void pairs(InputStream content) throws IOException {
    long length = varint(content.read(), content::read);
    Counted counted = new Counted(content, length);
    long count = varint(counted.read(), counted);
    for (long i = 0; i != count; i++) {
      long name = varint(counted.read(), counted);
      label(name, varint(counted.read(), counted));
    }
    if (counted.left != 0) {
      throw new FormatException("a line's metadata end before their length does", 0);
    }
  }

  private void label(long name, long value) throws FormatException {
    taker.label(symbol(name), symbol(value));
  }

  private ByteBuffer symbol(long number) throws FormatException {
    ByteBuffer symbol = symbols.bytes(number);
    unpacked.add(symbol.remaining());
    return symbol;
  }

  /// Bytes, one at a time.
  @FunctionalInterface
  private interface Octets {
    /// {@return the next one, or -1 at the end}
    int read() throws IOException;
  }

  /// The next bytes of a stream, of which there are so many.
  private static final class Counted implements Octets {
    private final InputStream all;
    private long left;

    Counted(InputStream all, long left) {
      this.all = all;
      this.left = left;
    }

    @Override
    public int read() throws IOException {
      if (left == 0) {
        return -1;
      }
      left--;
      return all.read();
    }
  }

  private static ByteBuffer bytes(InputStream content, String what) throws IOException {
    int first = content.read();
    long length = first < 0 ? -1 : varint(first, content::read);
    if (length < 0 || length > UnpackedBytes.MOST_OF_BLOCK) {
      throw new FormatException(what + " has a length of " + Long.toUnsignedString(length), 0);
    }
    byte[] bytes = content.readNBytes((int) length);
    if (bytes.length < length) {
      throw new FormatException(
          what + " has " + length + " bytes, of which only " + bytes.length + " are there", 0);
    }
    return ByteBuffer.wrap(bytes);
  }

  private static long varint(int first, Octets content) throws IOException {
    if (first < 0) {
      throw new FormatException("a block's number is cut short", 0);
    }
    long value = first & 0x7f;
    int octet = first;
    for (int shift = 7; octet >= 0x80; shift += 7) {
      octet = content.read();
      if (octet < 0 || shift > 63 || (shift == 63 && octet > 1)) {
        throw new FormatException("a block's number is cut short, or too large", 0);
      }
      value |= (octet & 0x7fL) << shift;
    }
    return value;
  }
}
