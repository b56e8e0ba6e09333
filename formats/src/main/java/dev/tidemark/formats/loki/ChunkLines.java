package dev.tidemark.formats.loki;

import dev.tidemark.formats.ByteReader;
import dev.tidemark.formats.FormatException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// Takes the lines out of blocks and heads, one after the other: memory is taken for one of them,
/// as its bytes come. For one thread at a time.
final class ChunkLines {
  /// Takes lines.
  @FunctionalInterface
  interface Taker {
    /// Takes one.
    ///
    /// @param line good until this returns
    void take(LogLine line);
  }

  private final List<String> symbols;
  private final UnpackedBytes unpacked;
  private final Taker taker;

  /// @param symbols that metadata name
  /// @param unpacked counts what is made of the bytes
  /// @param taker takes the lines
  ChunkLines(List<String> symbols, UnpackedBytes unpacked, Taker taker) {
    this.symbols = symbols;
    this.unpacked = unpacked;
    this.taker = taker;
  }

  /// @param content of a block, to its end
  /// @param metadata whether lines have any
  void ofBlock(InputStream content, boolean metadata) throws FormatException {
    try {
      for (int first = content.read(); first >= 0; first = content.read()) {
        long zigZag = varint(first, content);
        ByteBuffer line = bytes(content, "a line");
        List<Label> labels = List.of();
        if (metadata) {
          ByteReader pairs = ByteReader.of(bytes(content, "a line's metadata"));
          labels = pairs(pairs);
          if (pairs.hasRemaining()) {
            throw pairs.wrong("a line's metadata end before their length does");
          }
        }
        taker.take(new LogLine((zigZag >>> 1) ^ -(zigZag & 1), line, labels));
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
      ByteBuffer line = reader.lengthAndBytes("a line");
      boolean metadata = version == ChunkLayout.HEAD_WITH_METADATA;
      taker.take(new LogLine(timestamp, line, metadata ? pairs(reader) : List.of()));
    }
  }

  private List<Label> pairs(ByteReader reader) throws FormatException {
    long count = reader.varint64("a count of labels");
    if (count == 0) {
      return List.of();
    }
    List<Label> labels = new ArrayList<>();
    for (long i = 0; i != count; i++) {
      String name = symbol(reader.varint64("a label's name"));
      labels.add(new Label(name, symbol(reader.varint64("a label's value"))));
    }
    return labels;
  }

  // Loki takes one that is not there for an empty one.
  private String symbol(long number) throws FormatException {
    if (Long.compareUnsigned(number, symbols.size()) >= 0) {
      return "";
    }
    String symbol = symbols.get((int) number);
    unpacked.add(symbol.length());
    return symbol;
  }

  private static ByteBuffer bytes(InputStream content, String what) throws IOException {
    int first = content.read();
    long length = first < 0 ? -1 : varint(first, content);
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

  private static long varint(int first, InputStream content) throws IOException {
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
