package dev.tidemark.ingest.body;

import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Makes a request's body plain, whether it was sent plain, gzipped or in Zstandard.
///
/// The bytes say what they are: neither line protocol nor any other body of ours starts with the
/// magic of a compressed one. A `Content-Encoding` may be left out, but must not contradict them.
/// The whole stream is proven sound before anything of it is handed on, so there is never half a
/// body. Memory grows with what comes out, never with what a header promises, up to the limit; a
/// Zstandard body takes up to [ZstdFrames#MAX_WINDOW_BYTES] more on its way.
///
/// Immutable and safe for use by any number of threads.
public final class BodyDecoder {
  /// The limit unless another is given: 100 MiB.
  public static final int DEFAULT_LIMIT_BYTES = 100 << 20;

  private static final int FIRST_BYTES = 16 * 1024;

  private enum Encoding {
    PLAIN("identity"),
    GZIP("gzip"),
    ZSTD("zstd");

    private final String word;

    Encoding(String word) {
      this.word = word;
    }
  }

  private final int limitBytes;

  private BodyDecoder(int limitBytes) {
    this.limitBytes = limitBytes;
  }

  /// {@return a decoder with the limit of 100 MiB}
  public static BodyDecoder defaults() {
    return new BodyDecoder(DEFAULT_LIMIT_BYTES);
  }

  /// {@return a decoder with a limit of its own}
  ///
  /// @param limitBytes the largest body, as sent and as decompressed, in bytes
  /// @throws IllegalArgumentException if the limit is not positive or not below 2 GiB - 64
  public static BodyDecoder of(int limitBytes) {
    if (limitBytes < 1 || limitBytes > Integer.MAX_VALUE - 64) {
      throw new IllegalArgumentException("limitBytes is out of range: " + limitBytes);
    }
    return new BodyDecoder(limitBytes);
  }

  /// {@return the largest body, as sent and as decompressed, in bytes}
  public int limitBytes() {
    return limitBytes;
  }

  /// Makes a body plain.
  ///
  /// @param bytes the array that holds the body as sent; only read
  /// @param offset where the body starts
  /// @param length how many bytes it has
  /// @param contentEncoding the request's header of that name: `identity`, `gzip`, `x-gzip` or
  ///   `zstd`, case does not matter; null or empty if there is none
  /// @return the plain body; the given array itself if that is plain
  /// @throws BadBodyException if the encoding is unknown or contradicts the bytes, or the
  ///   compressed stream is cut short, damaged or followed by something else
  /// @throws BodyTooLargeException if the body exceeds the limit, as sent or decompressed
  /// @throws IndexOutOfBoundsException if the array does not have that range
  public Body decode(byte[] bytes, int offset, int length, @Nullable String contentEncoding)
      throws BadBodyException, BodyTooLargeException {
    try {
      return decode(bytes, offset, length, contentEncoding, Room.UNBOUNDED);
    } catch (NoRoomException e) {
      throw new AssertionError("there is room without end", e);
    }
  }

  /// Makes a body plain, as [#decode(byte\[\], int, int, String)] does, within a memory that is
  /// asked before anything is allocated.
  ///
  /// @param bytes the array that holds the body as sent; only read
  /// @param offset where the body starts
  /// @param length how many bytes it has
  /// @param contentEncoding the request's header, or null
  /// @param room gives the memory; on return it has given the size of the plain body's array, if
  ///   that is a new one, and after an exception nothing
  /// @return the plain body; the given array itself if that is plain
  /// @throws NoRoomException if there is no memory for it now; trying again later may help
  /// @throws BadBodyException as above
  /// @throws BodyTooLargeException as above
  public Body decode(
      byte[] bytes, int offset, int length, @Nullable String contentEncoding, Room room)
      throws NoRoomException, BadBodyException, BodyTooLargeException {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    if (length > limitBytes) {
      throw new BodyTooLargeException(
          "a body of " + length + " bytes exceeds the limit of " + limitBytes);
    }
    Encoding encoding = encoding(bytes, offset, length);
    checkHeader(contentEncoding, encoding);
    return switch (encoding) {
      case PLAIN -> new Body(bytes, offset, length);
      case GZIP -> {
        try (Decompression gzip = new GzipMembers(bytes, offset, length)) {
          yield drain(gzip, length, room);
        }
      }
      case ZSTD -> {
        int window = ZstdFrames.check(bytes, offset, length, limitBytes);
        take(room, window);
        try (Decompression zstd = new ZstdFrames(bytes, offset, length)) {
          yield drain(zstd, length, room);
        } finally {
          room.give(window);
        }
      }
    };
  }

  private static Encoding encoding(byte[] bytes, int offset, int length) {
    if (GzipMembers.isMagic(bytes, offset, length)) {
      return Encoding.GZIP;
    }
    return ZstdFrames.isMagic(bytes, offset, length) ? Encoding.ZSTD : Encoding.PLAIN;
  }

  private static void checkHeader(@Nullable String header, Encoding found) throws BadBodyException {
    String word = header == null ? "" : header.strip().toLowerCase(Locale.ROOT);
    if (word.isEmpty()) {
      return;
    }
    Encoding stated =
        switch (word) {
          case "identity" -> Encoding.PLAIN;
          case "gzip", "x-gzip" -> Encoding.GZIP;
          case "zstd" -> Encoding.ZSTD;
          default ->
              throw new BadBodyException(
                  "unsupported Content-Encoding: use gzip, zstd or identity, one of them");
        };
    if (stated != found) {
      throw new BadBodyException(
          "Content-Encoding is " + stated.word + ", but the body is " + found.word);
    }
  }

  private Body drain(Decompression source, int compressedBytes, Room room)
      throws NoRoomException, BadBodyException, BodyTooLargeException {
    int capacity = (int) Math.min(limitBytes, FIRST_BYTES + 2L * compressedBytes);
    take(room, capacity);
    Body whole = null;
    try {
      byte[] plain = new byte[capacity];
      int length = 0;
      while (whole == null) {
        if (length == limitBytes) {
          expectEnd(source);
          whole = new Body(plain, 0, length);
        } else if (length == plain.length) {
          // Both are there while one is copied.
          int larger = (int) Math.min(limitBytes, 2L * length);
          take(room, larger);
          plain = Arrays.copyOf(plain, larger);
          room.give(capacity);
          capacity = larger;
        } else {
          int count = source.read(plain, length, plain.length - length);
          length += Math.max(0, count);
          whole = count < 0 ? new Body(plain, 0, length) : null;
        }
      }
      return whole;
    } finally {
      if (whole == null) {
        room.give(capacity);
      }
    }
  }

  private static void take(Room room, long bytes) throws NoRoomException {
    if (!room.take(bytes)) {
      throw new NoRoomException();
    }
  }

  private void expectEnd(Decompression source) throws BadBodyException, BodyTooLargeException {
    if (source.read(new byte[1], 0, 1) >= 0) {
      throw new BodyTooLargeException(
          "a decompressed body exceeds the limit of " + limitBytes + " bytes");
    }
  }
}
