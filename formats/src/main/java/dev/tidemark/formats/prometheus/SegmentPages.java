package dev.tidemark.formats.prometheus;

import static dev.tidemark.formats.prometheus.SegmentLayout.PAGE_BYTES;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;

/// Two pages of a segment at a time: the one that is read and the one behind it, into which a
/// fragment may reach. A short page at the end is filled up with zeros, as Prometheus does it.
///
/// For one thread at a time.
final class SegmentPages implements Closeable {
  private final InputStream file;

  // All owned by the caller's thread.
  private final byte[] window = new byte[2 * PAGE_BYTES];
  private long start; // where the window begins in the file: at a page
  private int filled; // bytes in the window, whole pages
  private boolean ended;
  private long fileBytes = Long.MAX_VALUE; // until the end has been seen

  SegmentPages(InputStream file) {
    this.file = file;
  }

  /// Loads the page of a byte, and the one behind it. Only forwards, and at most one page further
  /// than what is loaded.
  ///
  /// @return how many bytes there are from this one on, zeros at the end included; fewer than a
  ///   page only if the file ends there
  int load(long offset) throws IOException {
    while (offset - start >= PAGE_BYTES && filled > 0) {
      System.arraycopy(window, PAGE_BYTES, window, 0, PAGE_BYTES);
      start += PAGE_BYTES;
      filled -= PAGE_BYTES;
    }
    while (!ended && filled < window.length) {
      int read = file.readNBytes(window, filled, PAGE_BYTES);
      if (read < PAGE_BYTES) {
        ended = true;
        fileBytes = start + filled + read;
        Arrays.fill(window, filled + read, filled + PAGE_BYTES, (byte) 0);
      }
      filled += read > 0 ? PAGE_BYTES : 0;
    }
    return (int) Math.max(0, start + filled - offset);
  }

  /// The bytes: good until the next [#load].
  byte[] window() {
    return window;
  }

  /// Where in the window a byte of the file is.
  int index(long offset) {
    return (int) (offset - start);
  }

  /// Whether the file ends before a byte; false if the end has not been seen yet.
  boolean endsBefore(long offset) {
    return offset > fileBytes;
  }

  /// An offset, or the end of the file if that has been seen before it.
  long within(long offset) {
    return Math.min(offset, fileBytes);
  }

  /// Reads all the rest.
  ///
  /// @return how many bytes the file has
  long toEnd() throws IOException {
    if (!ended) {
      ended = true;
      fileBytes = start + filled + file.transferTo(OutputStream.nullOutputStream());
    }
    return fileBytes;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
