package dev.tidemark.wal.internal;

/// The bytes that a fuzzer made up, taken as a row of choices. Where they end, all further choices
/// are 0, so every row of bytes is one of choices. Numbers stand as they are, little-endian: a
/// fuzzer that sees with what a number is compared can put that in its place.
final class Choices {
  private static final long[] INTERESTING = {
    0,
    1,
    -1,
    64,
    255,
    256,
    4096,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    1L << 30,
    1L << 32,
    Long.MAX_VALUE,
    Long.MAX_VALUE - 1,
    Long.MIN_VALUE
  };

  private final byte[] bytes;
  private int at;

  Choices(byte[] bytes) {
    this.bytes = bytes;
  }

  /// {@return whether nothing is left to choose by}
  boolean ended() {
    return at >= bytes.length;
  }

  /// {@return the next byte, 0 to 255}
  int octet() {
    return at < bytes.length ? Byte.toUnsignedInt(bytes[at++]) : 0;
  }

  /// {@return the next number, of so many bytes}
  long number(int size) {
    long number = 0;
    for (int i = 0; i < size; i++) {
      number |= (long) octet() << (8 * i);
    }
    return number;
  }

  /// {@return one of the numbers from 0 to below a bound}
  int below(int bound) {
    return (int) ((bound <= 256 ? octet() : number(bound <= 1 << 16 ? 2 : 4)) % bound);
  }

  boolean coin() {
    return (octet() & 1) != 0;
  }

  /// {@return a number to be put in the place of another: any, one that is often forgotten, or one
  /// near it}
  ///
  /// @param size in bytes
  /// @param before what stands there
  long value(int size, long before) {
    return switch (octet() & 3) {
      case 0 -> INTERESTING[below(INTERESTING.length)];
      case 1 -> before + (byte) octet();
      case 2 -> before + (((byte) octet()) << 6); // frames begin at multiples of 64
      default -> number(size);
    };
  }
}
