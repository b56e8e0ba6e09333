package dev.tidemark.formats.arc;

import static dev.tidemark.formats.arc.ArcLayout.FILE_HEADER_BYTES;
import static dev.tidemark.formats.arc.ArcLayout.HEADER_BYTES;
import static dev.tidemark.formats.arc.ArcLayout.MOST_PAYLOAD_BYTES;

import dev.tidemark.formats.ByteWriter;
import dev.tidemark.formats.RecordWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.zip.CRC32;

/// Writes one file of Arc's log, byte for byte as Arc in Go does (Basekick-Labs/arc,
/// internal/wal/wal.go). Payloads are what [PayloadWriter] makes; what they say is not looked at.
///
/// Unlike Arc's, this writer is dead after a failed write: what the file ends with is then unknown.
public final class LogWriter implements RecordWriter {
  private static final int BUFFER_BYTES = 64 * 1024;

  private final OutputStream out;
  private final InstantSource clock;
  private final CRC32 crc = new CRC32();

  // All owned by the caller's thread.
  private final ByteWriter pending = new ByteWriter(BUFFER_BYTES);
  private final byte[] piece = new byte[BUFFER_BYTES];
  private long size;
  private boolean failed;

  /// A writer of a new file. The header of the file is written with the first flush.
  ///
  /// @param out the file, closed by [#close()]
  /// @param clock says when records are appended
  public LogWriter(OutputStream out, InstantSource clock) {
    this.out = out;
    this.clock = clock;
    pending
        .int32BigEndian(ArcLayout.MAGIC)
        .short16BigEndian(ArcLayout.VERSION)
        .octet(ArcLayout.CRC_32);
    size = FILE_HEADER_BYTES;
  }

  /// A writer that goes on with a file.
  ///
  /// @param out takes what comes behind the file's end; closed by [#close()]
  /// @param clock says when records are appended
  /// @param size of the file, in bytes. It must end with a whole record, or behind its header:
  ///   behind a torn record nothing would be read
  public LogWriter(OutputStream out, InstantSource clock, long size) {
    if (size < FILE_HEADER_BYTES) {
      throw new IllegalArgumentException("a file of " + size + " bytes has no header");
    }
    this.out = out;
    this.clock = clock;
    this.size = size;
  }

  /// Appends one record, now.
  ///
  /// @throws IllegalArgumentException if the payload is empty, which Arc takes for damage, or
  ///   larger than 100 MiB
  @Override
  public void append(ByteBuffer payload) throws IOException {
    append(ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant()), payload);
  }

  /// Appends one record.
  ///
  /// @param timestampMicros when it was appended first, in microseconds since 1970
  /// @param payload from position to limit; the caller's again on return, position unchanged
  /// @throws IllegalArgumentException as above; nothing was written
  /// @throws IOException if the stream fails, or did before
  public void append(long timestampMicros, ByteBuffer payload) throws IOException {
    alive();
    int length = payload.remaining();
    if (length == 0 || length > MOST_PAYLOAD_BYTES) {
      throw new IllegalArgumentException(
          "a payload of " + length + " bytes; it may have 1 to " + MOST_PAYLOAD_BYTES);
    }
    crc.reset();
    crc.update(payload.duplicate());
    pending
        .int32BigEndian(length)
        .int64BigEndian(timestampMicros)
        .int32BigEndian((int) crc.getValue());
    if (pending.size() + length <= BUFFER_BYTES) {
      pending.bytes(payload);
    } else {
      write(payload);
    }
    size += HEADER_BYTES + (long) length;
    if (pending.size() >= BUFFER_BYTES - HEADER_BYTES) {
      drain();
    }
  }

  @Override
  public void flush() throws IOException {
    alive();
    drain();
    try {
      out.flush();
    } catch (IOException | RuntimeException failure) {
      failed = true;
      throw failure;
    }
  }

  @Override
  public long size() {
    return size;
  }

  /// Flushes, unless a call failed before, and closes the stream.
  ///
  /// @throws IOException if the stream fails
  @Override
  public void close() throws IOException {
    try (out) {
      if (!failed) {
        flush();
      }
    } finally {
      failed = true;
    }
  }

  /// Writes a payload behind what is pending.
  private void write(ByteBuffer payload) throws IOException {
    drain();
    ByteBuffer rest = payload.duplicate();
    while (rest.hasRemaining()) {
      int step = Math.min(rest.remaining(), piece.length);
      rest.get(piece, 0, step);
      write(step);
    }
  }

  private void drain() throws IOException {
    ByteBuffer written = pending.written();
    int bytes = written.remaining();
    written.get(piece, 0, bytes);
    write(bytes);
    pending.clear();
  }

  private void write(int bytes) throws IOException {
    try {
      out.write(piece, 0, bytes);
    } catch (IOException | RuntimeException failure) {
      failed = true;
      throw failure;
    }
  }

  private void alive() throws IOException {
    if (failed) {
      throw new IOException(
          "the log was closed, or a write to it failed before: what it ends with is unknown. Read it"
              + " to find its last whole record, and go on in a new file");
    }
  }
}
