package dev.tidemark.formats.prometheus;

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

/// A record of each type, with values that a mistake would change.
final class PrometheusRecords {
  static final long T = 1_700_000_000_000L;

  // What Prometheus writes where a series ends: a NaN of its own.
  static final double STALE = Double.longBitsToDouble(0x7ff0000000000002L);

  static final List<Label> LABELS = List.of(new Label("__name__", "up"), new Label("job", "ä\n"));

  private PrometheusRecords() {}

  static Histogram<Long> histogram(int schema, List<Double> bounds) {
    return new Histogram<>(
        2,
        schema,
        0.001,
        3L,
        -1L, // the largest
        12.5,
        List.of(new Span(-2, 2), new Span(5, 1)),
        List.of(new Span(0, -1)),
        List.of(4L, -3L, 100L),
        List.of(),
        bounds);
  }

  static Histogram<Double> floatHistogram(int schema, List<Double> bounds) {
    return new Histogram<>(
        3,
        schema,
        0.001,
        0.5,
        Double.NaN,
        Double.NEGATIVE_INFINITY,
        List.of(new Span(1, 2)),
        List.of(),
        List.of(4.5, 3.25),
        List.of(-0.0),
        bounds);
  }

  static List<PrometheusRecord> all() {
    List<Double> bounds = List.of(0.5, Double.POSITIVE_INFINITY);
    int custom = Histogram.CUSTOM_BUCKETS;
    return List.of(
        new PrometheusRecord.Series(
            List.of(
                new LabelledSeries(1, LABELS),
                new LabelledSeries(-1, List.of(new Label("", ""))),
                new LabelledSeries(7, List.of()))),
        new PrometheusRecord.Samples(
            RecordType.SAMPLES,
            List.of(
                new Sample(100, 0, T, 1.5),
                new Sample(7, 0, T - 1000, STALE),
                new Sample(-1, 0, Long.MAX_VALUE, Double.NaN))),
        new PrometheusRecord.Tombstones(
            List.of(new Tombstone(7, -5, T), new Tombstone(8, Long.MIN_VALUE, Long.MAX_VALUE))),
        new PrometheusRecord.Exemplars(
            List.of(
                new Exemplar(7, T, 0.25, List.of(new Label("trace", "a1"))),
                new Exemplar(6, T + 1, 2, List.of()))),
        new PrometheusRecord.MmapMarkers(List.of(new MmapMarker(7, (2L << 32) + 8))),
        new PrometheusRecord.Metadata(
            List.of(
                new SeriesMetadata(7, 1, "seconds", "How long."),
                new SeriesMetadata(300, 200, "", ""))),
        new PrometheusRecord.Histograms(
            RecordType.HISTOGRAMS,
            List.of(
                new HistogramSample<>(7, 0, T, histogram(3, List.of())),
                new HistogramSample<>(6, 0, T - 9, histogram(-4, List.of())))),
        new PrometheusRecord.FloatHistograms(
            RecordType.FLOAT_HISTOGRAMS,
            List.of(new HistogramSample<>(7, 0, T, floatHistogram(3, List.of())))),
        new PrometheusRecord.Histograms(
            RecordType.CUSTOM_BUCKETS_HISTOGRAMS,
            List.of(new HistogramSample<>(7, 0, T, histogram(custom, bounds)))),
        new PrometheusRecord.FloatHistograms(
            RecordType.CUSTOM_BUCKETS_FLOAT_HISTOGRAMS,
            List.of(new HistogramSample<>(7, 0, T, floatHistogram(custom, bounds)))),
        new PrometheusRecord.Samples(
            RecordType.SAMPLES_V2,
            List.of(
                new Sample(5, T - 60_000, T, 1.5),
                new Sample(7, T - 60_000, T + 1, 2.5),
                new Sample(6, 0, T - 1, STALE),
                new Sample(6, T - 5000, T, 4.5))),
        new PrometheusRecord.Histograms(
            RecordType.HISTOGRAMS_V2,
            List.of(
                new HistogramSample<>(7, T - 10, T, histogram(3, List.of())),
                new HistogramSample<>(9, T - 10, T + 1, histogram(custom, bounds)))),
        new PrometheusRecord.FloatHistograms(
            RecordType.FLOAT_HISTOGRAMS_V2,
            List.of(
                new HistogramSample<>(7, 0, T, floatHistogram(3, List.of())),
                new HistogramSample<>(9, T - 10, T + 1, floatHistogram(custom, bounds)))),
        new PrometheusRecord.MinValidTime(T));
  }
}
