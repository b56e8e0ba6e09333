package dev.tidemark.formats.prometheus;

import dev.tidemark.formats.ByteReader;
import dev.tidemark.formats.FormatException;
import io.airlift.compress.v3.snappy.SnappyJavaDecompressor;
import io.airlift.compress.v3.zstd.ZstdJavaDecompressor;
import java.nio.ByteBuffer;

/// Decompresses stored records into memory of its own, which is taken only once the stored bytes
/// can stand for so much.
///
/// For one thread at a time.
final class RecordDecompressor {
  // A copy of 64 bytes takes 3.
  private static final int MOST_PER_SNAPPY_BYTE = 22;

  private final int mostBytes;
  private final SnappyJavaDecompressor snappy = new SnappyJavaDecompressor();
  private final ZstdJavaDecompressor zstd = new ZstdJavaDecompressor();

  // Owned by the caller's thread.
  private byte[] record = new byte[0];

  /// @param mostBytes how large a record may become; no more memory is taken
  RecordDecompressor(int mostBytes) {
    this.mostBytes = mostBytes;
  }

  /// Decompresses a record.
  ///
  /// @param stored backed by an array; its position stays
  /// @param compression how it is stored; for none at all, and for a record without bytes, there is
  ///   nothing to be done
  /// @return the record, good until the next call
  /// @throws FormatException if the bytes are not what they should be, or more than is read
  ByteBuffer decompress(ByteBuffer stored, SegmentCompression compression) throws FormatException {
    if (compression == SegmentCompression.NONE || !stored.hasRemaining()) {
      return stored;
    }
    byte[] from = stored.array();
    int offset = stored.arrayOffset() + stored.position();
    int length = stored.remaining();
    try {
      return switch (compression) {
        case NONE -> stored;
        case SNAPPY -> {
          long bytes = snappyBytes(stored);
          room(bytes);
          int made = snappy.decompress(from, offset, length, record, 0, (int) bytes);
          yield wanted(made, bytes, "snappy: corrupt input");
        }
        case ZSTD -> {
          long bytes = ZstdFrames.mostContentBytes(stored);
          room(bytes);
          int made = zstd.decompress(from, offset, length, record, 0, record.length);
          yield ByteBuffer.wrap(record, 0, made).slice();
        }
      };
    } catch (FormatException refused) {
      throw refused;
    } catch (RuntimeException malformed) { // the library has several
      String codec = compression == SegmentCompression.SNAPPY ? "snappy" : "zstd";
      throw new FormatException(codec + ": corrupt input: " + malformed.getMessage(), 0);
    }
  }

  private static long snappyBytes(ByteBuffer stored) throws FormatException {
    long bytes = ByteReader.of(stored).varint32("snappy: a length");
    if (bytes > (long) stored.remaining() * MOST_PER_SNAPPY_BYTE) {
      throw new FormatException(
          "snappy: corrupt input: %d bytes cannot stand for %d"
              .formatted(stored.remaining(), bytes),
          0);
    }
    return bytes;
  }

  // With no room at all the library looks at nothing and reports success.
  private void room(long bytes) throws FormatException {
    if (bytes > mostBytes) {
      throw new FormatException(
          "a compressed record of %d bytes or more; at most %d are read"
              .formatted(bytes, mostBytes),
          0);
    }
    if (record.length <= bytes) {
      record = new byte[(int) bytes + 1];
    }
  }

  private ByteBuffer wanted(int made, long bytes, String otherwise) throws FormatException {
    if (made != bytes) {
      throw new FormatException(otherwise, 0);
    }
    return ByteBuffer.wrap(record, 0, made).slice();
  }
}
