package dev.tidemark.formats;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;

/// Encodes into memory that grows. The counterpart of [ByteReader].
///
/// For one thread at a time. To be used again and again: [#clear()] keeps the memory.
public final class ByteWriter {
  // Big-endian; what is before the position has been written. Owned by the caller's thread.
  private ByteBuffer bytes;

  /// @param capacity for how many bytes memory is taken at first
  public ByteWriter(int capacity) {
    bytes = ByteBuffer.allocate(capacity).order(ByteOrder.BIG_ENDIAN);
  }

  /// {@return how many bytes were written}
  public int size() {
    return bytes.position();
  }

  /// {@return what was written, as a view that is good until this writer is used again}
  public ByteBuffer written() {
    return bytes.duplicate().flip();
  }

  /// Forgets what was written.
  public void clear() {
    bytes.clear();
  }

  /// {@return this}
  ///
  /// @param value its lowest 8 bits are written
  public ByteWriter octet(int value) {
    room(1).put((byte) value);
    return this;
  }

  /// {@return this}
  ///
  /// @param value its lowest 16 bits are written, the least significant first
  public ByteWriter short16LittleEndian(int value) {
    room(2).putShort(Short.reverseBytes((short) value));
    return this;
  }

  /// {@return this}
  ///
  /// @param value its lowest 16 bits are written, the most significant first
  public ByteWriter short16BigEndian(int value) {
    room(2).putShort((short) value);
    return this;
  }

  /// {@return this}
  ///
  /// @param value is written, the least significant first
  public ByteWriter int32LittleEndian(int value) {
    room(4).putInt(Integer.reverseBytes(value));
    return this;
  }

  /// {@return this}
  ///
  /// @param value is written, the most significant first
  public ByteWriter int32BigEndian(int value) {
    room(4).putInt(value);
    return this;
  }

  /// {@return this}
  ///
  /// @param value is written, the least significant first
  public ByteWriter int64LittleEndian(long value) {
    room(8).putLong(Long.reverseBytes(value));
    return this;
  }

  /// {@return this}
  ///
  /// @param value is written, the most significant first
  public ByteWriter int64BigEndian(long value) {
    room(8).putLong(value);
    return this;
  }

  /// {@return this}
  ///
  /// @param value is written as an IEEE 754 number of 64 bits, the most significant first
  public ByteWriter doubleBigEndian(double value) {
    return int64BigEndian(Double.doubleToRawLongBits(value));
  }

  /// {@return this}
  ///
  /// @param value is written without a sign, 7 bits to a byte, the least significant first
  public ByteWriter varint(long value) {
    room(10);
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      bytes.put((byte) (rest | 0x80));
      rest >>>= 7;
    }
    bytes.put((byte) rest);
    return this;
  }

  /// {@return this}
  ///
  /// @param value is written as a [#varint] whose lowest bit is the sign ("zig-zag")
  public ByteWriter zigZag(long value) {
    return varint((value << 1) ^ (value >> 63));
  }

  /// {@return this}
  ///
  /// @param source is written from position to limit; its position stays
  public ByteWriter bytes(ByteBuffer source) {
    int length = source.remaining();
    room(length);
    bytes.put(bytes.position(), source, source.position(), length);
    bytes.position(bytes.position() + length);
    return this;
  }

  /// {@return this}
  ///
  /// @param source is written behind its length, a [#varint]; its position stays
  public ByteWriter lengthAndBytes(ByteBuffer source) {
    return varint(source.remaining()).bytes(source);
  }

  /// Writes over what was written.
  ///
  /// @param at where, in bytes from the beginning
  /// @param value is written, the least significant first
  public void int32LittleEndianAt(int at, int value) {
    written(at, 4).putInt(at, Integer.reverseBytes(value));
  }

  /// Writes over what was written.
  ///
  /// @param at where, in bytes from the beginning
  /// @param value is written, the least significant first
  public void int64LittleEndianAt(int at, long value) {
    written(at, 8).putLong(at, Long.reverseBytes(value));
  }

  private ByteBuffer written(int at, int length) {
    Objects.checkFromIndexSize(at, length, bytes.position());
    return bytes;
  }

  private ByteBuffer room(int length) {
    if (length > bytes.remaining()) {
      long wanted = (long) bytes.position() + length;
      if (wanted > Integer.MAX_VALUE - 8) {
        throw new IllegalArgumentException("a record of more than 2 GiB: " + wanted + " bytes");
      }
      int capacity = (int) Math.min(Integer.MAX_VALUE - 8, Math.max(wanted, 2L * bytes.capacity()));
      bytes = ByteBuffer.allocate(capacity).order(ByteOrder.BIG_ENDIAN).put(bytes.flip());
    }
    return bytes;
  }
}
