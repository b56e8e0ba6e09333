package dev.tidemark.wal.internal;

import static dev.tidemark.wal.internal.FrameLayout.LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/// CRC-32C over bytes and the place they stand at: log id, segment number, nonce, byte offset.
///
/// For one thread at a time; allocates nothing per call.
final class PlacedChecksum {
  private static final int PLACE_BYTES = 40;

  // All owned by the one thread that uses this.
  private final CRC32C crc = new CRC32C();
  private final MemorySegment place = Arena.ofAuto().allocate(PLACE_BYTES, 8);
  private final ByteBuffer placeBuffer = place.asByteBuffer();

  /// Sets the segment whose frames are checked from now on.
  void enter(SegmentHeader segment) {
    place.set(LONG, 0, segment.logIdHigh());
    place.set(LONG, 8, segment.logIdLow());
    place.set(LONG, 16, segment.number());
    place.set(LONG, 24, segment.nonce());
  }

  /// Computes a checksum.
  ///
  /// @param offset where in the segment the frame begins, in bytes
  /// @param bytes a direct buffer; its position and limit are changed
  /// @param from the first byte
  /// @param length how many
  int of(long offset, ByteBuffer bytes, int from, int length) {
    place.set(LONG, 32, offset);
    crc.reset();
    placeBuffer.clear();
    crc.update(placeBuffer);
    bytes.limit(from + length).position(from);
    crc.update(bytes);
    bytes.clear();
    return (int) crc.getValue();
  }
}
