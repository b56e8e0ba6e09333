package dev.tidemark.formats.banyandb;

import dev.tidemark.formats.ByteWriter;

/// Puts timestamps into their bit stream, bit by bit as version 0.5.0 did: its encoder begins with
/// a window of all 64 bits and never narrows it, so a timestamp that differs from the one before
/// takes 66 bits and a repeated one takes 1. The counterpart of [TimestampReader], where the layout
/// is. For one thread at a time.
final class TimestampWriter {
  private static final int DIFFERS = 0b10;

  // All owned by the caller's thread. Bits that fill no byte yet are the lowest of `pending`.
  private final ByteWriter whole = new ByteWriter(64);
  private int pending;
  private int pendingBits;
  private boolean first = true;
  private long before;

  /// {@return how many bytes the stream has with one more timestamp}
  ///
  /// @param timestamp the one more
  int bytesWith(long timestamp) {
    int more = first ? 64 : timestamp == before ? 1 : 66;
    return whole.size() + (pendingBits + more + 7) / 8;
  }

  /// Adds a timestamp.
  ///
  /// @param timestamp nanoseconds since 1970
  void add(long timestamp) {
    if (first) {
      put64(timestamp);
      first = false;
    } else if (timestamp == before) {
      put(0, 1);
    } else {
      put(DIFFERS, 2);
      put64(timestamp ^ before);
    }
    before = timestamp;
  }

  /// Copies the stream, its last byte filled with zeros.
  ///
  /// @param target the stream is appended to it
  void copyTo(ByteWriter target) {
    target.bytes(whole.written());
    if (pendingBits > 0) {
      target.octet(pending << (8 - pendingBits));
    }
  }

  /// {@return how many bytes the stream has}
  int bytes() {
    return whole.size() + (pendingBits + 7) / 8;
  }

  private void put64(long value) {
    for (int shift = 56; shift >= 0; shift -= 8) {
      put((int) (value >>> shift) & 0xff, 8);
    }
  }

  private void put(int value, int count) {
    pending = (pending << count) | value;
    pendingBits += count;
    if (pendingBits >= 8) {
      pendingBits -= 8;
      whole.octet(pending >>> pendingBits);
      pending &= (1 << pendingBits) - 1;
    }
  }
}
