package dev.tidemark.formats.prometheus;

import java.util.List;

/// What records of Prometheus hold for one series each. Values: nothing in them changes.
///
/// A *ref* is the number by which records mean a series, 64 bits without a sign; the last series
/// record with it says which. Times are milliseconds since 1970. Texts are UTF-8 on disk; bytes
/// that are not become U+FFFD.
public final class SeriesValues {
  private SeriesValues() {}

  /// A label.
  ///
  /// @param name of it
  /// @param value of it
  public record Label(String name, String value) {}

  /// Says which series a ref means.
  ///
  /// @param ref the number
  /// @param labels sorted by name, if Prometheus wrote them
  public record LabelledSeries(long ref, List<Label> labels) {
    /// @param ref the number
    /// @param labels copied
    public LabelledSeries {
      labels = List.copyOf(labels);
    }
  }

  /// A sample.
  ///
  /// @param ref its series
  /// @param startMillis since when it counts, or 0
  /// @param millis its time
  /// @param value of it; the bits of a NaN have a meaning, and are kept
  public record Sample(long ref, long startMillis, long millis, double value) {}

  /// Deletes a span of time.
  ///
  /// @param ref of a series
  /// @param minMillis the first that is deleted
  /// @param maxMillis the last that is deleted
  public record Tombstone(long ref, long minMillis, long maxMillis) {}

  /// An exemplar.
  ///
  /// @param ref its series
  /// @param millis its time
  /// @param value of it
  /// @param labels what it is an example of
  public record Exemplar(long ref, long millis, double value, List<Label> labels) {
    /// @param ref its series
    /// @param millis its time
    /// @param value of it
    /// @param labels copied
    public Exemplar {
      labels = List.copyOf(labels);
    }
  }

  /// Says that samples of a series are in a chunk on disk.
  ///
  /// @param ref of the series
  /// @param chunk the chunk's own number: the file in the upper 32 bits, the offset in the lower
  public record MmapMarker(long ref, long chunk) {}

  /// What is known of a metric.
  ///
  /// @param ref of a series
  /// @param metricType a number, 0 to 255: see [#metricTypeWord]
  /// @param unit perhaps empty
  /// @param help perhaps empty
  public record SeriesMetadata(long ref, int metricType, String unit, String help) {
    private static final List<String> WORDS =
        List.of(
            "unknown",
            "counter",
            "gauge",
            "histogram",
            "gaugeHistogram",
            "summary",
            "info",
            "stateset");

    /// {@return the metric type in a word; "unknown" also for numbers without a meaning}
    public String metricTypeWord() {
      return word(metricType);
    }

    /// {@return a metric type in a word; "unknown" for numbers without a meaning}
    ///
    /// @param metricType a number, 0 to 255
    static String word(int metricType) {
      return WORDS.get(metricType < WORDS.size() ? metricType : 0);
    }
  }

  /// A histogram at one time.
  ///
  /// @param <N> [Long] or [Double]
  /// @param ref its series
  /// @param startMillis since when it counts, or 0
  /// @param millis its time
  /// @param histogram the histogram
  public record HistogramSample<N extends Number>(
      long ref, long startMillis, long millis, Histogram<N> histogram) {}

  /// A run of buckets that are not empty.
  ///
  /// @param offset of the first, from the end of the run before, or from 0
  /// @param length how many, without a sign
  public record Span(int offset, int length) {}

  /// A native histogram.
  ///
  /// @param <N> what it counts with: [Long], 64 bits without a sign, or [Double]
  /// @param counterReset 0 unknown, 1 reset, 2 not reset, 3 gauge
  /// @param schema how wide buckets are; [#CUSTOM_BUCKETS] if they have bounds of their own
  /// @param zeroThreshold how wide the bucket around 0 is
  /// @param zeroCount how many are in it
  /// @param count how many there are in all
  /// @param sum of all
  /// @param positiveSpans which buckets follow
  /// @param negativeSpans which buckets follow
  /// @param positiveBuckets of whole numbers: differences, each to the one before; otherwise counts
  /// @param negativeBuckets likewise
  /// @param customValues upper bounds of buckets; empty for other schemas
  public record Histogram<N extends Number>(
      int counterReset,
      int schema,
      double zeroThreshold,
      N zeroCount,
      N count,
      double sum,
      List<Span> positiveSpans,
      List<Span> negativeSpans,
      List<N> positiveBuckets,
      List<N> negativeBuckets,
      List<Double> customValues) {
    /// The schema of histograms whose buckets have bounds of their own.
    public static final int CUSTOM_BUCKETS = -53;

    /// @throws IllegalArgumentException if there are bounds though the schema has none
    public Histogram {
      positiveSpans = List.copyOf(positiveSpans);
      negativeSpans = List.copyOf(negativeSpans);
      positiveBuckets = List.copyOf(positiveBuckets);
      negativeBuckets = List.copyOf(negativeBuckets);
      customValues = List.copyOf(customValues);
      if (schema != CUSTOM_BUCKETS && !customValues.isEmpty()) {
        throw new IllegalArgumentException("schema " + schema + " has no bounds of its own");
      }
    }
  }
}
