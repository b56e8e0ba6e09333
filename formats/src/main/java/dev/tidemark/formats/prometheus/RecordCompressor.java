package dev.tidemark.formats.prometheus;

import io.airlift.compress.v3.Compressor;
import io.airlift.compress.v3.snappy.SnappyJavaCompressor;
import io.airlift.compress.v3.zstd.ZstdJavaCompressor;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// Compresses records into memory of its own. The counterpart of [RecordDecompressor].
///
/// For one thread at a time.
final class RecordCompressor {
  /// A record as it is to be stored: good until the next call.
  record Stored(ByteBuffer bytes, SegmentCompression compression) {}

  private final SegmentCompression compression;
  private final @Nullable Compressor compressor;

  // Owned by the caller's thread.
  private byte[] raw = new byte[0];
  private byte[] compressed = new byte[0];

  RecordCompressor(SegmentCompression compression) {
    this.compression = compression;
    compressor =
        switch (compression) {
          case NONE -> null;
          case SNAPPY -> new SnappyJavaCompressor();
          case ZSTD -> new ZstdJavaCompressor();
        };
  }

  /// Compresses a record.
  ///
  /// @param payload its position stays
  /// @return what is to be stored: the payload itself if it would not become smaller, or nobody
  ///   would decompress it again
  Stored compress(ByteBuffer payload) {
    Stored asItIs = new Stored(payload, SegmentCompression.NONE);
    int length = payload.remaining();
    if (compressor == null || length == 0 || length > SegmentLayout.MOST_DECOMPRESSED_BYTES) {
      return asItIs;
    }
    raw = raw.length < length ? new byte[length] : raw;
    payload.get(payload.position(), raw, 0, length);
    int most = compressor.maxCompressedLength(length);
    compressed = compressed.length < most ? new byte[most] : compressed;
    int made = compressor.compress(raw, 0, length, compressed, 0, compressed.length);
    return made < length
        ? new Stored(ByteBuffer.wrap(compressed, 0, made).slice(), compression)
        : asItIs;
  }
}
