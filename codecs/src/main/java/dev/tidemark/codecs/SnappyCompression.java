package dev.tidemark.codecs;

import io.airlift.compress.v3.snappy.SnappyJavaCompressor;
import io.airlift.compress.v3.snappy.SnappyJavaDecompressor;
import io.airlift.compress.v3.snappy.SnappyNativeCompressor;
import io.airlift.compress.v3.snappy.SnappyNativeDecompressor;

/// Snappy's raw format, without the framing of its streams: codec 1.
public final class SnappyCompression extends BlockCompression {

  // A copy of 64 bytes takes 3.
  private static final int MOST_RAW_PER_BYTE = 22;

  /// For the service loader: the native library where it can be had.
  public SnappyCompression() {
    this(nativeAccess() && SnappyNativeCompressor.isEnabled());
  }

  SnappyCompression(boolean byNativeLibrary) {
    super(
        1,
        "snappy",
        MOST_RAW_PER_BYTE,
        byNativeLibrary
            ? () -> new Machine(new SnappyNativeCompressor(), new SnappyNativeDecompressor())
            : () -> new Machine(new SnappyJavaCompressor(), new SnappyJavaDecompressor()));
  }
}
