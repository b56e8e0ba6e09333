package dev.tidemark.wal.internal;

import static dev.tidemark.wal.internal.FrameLayout.INT;
import static dev.tidemark.wal.internal.FrameLayout.LONG;
import static dev.tidemark.wal.internal.FrameLayout.SHORT;

import dev.tidemark.wal.Compression;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// Builds frames in a buffer, one behind the other as they will stand in the segment.
///
/// ```
/// buffer: | frame | frame | open frame: header, payload so far … |
///         ^ segment offset `start`       ^ frameAt              ^ payloadEnd
/// ```
///
/// For the lease holder only. Allocates only when a frame larger than any before it comes.
final class FrameWriter {
  private static final int FIRST_BUFFER_BYTES = 1 << 20;
  private static final long MAX_BUFFER_BYTES = Integer.MAX_VALUE & -64; // what a ByteBuffer spans

  // All fields: owned by the lease holder.
  private final PlacedChecksum checksum = new PlacedChecksum();
  private final @Nullable Compression compression;
  private MemorySegment buffer;
  private ByteBuffer view;
  private @Nullable MemorySegment scratch; // compressed payload, before it replaces the raw one
  private long start;
  private int chain;
  private int frameAt;
  private int payloadEnd;
  private long firstLsn;
  private int records;

  FrameWriter(int stagingBytes, @Nullable Compression compression) {
    this.compression = compression;
    buffer = Arena.ofAuto().allocate(Math.min(FIRST_BUFFER_BYTES, 2L * stagingBytes), 64);
    view = buffer.asByteBuffer();
  }

  /// Goes to a place in a segment, with an empty buffer.
  ///
  /// @param offset where the next frame will stand, in bytes
  /// @param previousCrc the header CRC of the frame before
  void enter(SegmentHeader segment, long offset, int previousCrc) {
    checksum.enter(segment);
    start = offset;
    chain = previousCrc;
    frameAt = 0;
    records = 0;
    payloadEnd = 0;
  }

  /// {@return where the next frame would stand if the open one were closed now, in bytes}
  long end() {
    return start + bufferedBytes();
  }

  /// {@return the size of all frames in the buffer, the open one included, in bytes}
  int bufferedBytes() {
    return records == 0 ? frameAt : (int) FrameLayout.align(payloadEnd);
  }

  /// {@return the header CRC of the last closed frame}
  int chain() {
    return chain;
  }

  /// {@return whether the open frame can share itself with this much more payload}
  boolean canShare(long moreBytes) {
    return records > 0
        && payloadEnd - frameAt - FrameLayout.HEADER_BYTES + moreBytes
            <= FrameLayout.MAX_SHARED_PAYLOAD_BYTES;
  }

  /// {@return whether a frame is open}
  boolean isOpen() {
    return records > 0;
  }

  /// Adds the next record in staging to the open frame, or opens one.
  void add(long lsn, Staging staging, int length) {
    int at = begin(lsn, length);
    staging.copyPayload(buffer, at);
  }

  /// Adds a record of a batch to the open frame, or opens one.
  void add(long lsn, dev.tidemark.wal.Batch batch, int index) {
    int length = batch.recordBytes(index);
    int at = begin(lsn, length);
    batch.copy(index, 0, buffer, at, length);
  }

  /// Adds a record that keeps its LSN and is never delivered.
  void addVoid(long lsn) {
    int at = begin(lsn, 0);
    buffer.set(INT, at - FrameLayout.LENGTH_BYTES, FrameLayout.VOID_LENGTH);
  }

  // Returns where in the buffer the record's bytes go.
  private int begin(long lsn, int length) {
    if (records == 0) {
      firstLsn = lsn;
      payloadEnd = frameAt + FrameLayout.HEADER_BYTES;
    }
    assert lsn == firstLsn + records;
    int at = payloadEnd + FrameLayout.LENGTH_BYTES;
    reserve(at + (long) length);
    buffer.set(INT, payloadEnd, length);
    payloadEnd = at + length;
    records++;
    return at;
  }

  // Room for `bytes`, the padding behind them and the 64 zero bytes of the end.
  private void reserve(long bytes) {
    long needed = FrameLayout.align(bytes) + FrameLayout.ALIGNMENT;
    if (needed <= buffer.byteSize()) {
      return;
    }
    MemorySegment larger =
        Arena.ofAuto()
            .allocate(Math.max(needed, Math.min(2 * buffer.byteSize(), MAX_BUFFER_BYTES)), 64);
    MemorySegment.copy(buffer, 0, larger, 0, payloadEnd);
    buffer = larger;
    view = larger.asByteBuffer();
  }

  /// Closes the open frame, if any.
  ///
  /// @param flags [FrameLayout#FLAG_FIRST], [FrameLayout#FLAG_LAST], both or none
  /// @param durableLsn the promise it carries
  void close(int flags, long durableLsn) {
    if (records == 0) {
      return;
    }
    int raw = payloadEnd - frameAt - FrameLayout.HEADER_BYTES;
    int stored = compression == null ? raw : compress(compression, raw);
    int codec = stored == raw || compression == null ? 0 : compression.id();
    header(FrameLayout.KIND_RECORDS, codec, flags, firstLsn, records, stored, raw, durableLsn);
    records = 0;
  }

  /// Adds a frame without records.
  ///
  /// @param nextLsn the LSN that the next record will have
  void addEmpty(int kind, long nextLsn, long durableLsn) {
    assert records == 0;
    payloadEnd = frameAt;
    reserve(frameAt + (long) FrameLayout.HEADER_BYTES);
    header(kind, 0, FrameLayout.FLAGS_ALONE, nextLsn, 0, 0, 0, durableLsn);
  }

  /// Adds a frame that has a payload and no records.
  ///
  /// @param nextLsn the LSN that the next record will have
  void addWithoutRecords(int kind, long nextLsn, long durableLsn, MemorySegment payload) {
    assert records == 0;
    int bytes = (int) payload.byteSize();
    payloadEnd = frameAt;
    reserve(frameAt + FrameLayout.frameBytes(bytes));
    MemorySegment.copy(payload, 0, buffer, frameAt + (long) FrameLayout.HEADER_BYTES, bytes);
    int both = FrameLayout.FLAGS_ALONE;
    header(kind, 0, both, nextLsn, 0, bytes, bytes, durableLsn);
  }

  // Replaces the payload by its compressed form if that is smaller; returns the stored size.
  private int compress(Compression codec, int raw) {
    long bound = codec.maxCompressedBytes(raw);
    MemorySegment target = scratch;
    if (target == null || target.byteSize() < bound) {
      target = Arena.ofAuto().allocate(bound, 64);
      scratch = target;
    }
    long payloadAt = frameAt + (long) FrameLayout.HEADER_BYTES;
    int compressed = codec.compress(buffer.asSlice(payloadAt, raw), target);
    if (compressed >= raw || raw > codec.maxRawBytes(compressed)) { // or no reader would take it
      return raw;
    }
    MemorySegment.copy(target, 0, buffer, payloadAt, compressed);
    return compressed;
  }

  private void header(
      int kind, int codec, int flags, long lsn, int count, int stored, int raw, long durableLsn) {
    assert durableLsn < lsn : "a frame cannot promise itself";
    int at = frameAt;
    int payloadAt = at + FrameLayout.HEADER_BYTES;
    int next = at + (int) FrameLayout.frameBytes(stored);
    for (int pad = payloadAt + stored; pad < next; pad++) {
      buffer.set(ValueLayout.JAVA_BYTE, pad, (byte) 0); // fill() would need a slice, an object
    }
    buffer.set(INT, at + FrameLayout.MAGIC_AT, FrameLayout.MAGIC);
    buffer.set(ValueLayout.JAVA_BYTE, at + FrameLayout.KIND_AT, (byte) kind);
    buffer.set(ValueLayout.JAVA_BYTE, at + FrameLayout.CODEC_AT, (byte) codec);
    buffer.set(SHORT, at + FrameLayout.FLAGS_AT, (short) flags);
    buffer.set(LONG, at + FrameLayout.FIRST_LSN_AT, lsn);
    buffer.set(INT, at + FrameLayout.RECORDS_AT, count);
    buffer.set(INT, at + FrameLayout.STORED_BYTES_AT, stored);
    buffer.set(INT, at + FrameLayout.RAW_BYTES_AT, raw);
    buffer.set(LONG, at + FrameLayout.DURABLE_LSN_AT, durableLsn);
    buffer.set(INT, at + FrameLayout.PREVIOUS_CRC_AT, chain);
    buffer.set(INT, at + FrameLayout.ZEROS_AT, 0);
    buffer.set(LONG, at + FrameLayout.ZEROS_AT + 4L, 0);
    buffer.set(INT, at + FrameLayout.ZEROS_AT + 12L, 0);
    long offset = start + at;
    buffer.set(INT, at + FrameLayout.PAYLOAD_CRC_AT, checksum.of(offset, view, payloadAt, stored));
    chain = checksum.of(offset, view, at, FrameLayout.HEADER_CRC_AT);
    buffer.set(INT, at + FrameLayout.HEADER_CRC_AT, chain);
    frameAt = next;
  }

  /// {@return the memory that holds the closed frames from its first byte on, and 64 zero bytes
  /// behind them}
  MemorySegment closedFrames() {
    assert records == 0;
    for (int at = 0; at < FrameLayout.ALIGNMENT; at += Long.BYTES) {
      buffer.set(LONG, frameAt + (long) at, 0);
    }
    return buffer;
  }

  /// Forgets the closed frames, which were written, and goes on behind them.
  void written() {
    start += frameAt;
    frameAt = 0;
    payloadEnd = 0;
  }
}
