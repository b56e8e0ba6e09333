package dev.tidemark.testkit.explorer;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/// A record that says who appended it: one of a batch, or alone. Its bytes follow from it.
///
/// @param caller who
/// @param number of the append, from 0, of that caller
/// @param index in its batch
/// @param count of records in its batch
/// @param bytes how large it is
record Word(int caller, int number, int index, int count, int bytes) {
  private static final int HEADER_BYTES = 20;

  /// {@return the bytes of the record}
  byte[] record() {
    byte[] record = new byte[HEADER_BYTES + bytes];
    Arrays.fill(record, (byte) (caller * 31 + number * 7 + index));
    ByteBuffer.wrap(record).putInt(caller).putInt(number).putInt(index).putInt(count).putInt(bytes);
    return record;
  }

  /// {@return what a record says}
  ///
  /// @throws AssertionError if it is none, or not as it was made
  static Word of(byte[] record) {
    try {
      ByteBuffer in = ByteBuffer.wrap(record);
      Word word = new Word(in.getInt(), in.getInt(), in.getInt(), in.getInt(), in.getInt());
      if (word.bytes == record.length - HEADER_BYTES && Arrays.equals(word.record(), record)) {
        return word;
      }
    } catch (BufferUnderflowException e) {
      // no such record
    }
    throw new AssertionError("no record of anybody: " + record.length + " bytes");
  }

  /// {@return whether another record of the same caller comes right behind this one}
  boolean isFollowedBy(Word next) {
    return index + 1 < count
        ? next.equals(new Word(caller, number, index + 1, count, bytes))
        : next.number > number && next.index == 0;
  }
}
