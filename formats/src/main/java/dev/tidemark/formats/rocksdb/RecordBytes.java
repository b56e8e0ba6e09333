package dev.tidemark.formats.rocksdb;

import dev.tidemark.formats.FormatException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/// The bytes of one record, put together from its fragments as far as they are not too many. For
/// one thread at a time.
final class RecordBytes {
  private static final byte[] NONE = {};

  private final int mostBytes;
  private final RecordDecompressor decompressor;

  // All owned by the caller's thread.
  private byte[] joined = NONE;
  private long size;
  private long offset;
  private boolean begun;

  /// @param mostBytes what a record may have at most in the file
  /// @param mostDecompressed what it may have once it is decompressed, in bytes
  RecordBytes(int mostBytes, int mostDecompressed) {
    this.mostBytes = mostBytes;
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
  long size() {
    return size;
  }

  /// {@return whether it has become too large to be held} Its bytes are gone then.
  boolean isTooLarge() {
    return size > mostBytes;
  }

  /// Adds the bytes of a fragment.
  void join(ByteBuffer fragment) {
    int from = (int) Math.min(size, mostBytes);
    int length = fragment.remaining();
    size += length;
    if (isTooLarge()) {
      joined = NONE;
      return;
    }
    if (size > joined.length) {
      joined = Arrays.copyOf(joined, (int) Math.min(mostBytes, Math.max(2L * joined.length, size)));
    }
    fragment.get(fragment.position(), joined, from, length);
  }

  /// Ends the record, which is not too large.
  ///
  /// @return its bytes, good until the next call
  ByteBuffer end() {
    begun = false;
    return ByteBuffer.wrap(joined, 0, (int) size);
  }

  /// {@return what the record that was ended is as a Zstandard frame, good until the next call}
  ///
  /// @throws FormatException if it cannot be decompressed
  ByteBuffer decompressed() throws FormatException {
    decompressor.decompress(joined, (int) size);
    return ByteBuffer.wrap(decompressor.bytes(), 0, decompressor.size());
  }
}
