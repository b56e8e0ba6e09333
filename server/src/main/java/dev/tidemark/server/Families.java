package dev.tidemark.server;

import dev.tidemark.wal.Histogram;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/// Metrics that are read off one object at each scrape, so that all of them are of one moment and
/// are taken once. Immutable once filled.
///
/// @param <T> what they are read off
final class Families<T> {
  private static final String PREFIX = "tidemark_";
  private static final double NANOS_PER_SECOND = 1e9;

  /// Times from 16 µs, below which no disk syncs, to 69 s.
  private static final int LEAST_NANOS_LOG = 14;

  private static final int MOST_NANOS_LOG = 36;

  private interface Family<T> {
    MetricSnapshot of(Map<Labels, T> sources);
  }

  private final List<Family<T>> families = new ArrayList<>();

  /// Adds what only grows.
  ///
  /// @param name without prefix and `_total`
  void counter(String name, String help, ToDoubleFunction<T> value) {
    families.add(
        sources -> {
          CounterSnapshot.Builder family = CounterSnapshot.builder().name(PREFIX + name).help(help);
          sources.forEach(
              (labels, source) ->
                  family.dataPoint(
                      CounterDataPointSnapshot.builder()
                          .labels(labels)
                          .value(value.applyAsDouble(source))
                          .build()));
          return family.build();
        });
  }

  /// Adds what grows and falls.
  ///
  /// @param name without prefix
  void gauge(String name, String help, ToDoubleFunction<T> value) {
    families.add(
        sources -> {
          GaugeSnapshot.Builder family = GaugeSnapshot.builder().name(PREFIX + name).help(help);
          sources.forEach(
              (labels, source) ->
                  family.dataPoint(
                      GaugeDataPointSnapshot.builder()
                          .labels(labels)
                          .value(value.applyAsDouble(source))
                          .build()));
          return family.build();
        });
  }

  /// Adds a claim: 1 if it holds.
  ///
  /// @param name without prefix
  void claim(String name, String help, Predicate<T> holds) {
    gauge(name, help, source -> holds.test(source) ? 1 : 0);
  }

  /// Adds times that are measured in nanoseconds.
  ///
  /// @param name without prefix and `_seconds`
  void times(String name, String help, Function<T, Histogram> nanos) {
    histogram(name + "_seconds", help, nanos, NANOS_PER_SECOND, LEAST_NANOS_LOG, MOST_NANOS_LOG, 1);
  }

  /// Adds sizes.
  ///
  /// @param name without prefix
  /// @param leastLog the smallest upper bound is 2 to this power
  /// @param mostLog the largest upper bound is 2 to this power at most
  /// @param stepLog an upper bound is the one before times 2 to this power
  void sizes(
      String name,
      String help,
      Function<T, Histogram> value,
      int leastLog,
      int mostLog,
      int stepLog) {
    histogram(name, help, value, 1, leastLog, mostLog, stepLog);
  }

  private void histogram(
      String name,
      String help,
      Function<T, Histogram> value,
      double unit,
      int leastLog,
      int mostLog,
      int stepLog) {
    families.add(
        sources -> {
          HistogramSnapshot.Builder family =
              HistogramSnapshot.builder().name(PREFIX + name).help(help);
          sources.forEach(
              (labels, source) -> {
                Histogram now = value.apply(source);
                family.dataPoint(
                    HistogramDataPointSnapshot.builder()
                        .classicHistogramBuckets(buckets(now, unit, leastLog, mostLog, stepLog))
                        .sum(now.sum() / unit)
                        .labels(labels)
                        .build());
              });
          return family.build();
        });
  }

  // Powers of two, which are bounds of the log's own buckets too: so no count is off.
  private static ClassicHistogramBuckets buckets(
      Histogram of, double unit, int leastLog, int mostLog, int stepLog) {
    ClassicHistogramBuckets.Builder buckets = ClassicHistogramBuckets.builder();
    long below = 0;
    for (int log = leastLog; log <= mostLog; log += stepLog) {
      long atMost = of.countAtMost(1L << log);
      buckets.bucket((1L << log) / unit, atMost - below);
      below = atMost;
    }
    buckets.bucket(Double.POSITIVE_INFINITY, of.count() - below);
    return buckets.build();
  }

  /// Reads all of them.
  ///
  /// @param into where they go
  /// @param sources what they are read off, by the labels that tell these apart
  void read(MetricSnapshots.Builder into, Map<Labels, T> sources) {
    families.forEach(family -> into.metricSnapshot(family.of(sources)));
  }
}
