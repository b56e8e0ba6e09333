package dev.tidemark.formats.prometheus;

import dev.tidemark.formats.ByteReader;
import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.prometheus.RecordTaker.HistogramList;
import dev.tidemark.formats.prometheus.SeriesValues.Histogram;

/// Walks over histograms, as [RecordLayout] has them. The counterpart of [HistogramEncoder].
final class HistogramWalk {
  @FunctionalInterface
  private interface Item {
    void walk() throws FormatException;
  }

  private final ByteReader reader;
  private final RecordTaker taker;
  private final boolean floatingPoint;

  /// @param floatingPoint whether they count with such numbers rather than with whole ones
  HistogramWalk(ByteReader reader, RecordTaker taker, boolean floatingPoint) {
    this.reader = reader;
    this.taker = taker;
    this.floatingPoint = floatingPoint;
  }

  void histogram() throws FormatException {
    int counterReset = reader.octet("a counter reset");
    int schema = (int) reader.zigZag64("a schema");
    taker.histogram(counterReset, schema, reader.doubleBigEndian("a threshold"));
    counts();
    taker.sum(reader.doubleBigEndian("a sum"));
    list(HistogramList.POSITIVE_SPANS, this::span);
    list(HistogramList.NEGATIVE_SPANS, this::span);
    list(HistogramList.POSITIVE_BUCKETS, this::bucket);
    list(HistogramList.NEGATIVE_BUCKETS, this::bucket);
    if (schema == Histogram.CUSTOM_BUCKETS) {
      list(HistogramList.BOUNDS, () -> taker.bound(reader.doubleBigEndian("a bound")));
    }
  }

  private void counts() throws FormatException {
    if (floatingPoint) {
      double zeroCount = reader.doubleBigEndian("a count");
      taker.counts(zeroCount, reader.doubleBigEndian("a count"));
    } else {
      long zeroCount = reader.varint64("a count");
      taker.counts(zeroCount, reader.varint64("a count"));
    }
  }

  private void list(HistogramList list, Item item) throws FormatException {
    taker.list(list);
    long number = reader.varint64("a number of items");
    for (long i = 0; i < number; i++) {
      item.walk();
    }
  }

  private void span() throws FormatException {
    int offset = (int) reader.zigZag64("a span's offset");
    taker.span(offset, (int) reader.varint64("a span's length"));
  }

  private void bucket() throws FormatException {
    if (floatingPoint) {
      taker.bucket(reader.doubleBigEndian("a bucket"));
    } else {
      taker.bucket(reader.zigZag64("a bucket"));
    }
  }
}
