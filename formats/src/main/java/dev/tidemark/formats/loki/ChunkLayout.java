package dev.tidemark.formats.loki;

/// The bytes of a chunk in a checkpoint: a stream's lines in memory, as `data`, blocks that are
/// complete, and `head`, the one that is not.
///
/// ```
/// data   4 magic 01 2e e5 6a, 1 format (1 to 4), 1 codec (from format 2; before that gzip)
///        symbols, 4 CRC-32C             from format 4: n, (length, bytes) × n
///        (block, 4 CRC-32C)*            compressed
///        n, meta × n, 4 CRC-32C
///        8 symbols' length, 8 symbols' offset, 8 metas' length     from format 4
///        8 metas' offset
/// meta   entries, from, to, offset, raw length (from format 3), length
/// block  (time, line, length of what follows, m, (name, value) × m)*    what follows: from format 4
/// head   1 version
///   5    n, (time, line, m, (name, value) × m) × n
///   4    n, (time, line) × n
///   1-3  n, length of all lines, from, to, (time, line) × n
///
/// time, from, to   nanoseconds since 1970, zig-zag varint        line   length, bytes
/// name, value      numbers of symbols, counted from 0            other numbers: varint
/// 4 …, 8 …         the most significant byte first
/// ```
///
/// In chunks that Loki puts into its store the symbols are compressed; those have no head and are
/// not read here. Source: grafana/loki, `pkg/chunkenc/memchunk.go`, `unordered.go`, `symbols.go`.
final class ChunkLayout {
  static final long MAGIC = 0x012E_E56AL;
  static final int FORMAT_WITH_CODEC = 2;
  static final int FORMAT_WITH_RAW_LENGTH = 3;
  static final int FORMAT_WITH_SYMBOLS = 4;
  static final int LAST_FORMAT = 4;

  static final int CRC_BYTES = 4;
  static final int OFFSET_BYTES = 8;

  /// From its end: where the pair of length and offset of the metas begins, and of the symbols.
  static final int METAS_PAIR = 16;

  static final int SYMBOLS_PAIR = 32;

  static final int HEAD_UNORDERED = 4;
  static final int HEAD_WITH_METADATA = 5;

  private ChunkLayout() {}
}
