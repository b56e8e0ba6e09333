package dev.tidemark.formats.loki;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tidemark.formats.ByteReader;
import dev.tidemark.formats.FormatException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;

/// Walks over the bytes of a record, as [RecordLayout] has them, and keeps none. The counterpart of
/// [RecordEncoder].
///
/// Numbers are taken as Go takes them: a count of labels of 2^63 or more is negative, so that there
/// are none, and a length may be written in more bytes than it needs.
final class RecordWalk {
  private static final int PIECE_CHARS = 4096;

  private final ByteReader reader;
  private final RecordTaker taker;

  private RecordWalk(ByteReader reader, RecordTaker taker) {
    this.reader = reader;
    this.taker = taker;
  }

  /// Walks over a record.
  ///
  /// @param payload from position to limit, which stay
  /// @param taker takes what it holds; after an exception it has taken some of it
  /// @throws FormatException if Loki itself could not decode it
  static void of(ByteBuffer payload, RecordTaker taker) throws FormatException {
    ByteReader reader = ByteReader.of(payload);
    RecordWalk walk = new RecordWalk(reader, taker);
    int type = reader.octet("a record's type");
    switch (type) {
      case RecordLayout.SERIES -> walk.series();
      case RecordLayout.ENTRIES_V1 -> walk.entries(1);
      case RecordLayout.ENTRIES_V2 -> walk.entries(2);
      case RecordLayout.ENTRIES_V3 -> walk.entries(3);
      case RecordLayout.CHECKPOINT ->
          taker.checkpoint(
              CheckpointSeries.of(reader.bytes(reader.remaining(), "a checkpoint's series")));
      default -> throw new FormatException("unknown record type " + type, 0);
    }
  }

  private void series() throws FormatException {
    String user = text(reader.longLengthAndBytes("a user"));
    int type = reader.octet("a series record's type");
    if (type != RecordLayout.PROMETHEUS_SERIES) {
      throw reader.wrong("a series record of type " + type);
    }
    taker.series(user);
    while (reader.hasRemaining()) {
      taker.stream(reader.int64BigEndian("a stream's ref"), 0);
      labels();
      taker.endStream();
    }
  }

  private void entries(int version) throws FormatException {
    taker.entries(version, text(reader.longLengthAndBytes("a user")));
    if (!reader.hasRemaining()) {
      return;
    }
    long base = reader.int64BigEndian("the first entry's time");
    while (reader.hasRemaining()) {
      long ref = reader.int64BigEndian("a stream's ref");
      taker.stream(ref, version >= 2 ? reader.int64BigEndian("a stream's counter") : 0);
      long count = reader.varint64("a count of entries");
      // Without a sign, as nothing comes of a negative one in Loki but its end; each takes bytes,
      // so
      // that no more are read than there are.
      for (long i = 0; i != count; i++) {
        long timestamp = base + reader.zigZag64("an entry's time");
        taker.line(timestamp, reader.longLengthAndBytes("a line"));
        if (version >= 3) {
          labels();
        }
        taker.endLine();
      }
      taker.endStream();
    }
  }

  private void labels() throws FormatException {
    long count = reader.varint64("a count of labels");
    for (long i = 0; i < count; i++) {
      ByteBuffer name = reader.longLengthAndBytes("a label's name");
      taker.label(name, reader.longLengthAndBytes("a label's value"));
    }
  }

  /// {@return bytes as a text; what is no UTF-8 in it becomes U+FFFD}
  static String text(ByteBuffer bytes) {
    if (bytes.hasArray()) {
      int from = bytes.arrayOffset() + bytes.position();
      return new String(bytes.array(), from, bytes.remaining(), UTF_8);
    }
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(bytes.position(), copy);
    return new String(copy, UTF_8);
  }

  /// {@return whether bytes are UTF-8} Looks at them a piece at a time: characters of all at once
  /// take twice as much memory.
  static boolean isText(ByteBuffer bytes) {
    CharsetDecoder decoder = UTF_8.newDecoder();
    CharBuffer piece = CharBuffer.allocate(Math.min(PIECE_CHARS, bytes.remaining() + 1));
    ByteBuffer rest = bytes.duplicate();
    CoderResult result;
    do {
      result = decoder.decode(rest, piece.clear(), true);
    } while (result.isOverflow());
    return result.isUnderflow();
  }
}
