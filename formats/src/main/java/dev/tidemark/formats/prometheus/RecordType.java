package dev.tidemark.formats.prometheus;

import java.util.List;
import java.util.Optional;

/// What a record of Prometheus holds: its first byte.
///
/// Source: prometheus/prometheus, tsdb/record/record.go.
public enum RecordType {
  /// Labels of series, and the numbers by which other records mean them.
  SERIES(1, "series"),

  /// Samples.
  SAMPLES(2, "samples"),

  /// Spans of time that were deleted from series.
  TOMBSTONES(3, "tombstones"),

  /// Exemplars.
  EXEMPLARS(4, "exemplars"),

  /// Chunks that were written to disk; only in a log of samples out of order.
  MMAP_MARKERS(5, "mmapMarkers"),

  /// What the metrics of series mean.
  METADATA(6, "metadata"),

  /// Histograms with whole numbers.
  HISTOGRAMS(7, "histograms"),

  /// Histograms with floating-point numbers.
  FLOAT_HISTOGRAMS(8, "floatHistograms"),

  /// Histograms with whole numbers, whose buckets have bounds of their own.
  CUSTOM_BUCKETS_HISTOGRAMS(9, "customBucketsHistograms"),

  /// Histograms with floating-point numbers, whose buckets have bounds of their own.
  CUSTOM_BUCKETS_FLOAT_HISTOGRAMS(10, "customBucketsFloatHistograms"),

  /// Samples that may say since when they count.
  SAMPLES_V2(11, "samplesV2"),

  /// Histograms with whole numbers that may say since when they count.
  HISTOGRAMS_V2(12, "histogramsV2"),

  /// Histograms with floating-point numbers that may say since when they count.
  FLOAT_HISTOGRAMS_V2(13, "floatHistogramsV2"),

  /// The time before which a checkpoint left samples out; only in a checkpoint.
  MIN_VALID_TIME(14, "minValidTime");

  private static final List<RecordType> ALL = List.of(values());

  private final int code;
  private final String word;

  RecordType(int code, String word) {
    this.code = code;
    this.word = word;
  }

  /// {@return the first byte of such a record}
  public int code() {
    return code;
  }

  /// {@return the type as it is shown to users}
  public String word() {
    return word;
  }

  /// Whether samples say since when they count.
  boolean hasStart() {
    return this == SAMPLES_V2 || this == HISTOGRAMS_V2 || this == FLOAT_HISTOGRAMS_V2;
  }

  /// Whether Prometheus decodes such a record where it stands.
  ///
  /// @param outOfOrder in the log of samples out of order, rather than in the log
  boolean belongsInto(boolean outOfOrder) {
    return switch (this) {
      case SERIES, TOMBSTONES, EXEMPLARS, METADATA, MIN_VALID_TIME -> !outOfOrder;
      case MMAP_MARKERS -> outOfOrder;
      default -> true;
    };
  }

  /// {@return the type with a first byte, if it is known}
  ///
  /// @param code the byte, 0 to 255
  public static Optional<RecordType> of(int code) {
    return code >= 1 && code <= ALL.size() ? Optional.of(ALL.get(code - 1)) : Optional.empty();
  }
}
