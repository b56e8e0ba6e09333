package dev.tidemark.formats.loki;

import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.RecordWriter;
import java.io.IOException;
import java.nio.ByteBuffer;

/// Writes records of a log byte for byte as Loki does: series, and entries in version 3, whatever
/// version they were read from. Lines name their stream by its fingerprint, and Loki drops those of
/// a stream whose series record it has not seen before; that order is the caller's affair.
///
/// For one thread at a time. What is durable, and what a failure leaves, is as the writer of
/// segments says that records are handed to.
public final class LogWriter implements RecordWriter {
  private final RecordWriter segments;
  private final RecordEncoder encoder = new RecordEncoder();

  private LogWriter(RecordWriter segments) {
    this.segments = segments;
  }

  /// Writes to a segment, or several.
  ///
  /// @param segments a writer of Prometheus's segments, without compression as Loki has them;
  ///   closed with this one
  /// @return a writer
  public static LogWriter of(RecordWriter segments) {
    return new LogWriter(segments);
  }

  /// Appends new streams.
  ///
  /// @param record the streams
  /// @throws IOException as [RecordWriter#append]
  public void append(LokiRecord.Series record) throws IOException {
    segments.append(encoder.encode(record));
  }

  /// Appends lines.
  ///
  /// @param record the lines; their bytes are the caller's again on return
  /// @throws IOException as [RecordWriter#append]
  public void append(LokiRecord.Entries record) throws IOException {
    segments.append(encoder.encode(record));
  }

  /// Appends a record as it is, in whatever version.
  ///
  /// @throws IllegalArgumentException if Loki could not decode it, or only in a checkpoint; nothing
  ///   was written
  @Override
  public void append(ByteBuffer payload) throws IOException {
    RecordCheck record;
    try {
      record = RecordCheck.of(payload);
    } catch (FormatException malformed) {
      throw new IllegalArgumentException(
          "not a record of Loki's: " + malformed.getMessage(), malformed);
    }
    if (record.isOfCheckpoint()) {
      throw new IllegalArgumentException(
          "a record of a checkpoint of Loki's, which it does not take from its log");
    }
    segments.append(payload);
  }

  @Override
  public void flush() throws IOException {
    segments.flush();
  }

  @Override
  public long size() {
    return segments.size();
  }

  @Override
  public void close() throws IOException {
    segments.close();
  }
}
