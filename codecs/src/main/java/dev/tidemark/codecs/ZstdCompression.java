package dev.tidemark.codecs;

import io.airlift.compress.v3.zstd.ZstdJavaCompressor;
import io.airlift.compress.v3.zstd.ZstdJavaDecompressor;
import io.airlift.compress.v3.zstd.ZstdNativeCompressor;
import io.airlift.compress.v3.zstd.ZstdNativeDecompressor;

/// Zstandard frames at level 1, the fastest: codec 3.
public final class ZstdCompression extends BlockCompression {
  private static final int LEVEL = 1;

  // A block is at most 128 KiB, and the shortest that stands for so much is 4 bytes (RFC 8878).
  private static final int MOST_RAW_PER_BYTE = (128 << 10) / 4;

  /// For the service loader: the native library where it can be had.
  public ZstdCompression() {
    this(nativeAccess() && ZstdNativeCompressor.isEnabled());
  }

  ZstdCompression(boolean byNativeLibrary) {
    super(
        3,
        "zstd",
        MOST_RAW_PER_BYTE,
        byNativeLibrary
            ? () -> new Machine(new ZstdNativeCompressor(LEVEL), new ZstdNativeDecompressor())
            : () -> new Machine(new ZstdJavaCompressor(), new ZstdJavaDecompressor()));
  }
}
