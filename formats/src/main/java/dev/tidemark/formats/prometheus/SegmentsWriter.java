package dev.tidemark.formats.prometheus;

import dev.tidemark.formats.RecordWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// Appends records to a directory of segments. A segment that is there is never appended to: each
/// writer begins one of its own, behind all others and behind every checkpoint.
///
/// The size of a segment is a soft limit: a record that finds no room in the rest of one begins the
/// next, and one that no segment has room for gets a larger one to itself.
///
/// **Durable** is what was appended before [#sync()] or [#close()] returned, and everything in
/// segments before the current one. As with Prometheus nothing else is, and a crash may leave the
/// current segment with a torn record at its end.
///
/// For one thread at a time; an interrupt of that thread while a file is written fails the writer.
///
/// Source of the rules: prometheus/prometheus, tsdb/wlog/wlog.go.
public final class SegmentsWriter implements RecordWriter {
  private final Path directory;
  private final SegmentCompression compression;
  private final long pages;

  // All owned by the caller's thread.
  private long number;
  private long sizeBefore;
  private FileChannel file;
  private SegmentWriter segment;
  private boolean failed;

  private SegmentsWriter(
      Path directory, SegmentCompression compression, long segmentBytes, long number)
      throws IOException {
    this.directory = directory;
    this.compression = compression;
    this.pages = segmentBytes / SegmentLayout.PAGE_BYTES;
    this.number = number;
    file = create();
    segment = SegmentWriter.of(Channels.newOutputStream(file), compression);
  }

  /// Begins a new segment.
  ///
  /// @param directory made if it is not there
  /// @param compression of records that become smaller by it
  /// @param segmentBytes from which size on a segment is not gone on with; a multiple of 32 KiB
  /// @return a writer
  /// @throws IllegalArgumentException if a segment cannot have this size
  /// @throws dev.tidemark.formats.FormatException if Prometheus would refuse the directory for the
  ///   names in it
  /// @throws IOException if the directory or the file cannot be made
  public static SegmentsWriter create(
      Path directory, SegmentCompression compression, long segmentBytes) throws IOException {
    if (segmentBytes <= 0 || segmentBytes % SegmentLayout.PAGE_BYTES != 0) {
      throw new IllegalArgumentException(
          "a segment has a multiple of %d bytes, not %d"
              .formatted(SegmentLayout.PAGE_BYTES, segmentBytes));
    }
    Files.createDirectories(directory);
    long number = SegmentDirectory.of(directory).nextNumber();
    return new SegmentsWriter(directory, compression, segmentBytes, number);
  }

  private FileChannel create() throws IOException {
    return FileChannel.open(segmentFile(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  /// {@return the segment that is being written}
  public Path segmentFile() {
    return directory.resolve(SegmentDirectory.name(number));
  }

  @Override
  public void append(ByteBuffer payload) throws IOException {
    RecordCompressor.Stored stored = segment.compressed(payload);
    appendStored(stored.bytes(), stored.compression());
  }

  /// Appends a record that is compressed already, as [SegmentWriter#appendStored] does.
  ///
  /// @param stored from position to limit; the caller's again on return, position unchanged
  /// @param as how it is stored
  /// @throws IllegalArgumentException if it is too large; nothing was written
  /// @throws IOException if a file fails, or did before
  public void appendStored(ByteBuffer stored, SegmentCompression as) throws IOException {
    refuseFailed();
    // Prometheus leaves an empty segment behind where the first record of one is too large for it.
    if (stored.remaining() > segment.room(pages) && segment.size() > 0) {
      nextSegment();
    }
    segment.appendStored(stored, as);
  }

  /// Ends the segment, syncs it and begins the next.
  ///
  /// @throws IOException if a file fails, or did before
  public void nextSegment() throws IOException {
    refuseFailed();
    failed = true;
    endSegment();
    sizeBefore += segment.size();
    number++;
    file = create();
    segment = SegmentWriter.of(Channels.newOutputStream(file), compression);
    failed = false;
  }

  private void endSegment() throws IOException {
    try (FileChannel ending = file) {
      segment.endSegment();
      ending.force(true);
    }
    syncDirectory();
  }

  @Override
  public void flush() throws IOException {
    refuseFailed();
    segment.flush();
  }

  /// Makes everything appended durable.
  ///
  /// @throws IOException if a file fails, or did before; what is durable is unknown then
  public void sync() throws IOException {
    flush();
    failed = true;
    file.force(true);
    syncDirectory();
    failed = false;
  }

  // Where directories can be opened; elsewhere the file system sees to names by itself.
  private void syncDirectory() throws IOException {
    FileChannel names;
    try {
      names = FileChannel.open(directory, StandardOpenOption.READ);
    } catch (IOException noSuchThing) {
      return;
    }
    try (names) {
      names.force(true);
    }
  }

  /// {@return how many bytes the segments of this writer have together once everything is flushed}
  @Override
  public long size() {
    return sizeBefore + segment.size();
  }

  /// Ends the segment, and makes everything appended durable.
  ///
  /// @throws IOException if a file fails; after an earlier failure none is thrown
  @Override
  public void close() throws IOException {
    if (failed || !file.isOpen()) {
      file.close();
      return;
    }
    failed = true;
    endSegment();
  }

  private void refuseFailed() throws IOException {
    if (failed) {
      throw new IOException(
          file.isOpen()
              ? directory + ": a segment failed before; begin with a new writer."
              : directory + ": the writer is closed.");
    }
  }
}
