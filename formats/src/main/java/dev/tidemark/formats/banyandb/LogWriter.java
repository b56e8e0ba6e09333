package dev.tidemark.formats.banyandb;

import static dev.tidemark.formats.banyandb.BatchLayout.LENGTH_BYTES;
import static dev.tidemark.formats.banyandb.BatchLayout.MAX_SHORT;

import dev.tidemark.formats.ByteWriter;
import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.RecordWriter;
import io.airlift.compress.v3.snappy.SnappyCompressor;
import io.airlift.compress.v3.snappy.SnappyJavaCompressor;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/// Writes a segment that BanyanDB 0.5.0 reads: the counterpart of [LogReader].
///
/// Values wait in memory, by series, until [#flush()] or until they are more than the buffer's
/// size; then they are one batch, one write to the stream, with the series in the order in which
/// they came. (The system wrote them in a random one.) What its format cannot hold and its own
/// writer did not check is refused here, or put into the next batch.
///
/// For one thread at a time; see [RecordWriter] for what a failure leaves.
public final class LogWriter implements RecordWriter {
  /// How many bytes the system lets wait, unless it is told otherwise.
  public static final int BUFFER_BYTES = 65_535;

  private static final int MOST_BUFFER_BYTES = 512 << 20;

  private static final class Series {
    final TimestampWriter timestamps = new TimestampWriter();
    final ByteWriter values = new ByteWriter(256);
    int count;
  }

  private final OutputStream file;
  private final int bufferBytes;
  private final SnappyCompressor snappy = new SnappyJavaCompressor();

  // All owned by the caller's thread.
  private final Map<ByteBuffer, Series> waiting = new LinkedHashMap<>();
  private long waitingBytes;
  private final ByteWriter batch = new ByteWriter(1024);
  private long written;
  private boolean failed;

  /// @param file at its end; closed with this writer
  /// @param fileBytes how long the file is
  public LogWriter(OutputStream file, long fileBytes) {
    this(file, fileBytes, BUFFER_BYTES);
  }

  /// @param file at its end; closed with this writer
  /// @param fileBytes how long the file is
  /// @param bufferBytes a batch is written once more than this waits, counting 8 bytes for each
  ///   timestamp; 0 for each value a batch; at most 512 MiB
  public LogWriter(OutputStream file, long fileBytes, int bufferBytes) {
    if (bufferBytes < 0 || bufferBytes > MOST_BUFFER_BYTES) {
      throw new IllegalArgumentException(
          "a buffer of 0 to " + MOST_BUFFER_BYTES + " bytes, not " + bufferBytes);
    }
    this.file = file;
    this.bufferBytes = bufferBytes;
    written = fileBytes;
  }

  /// Adds a value to the batch that waits.
  ///
  /// @param series the series' name, at most 65,535 bytes; the caller's again on return
  /// @param timestampNanos nanoseconds since 1970
  /// @param value at most 65,535 bytes; the caller's again on return
  /// @throws IllegalArgumentException if either is longer; nothing was added
  /// @throws IOException if the stream fails, or did before
  public void add(ByteBuffer series, long timestampNanos, ByteBuffer value) throws IOException {
    requireShort("a series' name", series);
    requireShort("a value", value);
    requireHealthy();
    Series found = waiting.get(series);
    if (found != null && found.timestamps.bytesWith(timestampNanos) > MAX_SHORT) {
      flush();
      found = null;
    }
    if (found == null) {
      found = new Series();
      ByteBuffer name = ByteBuffer.allocate(series.remaining());
      waiting.put(name.put(series.duplicate()).flip(), found);
    }
    found.timestamps.add(timestampNanos);
    found.values.short16LittleEndian(value.remaining()).bytes(value);
    found.count++;
    waitingBytes += series.remaining() + 8L + value.remaining();
    if (waitingBytes > bufferBytes) {
      flush();
    }
  }

  /// Writes one entry as it is, as a batch of its own, behind everything added before.
  ///
  /// @param payload an entry as [LogReader#payload()] shows it; the caller's again on return
  /// @throws IllegalArgumentException if it is none; nothing was written
  @Override
  public void append(ByteBuffer payload) throws IOException {
    try {
      LogEntry _ = LogEntry.decode(payload);
    } catch (FormatException malformed) {
      throw new IllegalArgumentException(
          "not an entry of BanyanDB's: " + malformed.getMessage(), malformed);
    }
    flush();
    long entryBytes = payload.remaining();
    batch.int64LittleEndian(LENGTH_BYTES + entryBytes);
    batch.int64LittleEndian(entryBytes).bytes(payload);
    writeBatch();
  }

  @Override
  public void flush() throws IOException {
    requireHealthy();
    if (!waiting.isEmpty()) {
      ByteWriter entries = entries();
      batch.int64LittleEndian(entries.size()).bytes(entries.written());
      waiting.clear();
      waitingBytes = 0;
      writeBatch();
    }
    failed = true;
    file.flush();
    failed = false;
  }

  @Override
  public long size() {
    return waiting.isEmpty() ? written : written + LENGTH_BYTES + entries().size();
  }

  @Override
  public void close() throws IOException {
    try (file) {
      if (!failed) {
        flush();
      }
    }
  }

  private ByteWriter entries() {
    ByteWriter entries = new ByteWriter(1024);
    waiting.forEach((name, series) -> encode(name, series, entries));
    return entries;
  }

  private void encode(ByteBuffer name, Series series, ByteWriter target) {
    ByteBuffer block = packed(series.values.written());
    int timestampBytes = series.timestamps.bytes();
    target.int64LittleEndian(2L + name.remaining() + 4 + 2 + timestampBytes + block.remaining());
    target.short16LittleEndian(name.remaining()).bytes(name);
    target.int32LittleEndian(series.count);
    target.short16LittleEndian(timestampBytes);
    series.timestamps.copyTo(target);
    target.bytes(block);
  }

  private ByteBuffer packed(ByteBuffer values) {
    byte[] raw = new byte[values.remaining()];
    values.get(raw);
    byte[] block = new byte[snappy.maxCompressedLength(raw.length)];
    int bytes = snappy.compress(raw, 0, raw.length, block, 0, block.length);
    return ByteBuffer.wrap(block, 0, bytes);
  }

  private void writeBatch() throws IOException {
    ByteBuffer bytes = batch.written();
    failed = true;
    file.write(bytes.array(), bytes.arrayOffset(), bytes.remaining());
    failed = false;
    written += bytes.remaining();
    batch.clear();
  }

  private void requireHealthy() throws IOException {
    if (failed) {
      throw new IOException("an earlier write failed: what the segment holds is not known");
    }
  }

  private static void requireShort(String what, ByteBuffer bytes) {
    if (bytes.remaining() > MAX_SHORT) {
      throw new IllegalArgumentException(
          what + " of " + bytes.remaining() + " bytes; BanyanDB holds " + MAX_SHORT);
    }
  }
}
