package dev.tidemark.formats.prometheus;

/// The bytes of Prometheus's records: a type ([RecordType]), then items up to the end.
///
/// ```
/// ref, t      64 bits, the most significant byte first     d…     a zig-zag varint, as everything
/// v           IEEE 754, 64 bits                                   that is a difference
/// n           a varint without a sign                      str    n bytes behind n
/// labels      n, then n times: str name, str value
///
///  1 series        { ref, labels } …
///  2 samples       ref₀, t₀, { d(ref − ref₀), d(t − t₀), v } …                 the first one too
///  3 tombstones    { ref, d min, d max } …
///  4 exemplars     ref₀, t₀, { d(ref − ref₀), d(t − t₀), v, labels } …
///  5 mmap markers  { ref, chunk (64 bits) } …
///  6 metadata      { n ref, type (one byte), n, n times: str name, str value } …
///                  "UNIT" and "HELP" are the names that are known
///  7 8 9 10        ref₀, t₀, { d(ref − ref₀), d(t − t₀), histogram } …
/// 11               d ref₀, d t₀, d start₀, v₀,
///                  { d(ref − the ref before), d(t − t₀), start, v } …
/// 12 13            as 11, with histograms in place of v
/// 14               t
///
/// start       0: none │ 1: as the one before │ 2, d(start − start₀)
/// histogram   reset (one byte), d schema, v zero threshold, n zero count, n count, v sum,
///             n, n times { d offset, n length }: positive spans, then the negative ones likewise,
///             n, n times d: positive buckets, then the negative ones likewise,
///             if the schema is −53: n, n times v: bounds
///             8, 10 and 13 have v in place of n and d for counts and buckets
/// ```
///
/// The published description calls the differences unsigned and ends at type 10; the program writes
/// them with a sign, and the others if it is asked to keep start times.
///
/// Source: prometheus/prometheus, tsdb/record/record.go.
final class RecordLayout {
  static final int NO_START = 0;
  static final int SAME_START = 1;
  static final int OTHER_START = 2;

  static final String UNIT = "UNIT";
  static final String HELP = "HELP";

  private RecordLayout() {}
}
