package dev.tidemark.formats.prometheus;

import dev.tidemark.formats.ByteReader;
import dev.tidemark.formats.FormatException;
import java.nio.ByteBuffer;

/// Says how many bytes frames of Zstandard can stand for, from the headers of their blocks alone.
///
/// Stricter than Prometheus's decoder in one thing: frames to be skipped, which that passes over
/// and its encoder never makes, are refused.
///
/// Source: RFC 8878, section 3.1.
public final class ZstdFrames {
  private static final long MAGIC = 0xFD2FB528L;
  private static final int SINGLE_SEGMENT_FLAG = 1 << 5;
  private static final int CHECKSUM_FLAG = 1 << 2;
  private static final int MOST_BLOCK_BYTES = 128 << 10;
  private static final int RAW = 0;
  private static final int RUN = 1;
  private static final int RESERVED = 3;

  private ZstdFrames() {}

  /// Adds up what the blocks can hold at most, and what the frames say they hold where that is
  /// less.
  ///
  /// @param frames one or more, from position to limit; the position stays
  /// @return a bound
  /// @throws FormatException if they are not frames
  public static long mostContentBytes(ByteBuffer frames) throws FormatException {
    ByteReader reader = ByteReader.of(frames);
    long most = 0;
    do {
      most += frame(reader);
    } while (reader.hasRemaining());
    return most;
  }

  private static long frame(ByteReader reader) throws FormatException {
    if (reader.int32LittleEndian("zstd: a magic number") != MAGIC) {
      throw new FormatException("zstd: corrupt input: no frame", 0);
    }
    int descriptor = reader.octet("zstd: a frame's header");
    boolean single = (descriptor & SINGLE_SEGMENT_FLAG) != 0;
    if (!single) {
      int _ = reader.octet("zstd: a window's size");
    }
    int dictionary = descriptor & 3;
    ByteBuffer _ = reader.bytes(dictionary == 3 ? 4 : dictionary, "zstd: a dictionary's number");
    long said =
        switch (descriptor >> 6) {
          case 1 -> reader.short16LittleEndian("zstd: a size") + 256L;
          case 2 -> reader.int32LittleEndian("zstd: a size");
          case 3 -> reader.int64LittleEndian("zstd: a size");
          default -> single ? reader.octet("zstd: a size") : Long.MAX_VALUE;
        };
    long most = blocks(reader);
    ByteBuffer _ = reader.bytes((descriptor & CHECKSUM_FLAG) != 0 ? 4 : 0, "zstd: a checksum");
    if (said < 0 || (said > most && said != Long.MAX_VALUE)) {
      throw new FormatException("zstd: corrupt input: a frame too short for what it says", 0);
    }
    return Math.min(said, most);
  }

  private static long blocks(ByteReader reader) throws FormatException {
    long most = 0;
    boolean last = false;
    while (!last) {
      int header =
          reader.octet("zstd: a block's header")
              | reader.short16LittleEndian("zstd: a block's header") << 8;
      last = (header & 1) != 0;
      int kind = header >> 1 & 3;
      int size = header >> 3;
      if (kind == RESERVED || size > MOST_BLOCK_BYTES) {
        throw new FormatException("zstd: corrupt input: no block", 0);
      }
      most += kind == RAW || kind == RUN ? size : MOST_BLOCK_BYTES;
      ByteBuffer _ = reader.bytes(kind == RUN ? 1 : size, "zstd: a block");
    }
    return most;
  }
}
