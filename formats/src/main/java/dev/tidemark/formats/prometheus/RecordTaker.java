package dev.tidemark.formats.prometheus;

import java.nio.ByteBuffer;

/// Takes what a record holds, in the order of its bytes, while they are walked over: so that a
/// record costs no more memory than one of its texts. What is not overridden is passed over.
///
/// Buffers are views of the record, good until the call returns.
interface RecordTaker {
  /// The lists of a histogram, in their order.
  enum HistogramList {
    POSITIVE_SPANS,
    NEGATIVE_SPANS,
    POSITIVE_BUCKETS,
    NEGATIVE_BUCKETS,
    BOUNDS
  }

  /// A record of a known type begins.
  default void begin(RecordType type) {}

  /// An item without a time begins.
  default void item(long ref) {}

  /// An item with a time begins.
  ///
  /// @param startMillis 0 where the type has none
  default void item(long ref, long startMillis, long millis) {}

  /// Of a sample or an exemplar.
  default void value(double value) {}

  /// Of a series or an exemplar, one of any number.
  default void label(ByteBuffer name, ByteBuffer value) {}

  /// What a tombstone deletes.
  default void tombstone(long minMillis, long maxMillis) {}

  /// What a marker names.
  default void marker(long chunk) {}

  /// What is known of a metric.
  default void metadata(int metricType, ByteBuffer unit, ByteBuffer help) {}

  /// A histogram begins.
  default void histogram(int counterReset, int schema, double zeroThreshold) {}

  /// Of one of whole numbers, without a sign.
  default void counts(long zeroCount, long count) {}

  /// Of one of floating-point numbers.
  default void counts(double zeroCount, double count) {}

  /// Of a histogram.
  default void sum(double sum) {}

  /// A list of the histogram begins, and ends the one before.
  default void list(HistogramList list) {}

  /// Of a list of spans.
  default void span(int offset, int length) {}

  /// Of a list of buckets of whole numbers.
  default void bucket(long bucket) {}

  /// Of a list of buckets of floating-point numbers.
  default void bucket(double bucket) {}

  /// Of the list of bounds.
  default void bound(double bound) {}

  /// The item ends, and with it its histogram.
  default void endItem() {}

  /// All of a record of that type.
  default void minValidTime(long millis) {}
}
