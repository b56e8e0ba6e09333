package dev.tidemark.wal.internal;

import static dev.tidemark.wal.internal.FrameLayout.INT;

import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/// Reads frames of one segment through a window that moves forward. For one thread at a time.
///
/// Memory is bounded by the largest frame whose header is valid and which fits into the file.
final class FrameReader {
  private static final int LEAST_WINDOW_BYTES = 4 << 10;
  private static final int WINDOW_BYTES = 256 << 10;

  /// What stands at an offset.
  enum Found {
    /// A whole frame: header and payload are what was written.
    FRAME,
    /// A header of this segment for this offset, with a payload that is not its own.
    HEADER_ONLY,
    /// No header of this segment for this offset.
    NOTHING
  }

  // All fields: owned by the one thread that uses this.
  private final PlacedChecksum checksum = new PlacedChecksum();
  private final FrameHeader header = new FrameHeader();
  private MemorySegment window;
  private ByteBuffer view;
  private StorageFile file;
  private long limit;
  private long windowOffset;
  private int windowLength;
  private int payloadAt;

  FrameReader(StorageFile file, SegmentHeader segment) {
    this.file = file;
    window = Arena.ofAuto().allocate(windowBytes(segment), 64);
    view = window.asByteBuffer();
    enter(file, segment);
  }

  // No larger than a small segment.
  private static long windowBytes(SegmentHeader segment) {
    return Math.clamp(segment.fileBytes(), LEAST_WINDOW_BYTES, WINDOW_BYTES);
  }

  /// Goes to another segment.
  void enter(StorageFile next, SegmentHeader segment) {
    file = next;
    limit = segment.limit();
    checksum.enter(segment);
    windowLength = 0;
    if (window.byteSize() < windowBytes(segment)) {
      grow(windowBytes(segment));
    }
  }

  private void grow(long bytes) {
    window = Arena.ofAuto().allocate(FrameLayout.align(bytes), 64);
    view = window.asByteBuffer();
  }

  /// Forgets what was read, so that the next call sees what was written meanwhile.
  void refresh() {
    windowLength = 0;
  }

  /// {@return the size of the file, in bytes}
  long fileBytes() throws IOException {
    return file.size();
  }

  /// Reads the frame at an offset.
  ///
  /// @return what is there; [#header()] is meaningful unless nothing is
  Found read(long offset) throws IOException {
    Found found = readHeader(offset);
    if (found == Found.NOTHING) {
      return found;
    }
    if (offset + header.frameBytes() > limit || !cover(offset, header.frameBytes())) {
      return Found.HEADER_ONLY;
    }
    payloadAt = (int) (offset - windowOffset) + FrameLayout.HEADER_BYTES;
    int crc = checksum.of(offset, view, payloadAt, header.storedBytes);
    return crc == header.payloadCrc ? Found.FRAME : Found.HEADER_ONLY;
  }

  /// Reads the header at an offset, and not the payload.
  ///
  /// @return [Found#HEADER_ONLY] or [Found#NOTHING]
  Found readHeader(long offset) throws IOException {
    if (offset + FrameLayout.HEADER_BYTES > limit || !cover(offset, FrameLayout.HEADER_BYTES)) {
      return Found.NOTHING;
    }
    int at = (int) (offset - windowOffset);
    return header.read(window, view, at, offset, checksum) ? Found.HEADER_ONLY : Found.NOTHING;
  }

  /// {@return the header read last, valid until the next read}
  FrameHeader header() {
    return header;
  }

  /// {@return the stored payload of the frame read last, valid until the next read}
  MemorySegment payload() {
    return window.asSlice(payloadAt, header.storedBytes).asReadOnly();
  }

  /// {@return whether all bytes from an offset up to another are zero; false if the file ends
  /// before}
  boolean isZero(long offset, long length) throws IOException {
    return cover(offset, length) && SegmentHeader.isZero(window, offset - windowOffset, length);
  }

  /// {@return whether the four bytes that a frame begins with stand at an offset}
  boolean hasMagic(long offset) throws IOException {
    return cover(offset, Integer.BYTES)
        && window.get(INT, offset - windowOffset) == FrameLayout.MAGIC;
  }

  // Makes the window hold [offset, offset + length); false if the file ends before that.
  private boolean cover(long offset, long length) throws IOException {
    if (offset >= windowOffset && offset + length <= windowOffset + windowLength) {
      return true;
    }
    if (length > window.byteSize()) {
      if (offset + length > file.size()) {
        return false; // before memory is taken for what is not there
      }
      grow(length);
    }
    windowOffset = offset;
    windowLength = 0;
    windowLength = file.read(offset, window);
    return length <= windowLength;
  }
}
