package dev.tidemark.formats.prometheus;

import static dev.tidemark.formats.prometheus.RecordWalk.text;

import dev.tidemark.formats.FormatException;
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
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Makes objects of a record, all of them at once.
final class RecordDecoder implements RecordTaker {
  /// What a histogram has been found to hold.
  private static final class Parts<N extends Number> {
    private final List<N> positive = new ArrayList<>();
    private final List<N> negative = new ArrayList<>();
    private N zeroCount;
    private N count;

    Parts(N none) {
      zeroCount = none;
      count = none;
    }
  }

  // All owned by the caller's thread. The item that has begun:
  private long ref;
  private long start;
  private long millis;
  private double value;
  private List<Label> labels = new ArrayList<>();
  private int counterReset;
  private int schema;
  private double zeroThreshold;
  private double sum;
  private List<Span> positiveSpans = List.of();
  private List<Span> negativeSpans = List.of();
  private List<Double> bounds = List.of();
  private HistogramList list = HistogramList.POSITIVE_SPANS;
  private Parts<Long> wholes = new Parts<>(0L);
  private Parts<Double> floats = new Parts<>(0.0);

  // What has ended; only one of them has any.
  private RecordType type = RecordType.SERIES;
  private final List<LabelledSeries> series = new ArrayList<>();
  private final List<Sample> samples = new ArrayList<>();
  private final List<Tombstone> tombstones = new ArrayList<>();
  private final List<Exemplar> exemplars = new ArrayList<>();
  private final List<MmapMarker> markers = new ArrayList<>();
  private final List<SeriesMetadata> metadata = new ArrayList<>();
  private final List<HistogramSample<Long>> histograms = new ArrayList<>();
  private final List<HistogramSample<Double>> floatHistograms = new ArrayList<>();

  private RecordDecoder() {}

  static PrometheusRecord decode(ByteBuffer payload) throws FormatException {
    RecordDecoder decoder = new RecordDecoder();
    Optional<RecordType> type = RecordWalk.of(payload, decoder);
    return type.isPresent() ? decoder.record() : new PrometheusRecord.Unknown(payload);
  }

  private PrometheusRecord record() {
    return switch (type) {
      case SERIES -> new PrometheusRecord.Series(series);
      case SAMPLES, SAMPLES_V2 -> new PrometheusRecord.Samples(type, samples);
      case TOMBSTONES -> new PrometheusRecord.Tombstones(tombstones);
      case EXEMPLARS -> new PrometheusRecord.Exemplars(exemplars);
      case MMAP_MARKERS -> new PrometheusRecord.MmapMarkers(markers);
      case METADATA -> new PrometheusRecord.Metadata(metadata);
      case HISTOGRAMS, CUSTOM_BUCKETS_HISTOGRAMS, HISTOGRAMS_V2 ->
          new PrometheusRecord.Histograms(type, histograms);
      case FLOAT_HISTOGRAMS, CUSTOM_BUCKETS_FLOAT_HISTOGRAMS, FLOAT_HISTOGRAMS_V2 ->
          new PrometheusRecord.FloatHistograms(type, floatHistograms);
      case MIN_VALID_TIME -> new PrometheusRecord.MinValidTime(millis);
    };
  }

  @Override
  public void begin(RecordType of) {
    type = of;
  }

  @Override
  public void item(long number) {
    ref = number;
  }

  @Override
  public void item(long number, long startMillis, long time) {
    ref = number;
    start = startMillis;
    millis = time;
  }

  @Override
  public void value(double number) {
    value = number;
  }

  @Override
  public void label(ByteBuffer name, ByteBuffer of) {
    labels.add(new Label(text(name), text(of)));
  }

  @Override
  public void tombstone(long minMillis, long maxMillis) {
    tombstones.add(new Tombstone(ref, minMillis, maxMillis));
  }

  @Override
  public void marker(long chunk) {
    markers.add(new MmapMarker(ref, chunk));
  }

  @Override
  public void metadata(int metricType, ByteBuffer unit, ByteBuffer help) {
    metadata.add(new SeriesMetadata(ref, metricType, text(unit), text(help)));
  }

  @Override
  public void minValidTime(long time) {
    millis = time;
  }

  @Override
  public void endItem() {
    switch (type) {
      case SERIES -> series.add(new LabelledSeries(ref, takenLabels()));
      case SAMPLES, SAMPLES_V2 -> samples.add(new Sample(ref, start, millis, value));
      case EXEMPLARS -> exemplars.add(new Exemplar(ref, millis, value, takenLabels()));
      case HISTOGRAMS, CUSTOM_BUCKETS_HISTOGRAMS, HISTOGRAMS_V2 -> {
        histograms.add(new HistogramSample<>(ref, start, millis, histogram(wholes)));
        wholes = new Parts<>(0L);
      }
      case FLOAT_HISTOGRAMS, CUSTOM_BUCKETS_FLOAT_HISTOGRAMS, FLOAT_HISTOGRAMS_V2 -> {
        floatHistograms.add(new HistogramSample<>(ref, start, millis, histogram(floats)));
        floats = new Parts<>(0.0);
      }
      case TOMBSTONES, MMAP_MARKERS, METADATA, MIN_VALID_TIME -> {}
    }
  }

  private List<Label> takenLabels() {
    List<Label> taken = labels;
    labels = new ArrayList<>();
    return taken;
  }

  // ---- histograms

  private <N extends Number> Histogram<N> histogram(Parts<N> parts) {
    return new Histogram<>(
        counterReset,
        schema,
        zeroThreshold,
        parts.zeroCount,
        parts.count,
        sum,
        positiveSpans,
        negativeSpans,
        parts.positive,
        parts.negative,
        bounds);
  }

  @Override
  public void histogram(int reset, int width, double threshold) {
    counterReset = reset;
    schema = width;
    zeroThreshold = threshold;
    positiveSpans = new ArrayList<>();
    negativeSpans = new ArrayList<>();
    bounds = new ArrayList<>();
  }

  @Override
  public void counts(long zeroCount, long count) {
    wholes.zeroCount = zeroCount;
    wholes.count = count;
  }

  @Override
  public void counts(double zeroCount, double count) {
    floats.zeroCount = zeroCount;
    floats.count = count;
  }

  @Override
  public void sum(double of) {
    sum = of;
  }

  @Override
  public void list(HistogramList next) {
    list = next;
  }

  @Override
  public void span(int offset, int length) {
    List<Span> spans = list == HistogramList.POSITIVE_SPANS ? positiveSpans : negativeSpans;
    spans.add(new Span(offset, length));
  }

  @Override
  public void bucket(long bucket) {
    (list == HistogramList.POSITIVE_BUCKETS ? wholes.positive : wholes.negative).add(bucket);
  }

  @Override
  public void bucket(double bucket) {
    (list == HistogramList.POSITIVE_BUCKETS ? floats.positive : floats.negative).add(bucket);
  }

  @Override
  public void bound(double bound) {
    bounds.add(bound);
  }
}
