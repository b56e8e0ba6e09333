package dev.tidemark.formats.loki;

/// The bytes of a record: the payload of a segment of Prometheus's format.
///
/// ```
/// series      01, user, 01, (8 ref, n, (name, value) × n)*       behind the user a Prometheus record
/// entries V1  02, user, 8 base, (8 ref,            n, (dt, line) × n)*
/// entries V2  04, user, 8 base, (8 ref, 8 counter, n, (dt, line) × n)*
/// entries V3  05, user, 8 base, (8 ref, 8 counter, n, (dt, line, m, (name, value) × m) × n)*
/// checkpoint  03, a message Series                               protobuf: see below
///
/// user, line, name, value   length, bytes
/// n, m, length              up to 10 bytes of 7 bits, the least significant first
/// dt                        the same, zig-zag: nanoseconds from base, the first entry's time
/// 8 …                       64 bits, the most significant first
///
/// Series     1 user, 2 fingerprint, 3 (1 name, 2 value)*, 4 Chunk*, 5 Time of the last line,
///            6 last line, 7 counter, 8 highest Time
/// Chunk      1 from, 2 to, 3 flushed, 4 updated (Times), 5 closed, 6 synced, 7 data, 8 head
/// Time       1 seconds since 1970, 2 nanoseconds; never set: -62135596800, the year 1
/// ```
///
/// A `ref` is the fingerprint of a stream, its counter that of the last entry. What `data` and
/// `head` hold is in [ChunkLayout]. Source: grafana/loki, `pkg/ingester/wal/encoding.go` and
/// `pkg/ingester/checkpoint.proto`; prometheus/prometheus, `tsdb/record/record.go`.
final class RecordLayout {
  static final int SERIES = 1;
  static final int ENTRIES_V1 = 2;
  static final int CHECKPOINT = 3;
  static final int ENTRIES_V2 = 4;
  static final int ENTRIES_V3 = 5;

  /// The first byte of Prometheus's own series record.
  static final int PROMETHEUS_SERIES = 1;

  /// What Go writes for a time that was never set.
  static final long NEVER_SECONDS = -62_135_596_800L;

  private RecordLayout() {}
}
