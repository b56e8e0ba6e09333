package dev.tidemark.formats.loki;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/// Puts bytes together for tests, without any of the code that is tested.
final class Bytes {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  byte[] array() {
    return bytes.toByteArray();
  }

  ByteBuffer buffer() {
    return ByteBuffer.wrap(array());
  }

  int size() {
    return bytes.size();
  }

  Bytes octets(int... values) {
    for (int value : values) {
      bytes.write(value);
    }
    return this;
  }

  Bytes raw(byte[] value) {
    bytes.writeBytes(value);
    return this;
  }

  Bytes be32(long value) {
    return raw(ByteBuffer.allocate(4).putInt((int) value).array());
  }

  Bytes be64(long value) {
    return raw(ByteBuffer.allocate(8).putLong(value).array());
  }

  Bytes uvarint(long value) {
    long rest = value;
    while (Long.compareUnsigned(rest, 0x7f) > 0) {
      bytes.write((int) (rest & 0x7f) + 0x80);
      rest >>>= 7;
    }
    return octets((int) rest);
  }

  Bytes varint(long value) {
    return uvarint(value < 0 ? ~(value << 1) : value << 1);
  }

  Bytes text(String value) {
    return lengthAnd(value.getBytes(UTF_8));
  }

  Bytes lengthAnd(byte[] value) {
    return uvarint(value.length).raw(value);
  }

  /// A field of protobuf's.
  Bytes field(int number, byte[] value) {
    return uvarint(((long) number << 3) | 2).lengthAnd(value);
  }

  Bytes field(int number, long value) {
    return uvarint((long) number << 3).uvarint(value);
  }

  static int crc(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }
}
