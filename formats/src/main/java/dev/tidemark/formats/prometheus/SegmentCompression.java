package dev.tidemark.formats.prometheus;

/// How a record is stored in a segment. One segment may have records of all kinds.
public enum SegmentCompression {
  /// As it is: what the library does by default, and Loki.
  NONE(0),

  /// As one block of Snappy's raw format: what the server does by default.
  SNAPPY(SegmentLayout.SNAPPY_FLAG),

  /// As one frame of Zstandard.
  ZSTD(SegmentLayout.ZSTD_FLAG);

  private final int flag;

  SegmentCompression(int flag) {
    this.flag = flag;
  }

  /// The bit in the first byte of each fragment.
  int flag() {
    return flag;
  }

  /// What the first byte of a fragment says. With both bits set Prometheus takes it for Snappy.
  static SegmentCompression of(int head) {
    if ((head & SegmentLayout.SNAPPY_FLAG) != 0) {
      return SNAPPY;
    }
    return (head & SegmentLayout.ZSTD_FLAG) != 0 ? ZSTD : NONE;
  }
}
