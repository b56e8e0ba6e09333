package dev.tidemark.ingest.lineprotocol;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A run of bytes inside an array that somebody else owns: a name or a text, unescaped, valid
/// UTF-8.
///
/// Slices are equal when their bytes are, so a copy serves as the key of a map and a borrowed slice
/// finds it. A slice given out by a [Point] is lent and changes with the next line; [#copy()] is
/// yours. Not thread safe while lent; a copy never changes.
public final class Slice {
  private static final byte[] NONE = new byte[0];

  // Owned by the parser that lends the slice; a copy's never change.
  private byte[] bytes;
  private int offset;
  private int length;

  Slice() {
    this.bytes = NONE;
  }

  private Slice(byte[] bytes) {
    this.bytes = bytes;
    this.length = bytes.length;
  }

  /// {@return a slice with its own copy of a text's UTF-8 bytes}
  ///
  /// @param text any text
  public static Slice of(String text) {
    return new Slice(text.getBytes(StandardCharsets.UTF_8));
  }

  /// {@return a slice with its own copy of these bytes}
  public Slice copy() {
    return new Slice(toBytes());
  }

  /// {@return the array the bytes are in; never write to it}
  public byte[] array() {
    return bytes;
  }

  /// {@return where the bytes start in [#array()]}
  public int offset() {
    return offset;
  }

  /// {@return how many bytes}
  public int length() {
    return length;
  }

  /// {@return one byte}
  ///
  /// @param index which, from 0
  /// @throws IndexOutOfBoundsException if there is no such byte
  public byte byteAt(int index) {
    return bytes[offset + Objects.checkIndex(index, length)];
  }

  /// {@return the bytes in an array of their own}
  public byte[] toBytes() {
    return Arrays.copyOfRange(bytes, offset, offset + length);
  }

  /// {@return whether the bytes are the same}
  ///
  /// @param other what to compare with
  public boolean isSame(Slice other) {
    return length == other.length
        && Arrays.equals(
            bytes, offset, offset + length, other.bytes, other.offset, other.offset + length);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Slice slice && isSame(slice);
  }

  /// {@return a hash of the bytes, computed at every call}
  @Override
  public int hashCode() {
    int hash = 1;
    for (int i = offset, end = offset + length; i < end; i++) {
      hash = 31 * hash + bytes[i];
    }
    return hash;
  }

  /// {@return the bytes read as UTF-8}
  @Override
  public String toString() {
    return new String(bytes, offset, length, StandardCharsets.UTF_8);
  }

  void set(byte[] array, int from, int count) {
    bytes = array;
    offset = from;
    length = count;
  }

  /// Lets go of the array, so that an idle parser pins no body.
  void release() {
    bytes = NONE;
    offset = 0;
    length = 0;
  }
}
