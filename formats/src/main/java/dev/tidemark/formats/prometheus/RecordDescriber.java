package dev.tidemark.formats.prometheus;

import dev.tidemark.formats.ValueSink;
import dev.tidemark.formats.prometheus.SeriesValues.Exemplar;
import dev.tidemark.formats.prometheus.SeriesValues.Histogram;
import dev.tidemark.formats.prometheus.SeriesValues.HistogramSample;
import dev.tidemark.formats.prometheus.SeriesValues.Label;
import dev.tidemark.formats.prometheus.SeriesValues.LabelledSeries;
import dev.tidemark.formats.prometheus.SeriesValues.MmapMarker;
import dev.tidemark.formats.prometheus.SeriesValues.Sample;
import dev.tidemark.formats.prometheus.SeriesValues.SeriesMetadata;
import dev.tidemark.formats.prometheus.SeriesValues.Span;
import dev.tidemark.formats.prometheus.SeriesValues.Tombstone;
import java.util.List;
import java.util.function.Consumer;

/// Shows records to users: `type` in a word, and under a name that says what they are the items,
/// each with the `ref` of its series.
final class RecordDescriber {
  private static final List<String> RESETS = List.of("unknown", "reset", "notReset", "gauge");

  private final ValueSink sink;

  private RecordDescriber(ValueSink sink) {
    this.sink = sink;
  }

  static void describe(PrometheusRecord record, ValueSink sink) {
    sink.name("type");
    sink.text(RecordType.of(record.code()).map(RecordType::word).orElse("unknown"));
    new RecordDescriber(sink).items(record);
  }

  private void items(PrometheusRecord record) {
    switch (record) {
      case PrometheusRecord.Series(var series) -> objects("series", series, this::series);
      case PrometheusRecord.Samples(RecordType type, var samples) ->
          objects("samples", samples, sample -> sample(type, sample));
      case PrometheusRecord.Tombstones(var tombstones) ->
          objects("tombstones", tombstones, this::tombstone);
      case PrometheusRecord.Exemplars(var exemplars) ->
          objects("exemplars", exemplars, this::exemplar);
      case PrometheusRecord.MmapMarkers(var markers) -> objects("markers", markers, this::marker);
      case PrometheusRecord.Metadata(var metadata) -> objects("metadata", metadata, this::metadata);
      case PrometheusRecord.Histograms(RecordType type, var samples) ->
          objects("histograms", samples, sample -> histogram(type, sample));
      case PrometheusRecord.FloatHistograms(RecordType type, var samples) ->
          objects("histograms", samples, sample -> histogram(type, sample));
      case PrometheusRecord.MinValidTime(long millis) -> number("t", millis);
      case PrometheusRecord.Unknown unknown -> {
        if (unknown.code() >= 0) {
          number("code", unknown.code());
        }
        sink.name("bytes");
        sink.bytes(unknown.bytes());
      }
    }
  }

  private void series(LabelledSeries one) {
    ref(one.ref());
    labels(one.labels());
  }

  private void sample(RecordType type, Sample sample) {
    time(type, sample.ref(), sample.startMillis(), sample.millis());
    number("v", sample.value());
  }

  private void tombstone(Tombstone tombstone) {
    ref(tombstone.ref());
    number("from", tombstone.minMillis());
    number("to", tombstone.maxMillis());
  }

  private void exemplar(Exemplar exemplar) {
    time(RecordType.EXEMPLARS, exemplar.ref(), 0, exemplar.millis());
    number("v", exemplar.value());
    labels(exemplar.labels());
  }

  private void marker(MmapMarker marker) {
    ref(marker.ref());
    sink.name("chunk");
    sink.unsigned(marker.chunk());
  }

  private void metadata(SeriesMetadata one) {
    ref(one.ref());
    text("metricType", one.metricTypeWord());
    text("unit", one.unit());
    text("help", one.help());
  }

  private <N extends Number> void histogram(RecordType type, HistogramSample<N> sample) {
    time(type, sample.ref(), sample.startMillis(), sample.millis());
    Histogram<N> histogram = sample.histogram();
    int reset = histogram.counterReset();
    text("counterReset", RESETS.get(reset < RESETS.size() ? reset : 0));
    number("schema", histogram.schema());
    number("zeroThreshold", histogram.zeroThreshold());
    sink.name("zeroCount");
    count(histogram.zeroCount());
    sink.name("count");
    count(histogram.count());
    number("sum", histogram.sum());
    objects("positiveSpans", histogram.positiveSpans(), this::span);
    objects("negativeSpans", histogram.negativeSpans(), this::span);
    array("positiveBuckets", histogram.positiveBuckets(), this::bucket);
    array("negativeBuckets", histogram.negativeBuckets(), this::bucket);
    if (histogram.schema() == Histogram.CUSTOM_BUCKETS) {
      array("bounds", histogram.customValues(), sink::number);
    }
  }

  private void span(Span span) {
    number("offset", span.offset());
    number("length", Integer.toUnsignedLong(span.length()));
  }

  private void count(Number count) {
    if (count instanceof Long whole) {
      sink.unsigned(whole);
    } else {
      sink.number(count.doubleValue());
    }
  }

  private void bucket(Number bucket) {
    if (bucket instanceof Long whole) {
      sink.number((long) whole);
    } else {
      sink.number(bucket.doubleValue());
    }
  }

  private void time(RecordType type, long ref, long start, long t) {
    ref(ref);
    if (type.hasStart()) {
      number("start", start);
    }
    number("t", t);
  }

  private void ref(long ref) {
    sink.name("ref");
    sink.unsigned(ref);
  }

  private void labels(List<Label> labels) {
    sink.name("labels");
    sink.beginObject();
    for (Label label : labels) {
      text(label.name(), label.value());
    }
    sink.endObject();
  }

  private <T> void objects(String name, List<T> items, Consumer<T> item) {
    array(
        name,
        items,
        one -> {
          sink.beginObject();
          item.accept(one);
          sink.endObject();
        });
  }

  private <T> void array(String name, List<T> items, Consumer<T> item) {
    sink.name(name);
    sink.beginArray();
    items.forEach(item);
    sink.endArray();
  }

  private void text(String name, String text) {
    sink.name(name);
    sink.text(text);
  }

  private void number(String name, long number) {
    sink.name(name);
    sink.number(number);
  }

  private void number(String name, double number) {
    sink.name(name);
    sink.number(number);
  }
}
