package dev.tidemark.wal.internal;

import static dev.tidemark.wal.internal.FrameLayout.INT;

import dev.tidemark.wal.Compression;
import dev.tidemark.wal.CorruptWalException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The records of one frame, one behind the other. For one thread at a time.
///
/// The payload is whole, for its checksum held; what is in it is bounded all the same before it is
/// used: a checksum says who wrote the bytes, not that they make sense.
final class FrameRecords {
  private final Codecs codecs;
  private final Function<String, CorruptWalException> corrupt;

  // All below: owned by the one thread that uses this.
  private MemorySegment payload = MemorySegment.NULL; // decompressed
  private long at; // behind the current record, in bytes
  private int length; // of the current record, in bytes
  private long lsn; // of the current record; one less than the first before it
  private long lastLsn;
  private @Nullable MemorySegment raw;

  /// @param corrupt makes the exception for a frame in which something is wrong, from the reason
  FrameRecords(Codecs codecs, Function<String, CorruptWalException> corrupt) {
    this.codecs = codecs;
    this.corrupt = corrupt;
  }

  /// Goes before the first record of a frame.
  ///
  /// @param stored the frame's payload as stored; used until the next `enter` or `leave`
  /// @throws IOException if its codec is not to be had
  void enter(FrameHeader frame, MemorySegment stored) throws IOException {
    payload = frame.codec == 0 ? stored : decompress(frame, stored);
    at = 0;
    lsn = frame.firstLsn - 1;
    lastLsn = frame.lastLsn();
  }

  /// Forgets the frame.
  void leave() {
    payload = MemorySegment.NULL;
    lsn = 0;
    lastLsn = 0;
  }

  private MemorySegment decompress(FrameHeader frame, MemorySegment stored) throws IOException {
    Compression codec = codecs.of(frame.codec);
    if (frame.rawBytes > codec.maxRawBytes(stored.byteSize())) { // before memory is taken for it
      throw corrupt.apply(
          "cannot have the " + frame.rawBytes + " bytes that its header says, in " + codec.name());
    }
    MemorySegment target = raw;
    if (target == null || target.byteSize() < frame.rawBytes) {
      target = Arena.ofAuto().allocate(frame.rawBytes, 64);
      raw = target;
    }
    MemorySegment exact = target.asSlice(0, frame.rawBytes);
    try {
      codec.decompress(stored, exact);
    } catch (IllegalArgumentException e) {
      CorruptWalException corruption = corrupt.apply("cannot be decompressed: " + e.getMessage());
      corruption.initCause(e);
      throw corruption;
    }
    return exact.asReadOnly();
  }

  /// {@return whether there is another record}
  boolean hasNext() {
    return lsn < lastLsn;
  }

  /// Goes to the next record.
  ///
  /// @return false if it is void
  boolean next() throws CorruptWalException {
    if (at + FrameLayout.LENGTH_BYTES > payload.byteSize()) {
      throw corrupt.apply("has fewer records than its header says");
    }
    int stated = payload.get(INT, at);
    at += FrameLayout.LENGTH_BYTES;
    lsn++;
    boolean isVoid = stated == FrameLayout.VOID_LENGTH;
    length = isVoid ? 0 : stated;
    if (length < 0 || at + length > payload.byteSize()) {
      throw corrupt.apply("has a record of an impossible length " + stated);
    }
    at += length;
    return !isVoid;
  }

  /// {@return where in the decompressed payload the next record begins with its length, in bytes}
  long offset() {
    return at;
  }

  /// {@return the LSN of the current record}
  long lsn() {
    return lsn;
  }

  /// {@return the bytes of the current record, read-only}
  MemorySegment bytes() {
    return payload.asSlice(at - length, length).asReadOnly();
  }
}
