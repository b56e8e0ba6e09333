package dev.tidemark.formats.prometheus;

import dev.tidemark.formats.ByteWriter;
import dev.tidemark.formats.prometheus.SeriesValues.Histogram;
import dev.tidemark.formats.prometheus.SeriesValues.Span;
import java.util.List;
import java.util.function.Consumer;

/// Puts histograms together, as [RecordLayout] has them. The counterpart of [HistogramWalk].
///
/// @param <N> what they count with
final class HistogramEncoder<N extends Number> {
  private final ByteWriter bytes;
  private final Consumer<N> count;
  private final Consumer<N> bucket;

  private HistogramEncoder(ByteWriter bytes, Consumer<N> count, Consumer<N> bucket) {
    this.bytes = bytes;
    this.count = count;
    this.bucket = bucket;
  }

  static HistogramEncoder<Long> ofWholeNumbers(ByteWriter bytes) {
    return new HistogramEncoder<>(bytes, bytes::varint, bytes::zigZag);
  }

  static HistogramEncoder<Double> ofFloatingPoint(ByteWriter bytes) {
    return new HistogramEncoder<>(bytes, bytes::doubleBigEndian, bytes::doubleBigEndian);
  }

  void encode(Histogram<N> histogram) {
    bytes.octet(histogram.counterReset()).zigZag(histogram.schema());
    bytes.doubleBigEndian(histogram.zeroThreshold());
    count.accept(histogram.zeroCount());
    count.accept(histogram.count());
    bytes.doubleBigEndian(histogram.sum());
    list(histogram.positiveSpans(), this::span);
    list(histogram.negativeSpans(), this::span);
    list(histogram.positiveBuckets(), bucket);
    list(histogram.negativeBuckets(), bucket);
    if (histogram.schema() == Histogram.CUSTOM_BUCKETS) {
      list(histogram.customValues(), bytes::doubleBigEndian);
    }
  }

  private void span(Span span) {
    bytes.zigZag(span.offset()).varint(Integer.toUnsignedLong(span.length()));
  }

  private <T> void list(List<T> items, Consumer<T> item) {
    bytes.varint(items.size());
    items.forEach(item);
  }
}
