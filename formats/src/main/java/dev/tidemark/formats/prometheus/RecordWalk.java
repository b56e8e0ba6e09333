package dev.tidemark.formats.prometheus;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tidemark.formats.ByteReader;
import dev.tidemark.formats.FormatException;
import java.nio.ByteBuffer;
import java.util.Optional;

/// Walks over the bytes of a record, as [RecordLayout] has them, and keeps none. The counterpart of
/// [RecordEncoder].
///
/// Numbers are taken as Prometheus takes them (tsdb/encoding/encoding.go): a count of 2^63 or more
/// is negative, so that there is nothing to count; a length may be written in more bytes than it
/// needs; of what is 32 bits wide the others are dropped. Where a number makes Prometheus panic,
/// such as a length of 2^63, the record is refused.
final class RecordWalk {
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
  private static final ByteBuffer UNIT = ByteBuffer.wrap(RecordLayout.UNIT.getBytes(UTF_8));
  private static final ByteBuffer HELP = ByteBuffer.wrap(RecordLayout.HELP.getBytes(UTF_8));

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
  /// @return its type; of one that is not known nothing was taken
  /// @throws FormatException if it has a known type and is not what Prometheus could decode
  static Optional<RecordType> of(ByteBuffer payload, RecordTaker taker) throws FormatException {
    ByteReader reader = ByteReader.of(payload);
    if (!reader.hasRemaining()) {
      return Optional.empty();
    }
    Optional<RecordType> type = RecordType.of(reader.octet("a type"));
    if (type.isPresent()) {
      taker.begin(type.get());
      new RecordWalk(reader, taker).items(type.get());
    }
    return type;
  }

  private void items(RecordType type) throws FormatException {
    switch (type) {
      case SERIES -> all("a ref", this::labels);
      case SAMPLES, SAMPLES_V2 -> timed(type, () -> taker.value(reader.doubleBigEndian("a value")));
      case TOMBSTONES -> all("a ref", this::tombstone);
      case EXEMPLARS ->
          timed(
              type,
              () -> {
                taker.value(reader.doubleBigEndian("a value"));
                labels();
              });
      case MMAP_MARKERS -> all("a ref", () -> taker.marker(reader.int64BigEndian("a chunk")));
      case METADATA -> metadata();
      case HISTOGRAMS, CUSTOM_BUCKETS_HISTOGRAMS, HISTOGRAMS_V2 ->
          timed(type, new HistogramWalk(reader, taker, false)::histogram);
      case FLOAT_HISTOGRAMS, CUSTOM_BUCKETS_FLOAT_HISTOGRAMS, FLOAT_HISTOGRAMS_V2 ->
          timed(type, new HistogramWalk(reader, taker, true)::histogram);
      case MIN_VALID_TIME -> minValidTime();
    }
  }

  /// What an item has behind its ref and its time.
  @FunctionalInterface
  private interface Rest {
    void walk() throws FormatException;
  }

  private void all(String what, Rest rest) throws FormatException {
    while (reader.hasRemaining()) {
      taker.item(reader.int64BigEndian(what));
      rest.walk();
      taker.endItem();
    }
  }

  // Items of series at a time, which all say so alike before their own bytes.
  private void timed(RecordType type, Rest rest) throws FormatException {
    if (!reader.hasRemaining()) {
      return;
    }
    if (type.hasStart()) {
      timedWithStart(rest);
      return;
    }
    long firstRef = reader.int64BigEndian("the first ref");
    long firstTime = reader.int64BigEndian("the first time");
    while (reader.hasRemaining()) {
      long ref = firstRef + reader.zigZag64("a ref");
      taker.item(ref, 0, firstTime + reader.zigZag64("a time"));
      rest.walk();
      taker.endItem();
    }
  }

  private void timedWithStart(Rest rest) throws FormatException {
    long ref = reader.zigZag64("the first ref");
    long firstTime = reader.zigZag64("the first time");
    long firstStart = reader.zigZag64("the first start");
    long start = firstStart;
    taker.item(ref, start, firstTime);
    rest.walk();
    taker.endItem();
    while (reader.hasRemaining()) {
      ref += reader.zigZag64("a ref");
      long t = firstTime + reader.zigZag64("a time");
      // Prometheus takes all other numbers for the last one.
      start =
          switch (reader.octet("a start's marker")) {
            case RecordLayout.NO_START -> 0;
            case RecordLayout.SAME_START -> start;
            default -> firstStart + reader.zigZag64("a start");
          };
      taker.item(ref, start, t);
      rest.walk();
      taker.endItem();
    }
  }

  private void labels() throws FormatException {
    long number = reader.varint64("a number of labels");
    for (long label = 0; label < number; label++) {
      ByteBuffer name = reader.longLengthAndBytes("a label's name");
      taker.label(name, reader.longLengthAndBytes("a label's value"));
    }
  }

  private void tombstone() throws FormatException {
    long min = reader.zigZag64("the first time deleted");
    taker.tombstone(min, reader.zigZag64("the last time deleted"));
  }

  private void metadata() throws FormatException {
    while (reader.hasRemaining()) {
      taker.item(reader.varint64("a ref"));
      int metricType = reader.octet("a metric's type");
      long fields = reader.varint64("a number of fields");
      ByteBuffer unit = NOTHING;
      ByteBuffer help = NOTHING;
      for (long field = 0; field < fields; field++) {
        ByteBuffer name = reader.longLengthAndBytes("a field's name");
        ByteBuffer value = reader.longLengthAndBytes("a field's value");
        if (name.equals(UNIT)) {
          unit = value;
        } else if (name.equals(HELP)) {
          help = value;
        }
      }
      taker.metadata(metricType, unit, help);
      taker.endItem();
    }
  }

  private void minValidTime() throws FormatException {
    taker.minValidTime(reader.int64BigEndian("a time"));
    if (reader.hasRemaining()) {
      throw reader.wrong("unexpected %d bytes left in entry".formatted(reader.remaining()));
    }
  }

  /// {@return bytes as a text; what is no UTF-8 in it becomes U+FFFD}
  static String text(ByteBuffer bytes) {
    if (bytes.hasArray()) {
      int from = bytes.arrayOffset() + bytes.position();
      return new String(bytes.array(), from, bytes.remaining(), UTF_8);
    }
    return UTF_8.decode(bytes.duplicate()).toString();
  }
}
