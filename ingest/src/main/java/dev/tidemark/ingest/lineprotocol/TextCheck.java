package dev.tidemark.ingest.lineprotocol;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Finds bytes that are no text: NUL, and what is not well-formed UTF-8 (Unicode, table 3-7).
final class TextCheck {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long HIGH_BITS = 0x8080_8080_8080_8080L;
  private static final long LOW_BITS = 0x0101_0101_0101_0101L;

  private TextCheck() {}

  /// {@return the first byte that is no text, or `end`}
  static int firstFault(byte[] bytes, int from, int end) {
    int i = from;
    while (i < end) {
      i = afterAscii(bytes, i, end);
      if (i < end) {
        int length = sequenceBytes(bytes, i, end);
        if (length == 0) {
          return i;
        }
        i += length;
      }
    }
    return end;
  }

  /// Skips bytes 1 to 127, eight at a time.
  private static int afterAscii(byte[] bytes, int from, int end) {
    int i = from;
    while (i + Long.BYTES <= end) {
      long word = (long) LONGS.get(bytes, i);
      // The subtraction borrows into the high bit of a zero byte.
      if (((word | (word - LOW_BITS)) & HIGH_BITS) != 0) {
        break;
      }
      i += Long.BYTES;
    }
    while (i < end && bytes[i] > 0) {
      i++;
    }
    return i;
  }

  /// {@return how many bytes the sequence has that starts here, or 0 if there is none}
  private static int sequenceBytes(byte[] bytes, int i, int end) {
    int first = bytes[i] & 0xff;
    if (first < 0xc2 || first > 0xf4) {
      return 0;
    }
    int length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (end - i < length) {
      return 0;
    }
    int second = bytes[i + 1] & 0xff;
    // Neither longer than needed, nor a surrogate, nor above U+10FFFF.
    int lowest = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    int highest = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (second < lowest || second > highest) {
      return 0;
    }
    for (int k = 2; k < length; k++) {
      if ((bytes[i + k] & 0xc0) != 0x80) {
        return 0;
      }
    }
    return length;
  }
}
