package dev.tidemark.formats.rocksdb;

import dev.tidemark.formats.FormatException;
import io.airlift.compress.v3.zstd.ZstdInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/// Decompresses records that are Zstandard frames, taking memory as bytes come out and no more than
/// it was allowed. For one thread at a time.
///
/// Frames to be skipped (RFC 8878, section 3.1.2), which RocksDB's decompressor would pass over and
/// its compressor never makes, are refused.
final class RecordDecompressor {
  private static final int FIRST_BYTES = 64 * 1024;

  private final int mostBytes;
  private final Feed feed = new Feed();

  // All owned by the caller's thread.
  private ZstdInputStream frames = new ZstdInputStream(feed);
  private boolean used;
  private byte[] bytes;
  private int size;

  /// @param mostBytes what a record may have at most, decompressed
  RecordDecompressor(int mostBytes) {
    this.mostBytes = mostBytes;
    bytes = new byte[Math.min(FIRST_BYTES, mostBytes)];
  }

  /// Decompresses a record.
  ///
  /// @param compressed holds it, from the first byte
  /// @param length how many bytes it has
  /// @throws FormatException if it is no frame, or larger than allowed
  void decompress(byte[] compressed, int length) throws FormatException {
    // The tables of a stream are worth keeping, but not once anything went wrong, or might have
    // with what stood behind the frame of the record before.
    if (used) {
      try {
        attempt(compressed, length);
        return;
      } catch (FormatException perhapsOfTheOneBefore) {
        frames = new ZstdInputStream(feed);
      }
    }
    used = false;
    try {
      attempt(compressed, length);
      used = true;
    } finally {
      if (!used) {
        frames = new ZstdInputStream(feed);
      }
    }
  }

  /// {@return what came out, from the first byte; good until the next call}
  byte[] bytes() {
    return bytes;
  }

  /// {@return how many bytes came out}
  int size() {
    return size;
  }

  private void attempt(byte[] compressed, int length) throws FormatException {
    size = 0;
    feed.begin(compressed, length);
    try {
      while (true) {
        if (size == bytes.length) {
          grow();
        }
        int read = frames.read(bytes, size, bytes.length - size);
        if (read < 0) {
          return;
        }
        size += read;
      }
    } catch (FormatException tooLarge) {
      throw tooLarge;
    } catch (IOException | RuntimeException bad) { // the library has several
      throw new FormatException("not a Zstandard frame: " + bad.getMessage(), size);
    }
  }

  private void grow() throws FormatException {
    if (size >= mostBytes) {
      throw new FormatException("a record of more than " + mostBytes + " bytes", size);
    }
    bytes = Arrays.copyOf(bytes, (int) Math.min(mostBytes, 2L * size));
  }

  /// The bytes of one record after the other. Owned by the caller's thread.
  private static final class Feed extends InputStream {
    private byte[] bytes = new byte[0];
    private int at;
    private int end;

    void begin(byte[] compressed, int length) {
      bytes = compressed;
      at = 0;
      end = length;
    }

    @Override
    public int read() {
      return at < end ? bytes[at++] & 0xff : -1;
    }

    @Override
    public int read(byte[] target, int from, int length) {
      int count = Math.min(length, end - at);
      if (count <= 0) {
        return length == 0 ? 0 : -1;
      }
      System.arraycopy(bytes, at, target, from, count);
      at += count;
      return count;
    }
  }
}
