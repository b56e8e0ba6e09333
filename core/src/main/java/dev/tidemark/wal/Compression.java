package dev.tidemark.wal;

import java.lang.foreign.MemorySegment;

/// A codec for frame payloads. Codecs other than none are found with [java.util.ServiceLoader], so
/// that a log can be read by whatever has the module on its path.
///
/// Implementations are safe for use by any number of threads and keep no reference to what they are
/// given.
public interface Compression {

  /// {@return the number that names this codec on disk: 1 to 255, never reused}
  ///
  /// 1 is Snappy (raw), 2 is LZ4 (block), 3 is Zstandard.
  int id();

  /// {@return the name used in configuration, in lower case}
  String name();

  /// {@return the most bytes that [#compress] can need for `rawBytes`}
  ///
  /// @param rawBytes the size of the input, in bytes
  int maxCompressedBytes(int rawBytes);

  /// {@return the most bytes that any `compressedBytes` can decompress to}
  ///
  /// What a damaged log says is decompressed is held to this before memory is taken for it.
  ///
  /// @param compressedBytes the size of the compressed bytes
  long maxRawBytes(long compressedBytes);

  /// Compresses all of `source` to the start of `target`.
  ///
  /// @param source the input, heap or native
  /// @param target at least [#maxCompressedBytes] bytes of native memory
  /// @return how many bytes were written
  int compress(MemorySegment source, MemorySegment target);

  /// Decompresses all of `source` into exactly all of `target`. The input is hostile: whatever it
  /// holds, nothing outside `target` is written and nothing is allocated in proportion to it.
  ///
  /// @param source the compressed bytes
  /// @param target exactly as large as the original
  /// @throws IllegalArgumentException if `source` is malformed or does not fill `target` exactly
  void decompress(MemorySegment source, MemorySegment target);
}
