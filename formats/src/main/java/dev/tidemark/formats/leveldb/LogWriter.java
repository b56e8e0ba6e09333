package dev.tidemark.formats.leveldb;

import static dev.tidemark.formats.leveldb.LogLayout.BLOCK_BYTES;
import static dev.tidemark.formats.leveldb.LogLayout.CRC_AT;
import static dev.tidemark.formats.leveldb.LogLayout.HEADER_BYTES;
import static dev.tidemark.formats.leveldb.LogLayout.LENGTH_AT;
import static dev.tidemark.formats.leveldb.LogLayout.TYPE_AT;

import dev.tidemark.formats.RecordWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/// Writes a log file of LevelDB's, byte for byte as LevelDB does (google/leveldb,
/// db/log_writer.cc).
///
/// A record reaches the stream in one `write` where it fits 64 KiB, at [#flush()] or when the next
/// one does not fit beside it. Appending allocates nothing. Unlike LevelDB's, this writer is dead
/// after a failed write: what stands in the file is then unknown, and a record behind it might
/// never be read.
public final class LogWriter implements RecordWriter {
  private static final int BUFFER_BYTES = 2 * BLOCK_BYTES;
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private final OutputStream out;
  private final CRC32C crc = new CRC32C();

  // All owned by the caller's thread.
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int buffered;
  private long size;
  private boolean failed;

  /// A writer of a new file.
  ///
  /// @param out the file, closed by [#close()]
  public LogWriter(OutputStream out) {
    this(out, 0);
  }

  /// A writer that goes on with a file.
  ///
  /// @param out takes what comes behind the file's end; closed by [#close()]
  /// @param size of the file, in bytes. It must end with a whole record: behind a torn one nothing
  ///   would ever be read
  public LogWriter(OutputStream out, long size) {
    if (size < 0) {
      throw new IllegalArgumentException("a file of " + size + " bytes");
    }
    this.out = out;
    this.size = size;
  }

  /// {@inheritDoc}
  ///
  /// @throws IllegalArgumentException if it is larger than [LogReader#MOST_RECORD_BYTES]: LevelDB
  ///   would read it, and [LogReader] would not; nothing was written
  @Override
  public void append(ByteBuffer payload) throws IOException {
    alive();
    if (payload.remaining() > LogReader.MOST_RECORD_BYTES) {
      throw new IllegalArgumentException(
          "a record of " + payload.remaining() + " bytes; it may have 1 GiB");
    }
    int from = payload.position();
    int left = payload.remaining();
    boolean first = true;
    do {
      int room = roomInBlock();
      int length = Math.min(left, room - HEADER_BYTES);
      boolean last = length == left;
      fragment(type(first, last), payload, from, length);
      from += length;
      left -= length;
      first = false;
    } while (left > 0);
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

  /// Flushes, unless a call failed before, and closes the stream. Idempotent as far as the stream
  /// is.
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

  private static int type(boolean first, boolean last) {
    if (first) {
      return last ? LogLayout.FULL : LogLayout.FIRST;
    }
    return last ? LogLayout.LAST : LogLayout.MIDDLE;
  }

  /// Goes to the next block where this one has no room for a header.
  private int roomInBlock() throws IOException {
    int room = BLOCK_BYTES - (int) (size % BLOCK_BYTES);
    if (room >= HEADER_BYTES) {
      return room;
    }
    room(room);
    for (int at = 0; at < room; at++) {
      buffer[buffered++] = 0;
    }
    size += room;
    return BLOCK_BYTES;
  }

  private void fragment(int type, ByteBuffer payload, int from, int length) throws IOException {
    room(HEADER_BYTES + length);
    int at = buffered;
    buffer[at + TYPE_AT] = (byte) type;
    SHORT.set(buffer, at + LENGTH_AT, (short) length);
    payload.get(from, buffer, at + HEADER_BYTES, length);
    crc.reset();
    crc.update(buffer, at + TYPE_AT, HEADER_BYTES - TYPE_AT + length);
    INT.set(buffer, at + CRC_AT, MaskedCrc.mask((int) crc.getValue()));
    buffered += HEADER_BYTES + length;
    size += HEADER_BYTES + length;
  }

  private void room(int bytes) throws IOException {
    if (buffered + bytes > buffer.length) {
      drain();
    }
  }

  private void drain() throws IOException {
    if (buffered == 0) {
      return;
    }
    try {
      out.write(buffer, 0, buffered);
      buffered = 0;
    } catch (IOException | RuntimeException failure) {
      failed = true;
      throw failure;
    }
  }

  private void alive() throws IOException {
    if (failed) {
      throw new IOException(
          "the log was closed, or a write to it failed before: what it ends with is unknown. Open the"
              + " log again, which finds its last whole record, and go on in a new file");
    }
  }
}
