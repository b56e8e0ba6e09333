package dev.tidemark.codecs;

import io.airlift.compress.v3.lz4.Lz4JavaCompressor;
import io.airlift.compress.v3.lz4.Lz4JavaDecompressor;
import io.airlift.compress.v3.lz4.Lz4NativeCompressor;
import io.airlift.compress.v3.lz4.Lz4NativeDecompressor;

/// LZ4's block format, without its frames: codec 2.
public final class Lz4Compression extends BlockCompression {

  // Each further byte of the length of a match adds at most 255.
  private static final int MOST_RAW_PER_BYTE = 255;

  /// For the service loader: the native library where it can be had.
  public Lz4Compression() {
    this(nativeAccess() && Lz4NativeCompressor.isEnabled());
  }

  Lz4Compression(boolean byNativeLibrary) {
    super(
        2,
        "lz4",
        MOST_RAW_PER_BYTE,
        byNativeLibrary
            ? () -> new Machine(new Lz4NativeCompressor(), new Lz4NativeDecompressor())
            : () -> new Machine(new Lz4JavaCompressor(), new Lz4JavaDecompressor()));
  }
}
