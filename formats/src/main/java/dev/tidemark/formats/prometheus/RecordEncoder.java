package dev.tidemark.formats.prometheus;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tidemark.formats.ByteWriter;
import dev.tidemark.formats.prometheus.SeriesValues.Exemplar;
import dev.tidemark.formats.prometheus.SeriesValues.HistogramSample;
import dev.tidemark.formats.prometheus.SeriesValues.Label;
import dev.tidemark.formats.prometheus.SeriesValues.Sample;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;

/// Puts records together, as [RecordLayout] has them. The counterpart of [RecordWalk].
final class RecordEncoder {
  private final ByteWriter bytes;

  private RecordEncoder(ByteWriter bytes) {
    this.bytes = bytes;
  }

  static void encode(PrometheusRecord record, ByteWriter bytes) {
    if (record instanceof PrometheusRecord.Unknown(ByteBuffer all)) {
      bytes.bytes(all);
    } else {
      new RecordEncoder(bytes.octet(record.code())).encode(record);
    }
  }

  private void encode(PrometheusRecord record) {
    switch (record) {
      case PrometheusRecord.Series(var series) ->
          series.forEach(
              one -> {
                bytes.int64BigEndian(one.ref());
                labels(one.labels());
              });
      case PrometheusRecord.Samples(RecordType type, var samples) ->
          timed(
              type,
              samples,
              new Times<>(Sample::ref, Sample::startMillis, Sample::millis),
              sample -> bytes.doubleBigEndian(sample.value()));
      case PrometheusRecord.Tombstones(var tombstones) ->
          tombstones.forEach(
              one ->
                  bytes.int64BigEndian(one.ref()).zigZag(one.minMillis()).zigZag(one.maxMillis()));
      case PrometheusRecord.Exemplars(var exemplars) ->
          timed(
              RecordType.EXEMPLARS,
              exemplars,
              new Times<>(Exemplar::ref, exemplar -> 0, Exemplar::millis),
              exemplar -> {
                bytes.doubleBigEndian(exemplar.value());
                labels(exemplar.labels());
              });
      case PrometheusRecord.MmapMarkers(var markers) ->
          markers.forEach(one -> bytes.int64BigEndian(one.ref()).int64BigEndian(one.chunk()));
      case PrometheusRecord.Metadata(var metadata) -> metadata.forEach(this::metadata);
      case PrometheusRecord.Histograms(RecordType type, var samples) -> {
        HistogramEncoder<Long> encoder = HistogramEncoder.ofWholeNumbers(bytes);
        timed(type, samples, histogramTimes(), sample -> encoder.encode(sample.histogram()));
      }
      case PrometheusRecord.FloatHistograms(RecordType type, var samples) -> {
        HistogramEncoder<Double> encoder = HistogramEncoder.ofFloatingPoint(bytes);
        timed(type, samples, histogramTimes(), sample -> encoder.encode(sample.histogram()));
      }
      case PrometheusRecord.MinValidTime(long millis) -> bytes.int64BigEndian(millis);
      case PrometheusRecord.Unknown _ -> throw new AssertionError(record);
    }
  }

  // What all items of series at a time have.
  private record Times<T>(ToLongFunction<T> ref, ToLongFunction<T> start, ToLongFunction<T> t) {}

  private static <N extends Number> Times<HistogramSample<N>> histogramTimes() {
    return new Times<>(HistogramSample::ref, HistogramSample::startMillis, HistogramSample::millis);
  }

  private <T> void timed(RecordType type, List<T> items, Times<T> times, Consumer<T> rest) {
    if (items.isEmpty()) {
      return;
    }
    if (type.hasStart()) {
      timedWithStart(items, times, rest);
      return;
    }
    long firstRef = times.ref.applyAsLong(items.getFirst());
    long firstTime = times.t.applyAsLong(items.getFirst());
    bytes.int64BigEndian(firstRef).int64BigEndian(firstTime);
    for (T item : items) {
      bytes.zigZag(times.ref.applyAsLong(item) - firstRef);
      bytes.zigZag(times.t.applyAsLong(item) - firstTime);
      rest.accept(item);
    }
  }

  private <T> void timedWithStart(List<T> items, Times<T> times, Consumer<T> rest) {
    T first = items.getFirst();
    long firstTime = times.t.applyAsLong(first);
    long firstStart = times.start.applyAsLong(first);
    bytes.zigZag(times.ref.applyAsLong(first)).zigZag(firstTime).zigZag(firstStart);
    rest.accept(first);
    for (int i = 1; i < items.size(); i++) {
      T item = items.get(i);
      T before = items.get(i - 1);
      bytes.zigZag(times.ref.applyAsLong(item) - times.ref.applyAsLong(before));
      bytes.zigZag(times.t.applyAsLong(item) - firstTime);
      start(times.start.applyAsLong(item), times.start.applyAsLong(before), firstStart);
      rest.accept(item);
    }
  }

  private void start(long start, long before, long first) {
    if (start == 0) {
      bytes.octet(RecordLayout.NO_START);
    } else if (start == before) {
      bytes.octet(RecordLayout.SAME_START);
    } else {
      bytes.octet(RecordLayout.OTHER_START).zigZag(start - first);
    }
  }

  private void metadata(SeriesValues.SeriesMetadata one) {
    bytes.varint(one.ref()).octet(one.metricType()).varint(2);
    text(RecordLayout.UNIT);
    text(one.unit());
    text(RecordLayout.HELP);
    text(one.help());
  }

  private void labels(List<Label> labels) {
    bytes.varint(labels.size());
    for (Label label : labels) {
      text(label.name());
      text(label.value());
    }
  }

  private void text(String text) {
    bytes.lengthAndBytes(ByteBuffer.wrap(text.getBytes(UTF_8)));
  }
}
