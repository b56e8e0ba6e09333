package dev.tidemark.formats.banyandb;

import dev.tidemark.formats.FormatException;
import java.nio.ByteBuffer;

/// Takes timestamps out of their bit stream, each byte's highest bit first.
///
/// ```
/// first timestamp   64 bits
/// each other one    0                                the one before
///                   10 bits                          differs in the window
///                   11 6:leading 6:width-1 bits      sets the window, and differs in it
/// ```
///
/// What differs is the exclusive or with the timestamp before. The window is what lies behind the
/// `leading` highest bits, `width` bits wide; at first it is all 64. Bits behind the last timestamp
/// fill its byte and mean nothing. After Facebook's Gorilla; source: apache/skywalking-banyandb
/// v0.5.0, `pkg/encoding/xor.go`. For one thread at a time.
final class TimestampReader {
  // All owned by the caller's thread.
  private final ByteBuffer bytes;
  private final long bits;
  private long position;
  private boolean first = true;
  private long timestamp;
  private int width = 64;
  private int trailing;

  /// @param bytes the stream, from position to limit, which must not change meanwhile
  TimestampReader(ByteBuffer bytes) {
    this.bytes = bytes.slice();
    bits = 8L * bytes.remaining();
  }

  /// {@return how many timestamps a stream can hold at most}
  ///
  /// @param bytes its length
  static long most(int bytes) {
    return bytes < 8 ? 0 : 8L * bytes - 63;
  }

  /// {@return the next timestamp}
  ///
  /// @throws FormatException if the stream ends before it, or no writer can have written it
  long next() throws FormatException {
    if (first) {
      timestamp = take(64);
      first = false;
    } else if (take(1) == 1) {
      if (take(1) == 1) {
        window();
      }
      timestamp ^= take(width) << trailing;
    }
    return timestamp;
  }

  private void window() throws FormatException {
    int leading = (int) take(6);
    width = (int) take(6) + 1;
    trailing = 64 - leading - width;
    if (trailing < 0) {
      throw new FormatException("timestamps differ in more than 64 bits", position / 8);
    }
  }

  private long take(int count) throws FormatException {
    if (count > bits - position) {
      throw new FormatException("timestamps end before the series' count of them", position / 8);
    }
    long value = 0;
    for (int left = count; left > 0; ) {
      int inByte = 8 - (int) (position & 7);
      int taken = Math.min(inByte, left);
      int octet = bytes.get((int) (position >>> 3)) & 0xff;
      value = (value << taken) | ((octet >>> (inByte - taken)) & ((1 << taken) - 1));
      position += taken;
      left -= taken;
    }
    return value;
  }
}
