package dev.tidemark.wal.internal;

import static dev.tidemark.wal.internal.FrameLayout.INT;
import static dev.tidemark.wal.internal.FrameLayout.LONG;
import static dev.tidemark.wal.internal.FrameLayout.SHORT;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;

/// A frame header that was read, one after the other in the same object. For one thread at a time.
final class FrameHeader {
  // All owned by the one thread that uses this.
  int kind;
  int codec;
  int flags;
  long firstLsn;
  int records;
  int storedBytes;
  int rawBytes;
  int payloadCrc;
  long durableLsn;
  int previousCrc;
  int headerCrc;

  /// Reads a header and checks that it belongs where it stands. Nothing in it is believed before.
  ///
  /// @param source holds at least 64 bytes from `at`
  /// @param buffer the same memory as `source`
  /// @param at where in them the header begins, in bytes
  /// @param offset where in the segment it stands, in bytes
  /// @param checksum set to the segment
  /// @return false if there is no header of this segment for this offset; the fields are then
  ///   undefined
  boolean read(
      MemorySegment source, ByteBuffer buffer, int at, long offset, PlacedChecksum checksum) {
    if (source.get(INT, at + FrameLayout.MAGIC_AT) != FrameLayout.MAGIC) {
      return false;
    }
    headerCrc = source.get(INT, at + FrameLayout.HEADER_CRC_AT);
    if (headerCrc != checksum.of(offset, buffer, at, FrameLayout.HEADER_CRC_AT)) {
      return false;
    }
    kind = Byte.toUnsignedInt(source.get(ValueLayout.JAVA_BYTE, at + FrameLayout.KIND_AT));
    codec = Byte.toUnsignedInt(source.get(ValueLayout.JAVA_BYTE, at + FrameLayout.CODEC_AT));
    flags = Short.toUnsignedInt(source.get(SHORT, at + FrameLayout.FLAGS_AT));
    firstLsn = source.get(LONG, at + FrameLayout.FIRST_LSN_AT);
    records = source.get(INT, at + FrameLayout.RECORDS_AT);
    storedBytes = source.get(INT, at + FrameLayout.STORED_BYTES_AT);
    rawBytes = source.get(INT, at + FrameLayout.RAW_BYTES_AT);
    payloadCrc = source.get(INT, at + FrameLayout.PAYLOAD_CRC_AT);
    durableLsn = source.get(LONG, at + FrameLayout.DURABLE_LSN_AT);
    previousCrc = source.get(INT, at + FrameLayout.PREVIOUS_CRC_AT);
    return plausible();
  }

  // A header with a good checksum can still be a forgery or a bug; a length is bounded before it is
  // used.
  private boolean plausible() {
    return firstLsn > 0
        && firstLsn < FrameLayout.LSNS
        && records >= 0
        && storedBytes >= 0
        && storedBytes <= FrameLayout.MAX_PAYLOAD_BYTES
        && rawBytes >= storedBytes
        && rawBytes <= FrameLayout.MAX_PAYLOAD_BYTES
        && (long) records * FrameLayout.LENGTH_BYTES <= rawBytes
        && durableLsn >= 0
        && durableLsn < firstLsn
        && (records == 0 || kind < FrameLayout.KIND_MARK || kind > FrameLayout.KIND_HOLE);
  }

  /// {@return the last LSN in the frame; one less than the first if it has no record}
  long lastLsn() {
    return firstLsn + records - 1;
  }

  /// {@return its size on disk, in bytes}
  long frameBytes() {
    return FrameLayout.frameBytes(storedBytes);
  }

  /// {@return whether a reader may begin here: no batch is cut}
  boolean begins() {
    return kind != FrameLayout.KIND_RECORDS || isFirst();
  }

  boolean isFirst() {
    return (flags & FrameLayout.FLAG_FIRST) != 0;
  }

  boolean isLast() {
    return (flags & FrameLayout.FLAG_LAST) != 0;
  }

  private boolean isOptional() {
    return (flags & FrameLayout.FLAG_OPTIONAL) != 0;
  }

  /// {@return whether this code must refuse the log, because it cannot know what the frame means}
  boolean isTooNew() {
    boolean known = kind >= FrameLayout.KIND_RECORDS && kind <= FrameLayout.KIND_HOLE;
    boolean mayBeSkipped = isOptional() && records == 0; // records are never optional
    return known ? !isOptional() && (flags & ~FrameLayout.KNOWN_FLAGS) != 0 : !mayBeSkipped;
  }
}
