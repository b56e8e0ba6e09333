package dev.tidemark.leveldb;

import dev.tidemark.formats.FormatException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/// A walk over the keys of one block of a table. For one thread at a time.
///
/// The checksum of the block holds, but it may have been made by anybody: every length is held
/// against what is there, each step goes forward, and what keys share is bounded, so that a walk
/// takes no more than the size of the block many times over.
final class BlockCursor {
  /// How many bytes the keys of one walk may have together, for each byte of the block. Between two
  /// restarts of real tables are 16 keys, and hardly ever more.
  private static final int MOST_KEY_BYTES_PER_BYTE = 256;

  private static final int ALWAYS_ALLOWED_KEY_BYTES = 1 << 20;

  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final byte[] NONE = new byte[0];

  private final byte[] block;

  /// Where the restarts begin, which is where keys and values end.
  private final int restartsAt;

  private final int restarts;

  // All owned by the caller's thread.
  private boolean valid;
  private byte[] key = NONE;
  private int valueAt;
  private int next;
  private int parsedAt;

  /// How many bytes the keys had together that this walk went over.
  private long keyBytes;

  BlockCursor(byte[] block) throws FormatException {
    this.block = block;
    if (block.length < TableLayout.RESTART_BYTES) {
      throw new FormatException("a block of " + block.length + " bytes has no restarts", 0);
    }
    int countAt = block.length - TableLayout.RESTART_BYTES;
    restarts = (int) INT.get(block, countAt);
    if (restarts < 0 || restarts > countAt / TableLayout.RESTART_BYTES) {
      throw new FormatException(
          "a block of "
              + block.length
              + " bytes cannot have "
              + Integer.toUnsignedString(restarts)
              + " restarts",
          countAt);
    }
    restartsAt = countAt - restarts * TableLayout.RESTART_BYTES;
  }

  boolean valid() {
    return valid;
  }

  byte[] key() {
    return key;
  }

  byte[] value() {
    return Arrays.copyOfRange(block, valueAt, next);
  }

  void first() throws FormatException {
    begin(0);
    next();
  }

  /// Goes to the first key at or behind one.
  void seek(byte[] target) throws FormatException {
    int left = 0;
    int right = restarts - 1;
    while (left < right) {
      int middle = (left + right + 1) >>> 1;
      begin(restart(middle));
      if (!parse(true)) {
        throw wrong("a restart without a key");
      }
      if (InternalKeys.compare(key, target) < 0) {
        left = middle;
      } else {
        right = middle - 1;
      }
    }
    begin(restarts == 0 ? 0 : restart(left));
    do {
      next();
    } while (valid && InternalKeys.compare(key, target) < 0);
  }

  void next() throws FormatException {
    valid = parse(false);
  }

  private void begin(int offset) {
    valid = false;
    key = NONE;
    keyBytes = 0;
    next = offset;
  }

  private int restart(int index) throws FormatException {
    int offset = (int) INT.get(block, restartsAt + index * TableLayout.RESTART_BYTES);
    if (offset < 0 || offset > restartsAt) {
      parsedAt = restartsAt + index * TableLayout.RESTART_BYTES;
      throw wrong("a restart at " + Integer.toUnsignedString(offset));
    }
    return offset;
  }

  /// {@return whether there is a key}
  private boolean parse(boolean restart) throws FormatException {
    if (next >= restartsAt) {
      return false;
    }
    parsedAt = next;
    int shared = length();
    int unshared = length();
    int valueBytes = length();
    int keyAt = next;
    if (shared > key.length || (restart && shared != 0)) {
      throw wrong("a key shares " + shared + " bytes with one of " + key.length);
    }
    if (unshared > restartsAt - keyAt || valueBytes > restartsAt - keyAt - unshared) {
      throw wrong(
          "a key of "
              + unshared
              + " and a value of "
              + valueBytes
              + " bytes reach behind the "
              + restartsAt
              + " there are");
    }
    if (shared + unshared < InternalKeys.TAG_BYTES) {
      throw wrong("an internal key of " + (shared + unshared) + " bytes");
    }
    keyBytes += shared;
    if (keyBytes > ALWAYS_ALLOWED_KEY_BYTES + (long) MOST_KEY_BYTES_PER_BYTE * block.length) {
      throw wrong("the keys of a block of " + block.length + " bytes share too much");
    }
    byte[] joined = Arrays.copyOf(key, shared + unshared);
    System.arraycopy(block, keyAt, joined, shared, unshared);
    key = joined;
    valueAt = keyAt + unshared;
    next = valueAt + valueBytes;
    return true;
  }

  /// A varint32, without a sign, of at most 2^31 - 1: more than any block has.
  private int length() throws FormatException {
    int value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      if (next >= restartsAt) {
        throw wrong("a length is cut short");
      }
      int octet = block[next++] & 0xff;
      if (shift == 28 && octet > 7) {
        break;
      }
      value |= (octet & 0x7f) << shift;
      if (octet < 0x80) {
        return value;
      }
    }
    throw wrong("a length of more than 2^31 - 1");
  }

  private FormatException wrong(String reason) {
    valid = false;
    return new FormatException(reason, parsedAt);
  }
}
