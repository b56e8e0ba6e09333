package dev.tidemark.formats.rocksdb;

import dev.tidemark.formats.FormatException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/// The bytes of one record, put together from its fragments. For one thread at a time.
final class RecordBytes {
  private static final int MOST_BYTES = Integer.MAX_VALUE - 8;

  private final RecordDecompressor decompressor;

  // All owned by the caller's thread.
  private byte[] joined = new byte[0];
  private int size;
  private long offset;
  private boolean begun;

  /// @param mostDecompressed what a record may have at most once it is decompressed, in bytes
  RecordBytes(int mostDecompressed) {
    decompressor = new RecordDecompressor(mostDecompressed);
  }

  /// Begins a record, forgetting what there was.
  ///
  /// @param at where in the file
  void begin(long at) {
    size = 0;
    offset = at;
    begun = true;
  }

  /// Forgets what there was.
  void drop() {
    size = 0;
    begun = false;
  }

  /// {@return whether a record has been begun and not ended}
  boolean isBegun() {
    return begun;
  }

  /// {@return where in the file it begins}
  long offset() {
    return offset;
  }

  /// {@return how many bytes it has so far}
  int size() {
    return size;
  }

  /// Adds the bytes of a fragment.
  ///
  /// @throws FormatException if the record becomes too large to be held
  void join(ByteBuffer fragment) throws FormatException {
    int length = fragment.remaining();
    if (length > MOST_BYTES - size) {
      throw new FormatException("a record of more than 2 GiB", offset);
    }
    if (length > joined.length - size) {
      long doubled = Math.min(MOST_BYTES, 2L * joined.length);
      joined = Arrays.copyOf(joined, (int) Math.max(doubled, size + length));
    }
    fragment.get(fragment.position(), joined, size, length);
    size += length;
  }

  /// Ends the record.
  ///
  /// @param compressed whether its bytes are a Zstandard frame
  /// @return its bytes, good until the next call
  /// @throws FormatException if it cannot be decompressed
  ByteBuffer end(boolean compressed) throws FormatException {
    begun = false;
    if (!compressed) {
      return ByteBuffer.wrap(joined, 0, size);
    }
    decompressor.decompress(joined, size);
    return ByteBuffer.wrap(decompressor.bytes(), 0, decompressor.size());
  }
}
