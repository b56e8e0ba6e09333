package dev.tidemark.formats.prometheus;

import dev.tidemark.formats.ByteReader;
import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.prometheus.SeriesValues.Histogram;
import dev.tidemark.formats.prometheus.SeriesValues.Span;
import java.util.ArrayList;
import java.util.List;

/// Takes histograms apart, as [RecordLayout] has them.
///
/// @param <N> what they count with
final class HistogramDecoder<N extends Number> {
  @FunctionalInterface
  private interface Item<T> {
    T decode() throws FormatException;
  }

  private final ByteReader reader;
  private final Item<N> count;
  private final Item<N> bucket;
  private final boolean keeps;

  private HistogramDecoder(ByteReader reader, boolean keeps, Item<N> count, Item<N> bucket) {
    this.reader = reader;
    this.keeps = keeps;
    this.count = count;
    this.bucket = bucket;
  }

  static HistogramDecoder<Long> ofWholeNumbers(ByteReader reader, boolean keeps) {
    return new HistogramDecoder<>(
        reader, keeps, () -> reader.varint64("a count"), () -> reader.zigZag64("a bucket"));
  }

  static HistogramDecoder<Double> ofFloatingPoint(ByteReader reader, boolean keeps) {
    return new HistogramDecoder<>(
        reader,
        keeps,
        () -> reader.doubleBigEndian("a count"),
        () -> reader.doubleBigEndian("a bucket"));
  }

  Histogram<N> decode() throws FormatException {
    int counterReset = reader.octet("a counter reset");
    int schema = int32("a schema");
    double zeroThreshold = reader.doubleBigEndian("a threshold");
    N zeroCount = count.decode();
    N all = count.decode();
    double sum = reader.doubleBigEndian("a sum");
    return new Histogram<>(
        counterReset,
        schema,
        zeroThreshold,
        zeroCount,
        all,
        sum,
        list(this::span),
        list(this::span),
        list(bucket),
        list(bucket),
        schema == Histogram.CUSTOM_BUCKETS
            ? list(() -> reader.doubleBigEndian("a bound"))
            : List.of());
  }

  private Span span() throws FormatException {
    return new Span(int32("a span's offset"), (int) reader.varint32("a span's length"));
  }

  private int int32(String what) throws FormatException {
    long value = reader.zigZag64(what);
    if (value != (int) value) {
      throw reader.wrong(what + " does not fit 32 bits");
    }
    return (int) value;
  }

  private <T> List<T> list(Item<T> item) throws FormatException {
    long number = reader.varint64("a number of items");
    List<T> items = new ArrayList<>();
    for (long i = 0; i != number; i++) {
      T decoded = item.decode();
      if (keeps) {
        items.add(decoded);
      }
    }
    return items;
  }
}
