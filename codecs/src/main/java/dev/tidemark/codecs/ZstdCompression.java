package dev.tidemark.codecs;

import io.airlift.compress.v3.zstd.ZstdJavaCompressor;
import io.airlift.compress.v3.zstd.ZstdJavaDecompressor;
import io.airlift.compress.v3.zstd.ZstdNativeCompressor;
import io.airlift.compress.v3.zstd.ZstdNativeDecompressor;

/// Zstandard frames at level 1, the fastest: codec 3.
public final class ZstdCompression extends BlockCompression {
  private static final int LEVEL = 1;

  /// For the service loader: the native library where it can be had.
  public ZstdCompression() {
    this(nativeAccess() && ZstdNativeCompressor.isEnabled());
  }

  ZstdCompression(boolean byNativeLibrary) {
    super(
        3,
        "zstd",
        byNativeLibrary
            ? () -> new Machine(new ZstdNativeCompressor(LEVEL), new ZstdNativeDecompressor())
            : () -> new Machine(new ZstdJavaCompressor(), new ZstdJavaDecompressor()));
  }
}
