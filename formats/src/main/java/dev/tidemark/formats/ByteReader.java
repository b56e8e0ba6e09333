package dev.tidemark.formats;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Decodes hostile bytes, first to last: every length is held against what is there before anything
/// is done with it, and nothing is copied.
///
/// For one thread at a time. All methods throw [FormatException], naming what they wanted and
/// where, if the bytes do not hold it; the position is then where it began.
public final class ByteReader {
  // A view of its own, so that positions are not shared; big-endian. Owned by the caller's thread.
  private final ByteBuffer bytes;
  private final int start;

  private ByteReader(ByteBuffer bytes) {
    this.bytes = bytes;
    start = bytes.position();
  }

  /// Reads from position to limit.
  ///
  /// @param bytes stays as it is, and must not change meanwhile
  /// @return a reader at the beginning
  public static ByteReader of(ByteBuffer bytes) {
    return new ByteReader(bytes.duplicate().order(ByteOrder.BIG_ENDIAN));
  }

  /// {@return how many bytes are left}
  public int remaining() {
    return bytes.remaining();
  }

  /// {@return whether any bytes are left}
  public boolean hasRemaining() {
    return bytes.hasRemaining();
  }

  /// {@return how many bytes have been read}
  public int offset() {
    return bytes.position() - start;
  }

  /// {@return the exception to throw for what stands here}
  ///
  /// @param reason what is wrong with it
  public FormatException wrong(String reason) {
    return new FormatException(reason, offset());
  }

  /// {@return the next 8 bits}
  ///
  /// @param what they are, for the message
  /// @throws FormatException see above
  public int octet(String what) throws FormatException {
    return want(1, what).get() & 0xff;
  }

  /// {@return the next 16 bits, the least significant first, without a sign}
  ///
  /// @param what they are, for the message
  /// @throws FormatException see above
  public int short16LittleEndian(String what) throws FormatException {
    return Short.reverseBytes(want(2, what).getShort()) & 0xffff;
  }

  /// {@return the next 16 bits, the most significant first, without a sign}
  ///
  /// @param what they are, for the message
  /// @throws FormatException see above
  public int short16BigEndian(String what) throws FormatException {
    return want(2, what).getShort() & 0xffff;
  }

  /// {@return the next 32 bits, the least significant first, without a sign}
  ///
  /// @param what they are, for the message
  /// @throws FormatException see above
  public long int32LittleEndian(String what) throws FormatException {
    return Integer.toUnsignedLong(Integer.reverseBytes(want(4, what).getInt()));
  }

  /// {@return the next 32 bits, the most significant first, without a sign}
  ///
  /// @param what they are, for the message
  /// @throws FormatException see above
  public long int32BigEndian(String what) throws FormatException {
    return Integer.toUnsignedLong(want(4, what).getInt());
  }

  /// {@return the next 64 bits, the least significant first}
  ///
  /// @param what they are, for the message
  /// @throws FormatException see above
  public long int64LittleEndian(String what) throws FormatException {
    return Long.reverseBytes(want(8, what).getLong());
  }

  /// {@return the next 64 bits, the most significant first}
  ///
  /// @param what they are, for the message
  /// @throws FormatException see above
  public long int64BigEndian(String what) throws FormatException {
    return want(8, what).getLong();
  }

  /// {@return an IEEE 754 number of 64 bits, the most significant first}
  ///
  /// @param what it is, for the message
  /// @throws FormatException see above
  public double doubleBigEndian(String what) throws FormatException {
    return Double.longBitsToDouble(int64BigEndian(what));
  }

  /// {@return an unsigned number of up to 32 bits, 7 bits to a byte, the least significant first}
  /// One of more bits is refused, where some systems drop the bits above.
  ///
  /// @param what it is, for the message
  /// @throws FormatException see above
  public long varint32(String what) throws FormatException {
    int begin = bytes.position();
    long value = varint64(what);
    if (value >>> 32 != 0 || bytes.position() - begin > 5) {
      bytes.position(begin);
      throw wrong(what + " does not fit 32 bits");
    }
    return value;
  }

  /// {@return an unsigned number of up to 64 bits, 7 bits to a byte, the least significant first}
  ///
  /// @param what it is, for the message
  /// @throws FormatException see above
  public long varint64(String what) throws FormatException {
    int begin = bytes.position();
    long value = 0;
    for (int shift = 0; shift < 64 && bytes.hasRemaining(); shift += 7) {
      long octet = bytes.get() & 0xff;
      if (shift == 63 && octet > 1) {
        break;
      }
      value |= (octet & 0x7f) << shift;
      if (octet < 0x80) {
        return value;
      }
    }
    boolean cut = !bytes.hasRemaining() && bytes.position() - begin < 10;
    bytes.position(begin);
    throw wrong(cut ? what + " is cut short" : what + " does not fit 64 bits");
  }

  /// {@return a number with a sign whose lowest bit, in a [#varint64], is the sign ("zig-zag")}
  ///
  /// @param what it is, for the message
  /// @throws FormatException see above
  public long zigZag64(String what) throws FormatException {
    long value = varint64(what);
    return (value >>> 1) ^ -(value & 1);
  }

  /// {@return the next bytes, as a view of their own}
  ///
  /// @param length how many, as found in a file: anything
  /// @param what they are, for the message
  /// @throws FormatException see above
  public ByteBuffer bytes(long length, String what) throws FormatException {
    int from = want(length, what).position();
    bytes.position(from + (int) length);
    return bytes.slice(from, (int) length);
  }

  /// {@return bytes behind their length, a [#varint32], as a view of their own}
  ///
  /// @param what they are, for the message
  /// @throws FormatException see above
  public ByteBuffer lengthAndBytes(String what) throws FormatException {
    int begin = bytes.position();
    long length = varint32(what);
    if (length > bytes.remaining()) {
      int left = bytes.remaining();
      bytes.position(begin);
      throw wrong(what + " has " + length + " bytes, of which only " + left + " are there");
    }
    return bytes(length, what);
  }

  /// {@return bytes behind their length, a [#varint64], as a view of their own: also with a length
  /// that is written in more bytes than it needs, which programs in Go take}
  ///
  /// @param what they are, for the message
  /// @throws FormatException see above
  public ByteBuffer longLengthAndBytes(String what) throws FormatException {
    int begin = bytes.position();
    long length = varint64(what);
    if (Long.compareUnsigned(length, bytes.remaining()) > 0) {
      int left = bytes.remaining();
      bytes.position(begin);
      throw wrong(
          what
              + " has "
              + Long.toUnsignedString(length)
              + " bytes, of which only "
              + left
              + " are there");
    }
    return bytes(length, what);
  }

  private ByteBuffer want(long length, String what) throws FormatException {
    if (length < 0 || length > bytes.remaining()) {
      throw wrong(
          what
              + " has "
              + Long.toUnsignedString(length)
              + " bytes, of which only "
              + bytes.remaining()
              + " are there");
    }
    return bytes;
  }
}
