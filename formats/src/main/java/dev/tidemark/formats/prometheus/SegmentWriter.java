package dev.tidemark.formats.prometheus;

import static dev.tidemark.formats.prometheus.SegmentLayout.CHECKSUM_OFFSET;
import static dev.tidemark.formats.prometheus.SegmentLayout.FIRST;
import static dev.tidemark.formats.prometheus.SegmentLayout.FULL;
import static dev.tidemark.formats.prometheus.SegmentLayout.HEADER_BYTES;
import static dev.tidemark.formats.prometheus.SegmentLayout.KIND_OFFSET;
import static dev.tidemark.formats.prometheus.SegmentLayout.LAST;
import static dev.tidemark.formats.prometheus.SegmentLayout.LENGTH_OFFSET;
import static dev.tidemark.formats.prometheus.SegmentLayout.MIDDLE;
import static dev.tidemark.formats.prometheus.SegmentLayout.MOST_DATA_BYTES;
import static dev.tidemark.formats.prometheus.SegmentLayout.PAGE_BYTES;

import dev.tidemark.formats.RecordWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;

/// Writes one segment, byte for byte as Prometheus would write the same stored records; how well a
/// record is compressed is each library's own affair.
///
/// A segment that exists is never gone on with: its writer may have left a torn record.
///
/// Source of the rules: prometheus/prometheus, tsdb/wlog/wlog.go.
public final class SegmentWriter implements RecordWriter {
  private final OutputStream file;
  private final RecordCompressor compressor;

  // All owned by the caller's thread. The page that is being filled, and how far it is handed on:
  private final ByteBuffer page = ByteBuffer.allocate(PAGE_BYTES);
  private int flushed;

  private final CRC32C checksum = new CRC32C();
  private long pagesBefore;
  private boolean closed;
  private boolean failed;

  private SegmentWriter(OutputStream file, SegmentCompression compression) {
    this.file = file;
    compressor = new RecordCompressor(compression);
  }

  /// Writes from the beginning of an empty file.
  ///
  /// @param file the stream, which need not be buffered; the writer's from now on
  /// @param compression of records that become smaller by it; others are stored as they are
  /// @return a writer
  public static SegmentWriter of(OutputStream file, SegmentCompression compression) {
    return new SegmentWriter(file, compression);
  }

  /// {@inheritDoc}
  ///
  /// A page is handed to the stream once it is full, [#flush()] hands on what there is of the last
  /// one.
  @Override
  public void append(ByteBuffer payload) throws IOException {
    RecordCompressor.Stored stored = compressed(payload);
    appendStored(stored.bytes(), stored.compression());
  }

  /// Compresses a record as [#append] does.
  ///
  /// @return what is to be stored, good until the next call
  RecordCompressor.Stored compressed(ByteBuffer payload) {
    refuseTooLarge(payload);
    return compressor.compress(payload);
  }

  /// Appends a record that is compressed already, as a reader found it.
  ///
  /// @param stored from position to limit; the caller's again on return, position unchanged
  /// @param as how it is stored
  /// @throws IllegalArgumentException if it has more than 1 GiB; nothing was written
  /// @throws IOException if the stream fails, or did before
  public void appendStored(ByteBuffer stored, SegmentCompression as) throws IOException {
    refuseTooLarge(stored);
    refuseFailed();
    failed = true;
    int from = stored.position();
    boolean first = true; // of no bytes at all, where a header alone has room in the page
    do {
      int length = Math.min(stored.limit() - from, page.remaining() - HEADER_BYTES);
      boolean last = from + length == stored.limit();
      int kind = first ? (last ? FULL : FIRST) : (last ? LAST : MIDDLE);
      fragment(kind | as.flag(), stored.slice(from, length));
      from += length;
      first = false;
      if (page.remaining() < HEADER_BYTES) {
        endPage();
      }
    } while (from < stored.limit());
    failed = false;
  }

  private void fragment(int head, ByteBuffer data) {
    checksum.reset();
    checksum.update(data.duplicate());
    int at = page.position();
    page.put(at + KIND_OFFSET, (byte) head);
    page.putShort(at + LENGTH_OFFSET, (short) data.remaining());
    page.putInt(at + CHECKSUM_OFFSET, (int) checksum.getValue());
    page.position(at + HEADER_BYTES).put(data);
  }

  private void endPage() throws IOException {
    Arrays.fill(page.array(), page.position(), PAGE_BYTES, (byte) 0);
    page.position(PAGE_BYTES);
    handOn();
    page.clear();
    flushed = 0;
    pagesBefore++;
  }

  private void handOn() throws IOException {
    file.write(page.array(), flushed, page.position() - flushed);
    flushed = page.position();
  }

  @Override
  public void flush() throws IOException {
    refuseFailed();
    failed = true;
    handOn();
    file.flush();
    failed = false;
  }

  @Override
  public long size() {
    return pagesBefore * PAGE_BYTES + page.position();
  }

  /// How many bytes a record may have to find room in a segment of so many pages; negative where
  /// the segment has more already.
  long room(long pages) {
    return page.remaining() - HEADER_BYTES + (pages - pagesBefore - 1) * MOST_DATA_BYTES;
  }

  /// Fills the last page up with zeros and hands it on, without closing the stream: nothing can be
  /// appended any more. A page without anything in it is not written.
  void endSegment() throws IOException {
    refuseFailed();
    failed = true;
    closed = true;
    if (page.position() > 0) {
      endPage();
    }
    file.flush();
  }

  /// Fills the last page up with zeros, as Prometheus does when it closes a segment, and closes the
  /// stream. Whoever wants a file as a crash leaves it closes the stream alone.
  ///
  /// @throws IOException if the stream fails
  @Override
  public void close() throws IOException {
    try (file) {
      if (!failed) {
        endSegment();
      }
    }
  }

  private static void refuseTooLarge(ByteBuffer record) {
    if (record.remaining() > SegmentLayout.MOST_STORED_BYTES - PAGE_BYTES) {
      throw new IllegalArgumentException(
          "a record of %d bytes; at most %d are written"
              .formatted(record.remaining(), SegmentLayout.MOST_STORED_BYTES - PAGE_BYTES));
    }
  }

  private void refuseFailed() throws IOException {
    if (failed) {
      throw new IOException(
          closed ? "The segment is closed." : "The segment failed before; begin a new one.");
    }
  }
}
