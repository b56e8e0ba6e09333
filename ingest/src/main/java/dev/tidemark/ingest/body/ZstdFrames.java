package dev.tidemark.ingest.body;

import io.airlift.compress.v3.zstd.ZstdInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;

/// One or more Zstandard frames (RFC 8878), one after the other, up to the last byte.
///
/// The decompressor keeps as much as a frame's header says it may refer back to, so headers are
/// looked at first: [#check] walks frames and blocks by their lengths, without decompressing.
///
/// ```
/// 28 b5 2f fd descriptor(1) [window(1)] [dictionary id(0-4)] [content size(0-8)]
/// block: last(1 bit) type(2 bits) size(21 bits) data …                         all little-endian
/// [checksum(4)]
/// ```
final class ZstdFrames implements Decompression {
  /// How far a frame may refer back: what RFC 8878 asks every decoder to support.
  static final int MAX_WINDOW_BYTES = 8 << 20;

  private static final int MAGIC = 0xfd2fb528;
  private static final int BLOCK_HEADER_BYTES = 3;
  private static final int CHECKSUM_BYTES = 4;
  private static final int MAX_BLOCK_BYTES = 128 << 10;
  private static final int TYPE_RUN = 1;
  private static final int TYPE_RESERVED = 3;

  private final ZstdInputStream stream;

  ZstdFrames(byte[] bytes, int offset, int length) {
    this.stream = new ZstdInputStream(new ByteArrayInputStream(bytes, offset, length));
  }

  static boolean isMagic(byte[] bytes, int offset, int length) {
    return length >= 4 && (int) little(bytes, offset, 4) == MAGIC;
  }

  /// Walks the frames.
  ///
  /// @return how far one of them may refer back at most, in bytes: what the decompressor keeps
  /// @throws BadBodyException if they do not end where the bytes end, or cannot be decompressed
  ///   here
  /// @throws BodyTooLargeException if their headers state more than the limit
  static int check(byte[] bytes, int offset, int length, int limitBytes)
      throws BadBodyException, BodyTooLargeException {
    int end = offset + length;
    int at = offset;
    int window = 0;
    while (at < end) {
      if (!isMagic(bytes, at, end - at)) {
        throw bad("something else follows the compressed data at byte " + (at - offset));
      }
      Frame frame = frame(bytes, offset, at, end, limitBytes);
      window = Math.max(window, frame.windowBytes);
      at = frame.end;
    }
    return window;
  }

  private record Frame(int windowBytes, int end) {}

  private static Frame frame(byte[] bytes, int start, int from, int end, int limitBytes)
      throws BadBodyException, BodyTooLargeException {
    int at = from + 4;
    need(1, at, start, end);
    int descriptor = bytes[at] & 0xff;
    boolean isSingleSegment = (descriptor & 0x20) != 0;
    int dictionaryBytes = (1 << (descriptor & 3)) >> 1;
    int sizeBytes = 1 << (descriptor >>> 6);
    sizeBytes = sizeBytes == 1 && !isSingleSegment ? 0 : sizeBytes;
    if ((descriptor & 0x08) != 0 || dictionaryBytes != 0) {
      throw bad("a dictionary or an unknown flag in the header at byte " + (from - start));
    }
    at++;
    need((isSingleSegment ? 0 : 1) + sizeBytes, at, start, end);
    long window = Long.MAX_VALUE;
    if (!isSingleSegment) {
      long base = 1L << (10 + ((bytes[at] & 0xff) >>> 3));
      window = base + base / 8 * (bytes[at] & 7);
      at++;
    }
    // A size of two bytes starts to count behind what one byte could state.
    long size = little(bytes, at, sizeBytes) + (sizeBytes == 2 ? 256 : 0);
    at += sizeBytes;
    boolean isSizeKnown = sizeBytes > 0;
    if (isSizeKnown && (size < 0 || size > limitBytes)) {
      throw new BodyTooLargeException(
          "a decompressed body exceeds the limit of " + limitBytes + " bytes");
    }
    long kept = Math.min(window, isSizeKnown ? size : Long.MAX_VALUE);
    if (kept > MAX_WINDOW_BYTES) {
      throw bad("it refers back further than " + MAX_WINDOW_BYTES + " bytes; use a lower level");
    }
    at = afterBlocks(bytes, start, at, end);
    if ((descriptor & 0x04) != 0) {
      need(CHECKSUM_BYTES, at, start, end);
      at += CHECKSUM_BYTES;
    }
    return new Frame((int) kept, at);
  }

  private static int afterBlocks(byte[] bytes, int start, int from, int end)
      throws BadBodyException {
    int at = from;
    while (true) {
      need(BLOCK_HEADER_BYTES, at, start, end);
      int header = (int) little(bytes, at, BLOCK_HEADER_BYTES);
      int type = header >>> 1 & 3;
      int size = header >>> 3;
      if (type == TYPE_RESERVED || size > MAX_BLOCK_BYTES) {
        throw bad("unknown type or size of the block at byte " + (at - start));
      }
      at += BLOCK_HEADER_BYTES;
      int stored = type == TYPE_RUN ? 1 : size;
      need(stored, at, start, end);
      at += stored;
      if ((header & 1) != 0) {
        return at;
      }
    }
  }

  private static void need(int count, int at, int start, int end) throws BadBodyException {
    if (end - at < count) {
      throw bad("cut short after " + (end - start) + " bytes");
    }
  }

  private static long little(byte[] bytes, int at, int count) {
    long value = 0;
    for (int i = 0; i < count; i++) {
      value |= (bytes[at + i] & 0xffL) << (8 * i);
    }
    return value;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws BadBodyException {
    try {
      return stream.read(into, offset, length);
    } catch (IOException | RuntimeException e) {
      // The decompressor tells damage by unchecked exceptions of several kinds.
      throw new BadBodyException("invalid zstd: damaged", e);
    }
  }

  private static BadBodyException bad(String what) {
    return new BadBodyException("invalid zstd: " + what);
  }

  @Override
  public void close() {
    try {
      stream.close();
    } catch (IOException e) {
      throw new AssertionError("closing a stream over an array cannot fail", e);
    }
  }
}
