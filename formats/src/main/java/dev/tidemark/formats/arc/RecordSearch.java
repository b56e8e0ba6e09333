package dev.tidemark.formats.arc;

import static dev.tidemark.formats.arc.ArcLayout.CRC_AT;
import static dev.tidemark.formats.arc.ArcLayout.HEADER_BYTES;
import static dev.tidemark.formats.arc.ArcLayout.LENGTH_AT;
import static dev.tidemark.formats.arc.ArcLayout.TIMESTAMP_AT;

import dev.tidemark.formats.FileWindow;
import java.io.IOException;
import java.util.zip.CRC32;

/// Looks for the next whole record among bytes that are anything. For one thread at a time.
///
/// In a file made for the purpose each byte could begin a header that promises 100 MiB. So that the
/// time taken follows from the size of the file alone, records are compared with their checksums
/// only as long as that has not been done to more than eight times the bytes passed so far, and 256
/// MiB; a record that would take more is no longer found.
final class RecordSearch {
  private static final long FREE_BYTES = 256L << 20;
  private static final int FACTOR = 8;

  private final FileWindow window;
  private final CRC32 crc = new CRC32();

  // All owned by the caller's thread.
  private long checked;
  private boolean zeros;

  /// @param window where to look
  RecordSearch(FileWindow window) {
    this.window = window;
  }

  /// Goes to the next whole record behind the byte where the window begins; to the end of the file
  /// if there is none.
  ///
  /// @return whether there is one
  boolean advance() throws IOException {
    zeros = true;
    do {
      if (!window.has(1)) {
        return false;
      }
      zeros &= window.octet(0) == 0;
      window.pass(1);
    } while (!isWhole(0, true));
    return true;
  }

  /// {@return whether [#advance()] passed nothing but zeros}
  boolean passedZeros() {
    return zeros;
  }

  /// {@return how many bytes have been compared with checksums}
  long checkedBytes() {
    return checked;
  }

  /// {@return whether the file ends so many bytes on, or a whole record begins there} Of whatever
  /// time: that a checksum holds just where a length leads is no chance.
  ///
  /// @param at how many bytes behind the beginning of the window
  boolean isBoundary(int at) throws IOException {
    return !window.has(at + 1) || isWhole(at, false);
  }

  private boolean isWhole(int at, boolean timed) throws IOException {
    if (!window.has(at + HEADER_BYTES)) {
      return false;
    }
    int length = window.int32BigEndian(at + LENGTH_AT);
    boolean plausible =
        timed
            ? ArcLayout.isPlausible(length, window.int64BigEndian(at + TIMESTAMP_AT))
            : ArcLayout.isPlausible(length);
    if (!plausible
        || checked + length > FREE_BYTES + FACTOR * (window.offset() + at)
        || !window.has(at + HEADER_BYTES + length)) {
      return false;
    }
    checked += length;
    return window.checksum(crc, at + HEADER_BYTES, length) == window.int32BigEndian(at + CRC_AT);
  }
}
