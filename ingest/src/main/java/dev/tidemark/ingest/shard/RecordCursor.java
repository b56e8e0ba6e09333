package dev.tidemark.ingest.shard;

import dev.tidemark.ingest.record.RecordReader;
import dev.tidemark.ingest.record.ShardRecord;
import dev.tidemark.ingest.record.UnreadableRecordException;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.Wal;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;

/// Walks the records of a shard log, in one array that is used again. For one thread.
final class RecordCursor implements AutoCloseable {
  private final Cursor cursor;

  // Owned by the thread that walks.
  private byte[] bytes = new byte[64 << 10];
  private long payloadBytes;
  private long position;

  RecordCursor(Wal wal, long fromLsn) throws IOException {
    this.position = fromLsn - 1;
    this.cursor = wal.read(fromLsn);
  }

  boolean next() throws IOException {
    return moved(cursor.next());
  }

  boolean next(Duration timeout) throws IOException, InterruptedException {
    return moved(cursor.next(timeout));
  }

  private boolean moved(boolean isOnRecord) {
    if (isOnRecord) {
      position = cursor.lsn();
    }
    return isOnRecord;
  }

  /// {@return the LSN of the record the cursor is on, or where it began minus 1}
  long lsn() {
    return position;
  }

  /// {@return the record the cursor is on; an envelope's body is valid until the next call}
  ShardRecord record() throws UnreadableRecordException {
    MemorySegment payload = cursor.payload();
    int length = Math.toIntExact(payload.byteSize());
    if (bytes.length < length) {
      bytes = new byte[Math.max(length, (int) Math.min(2L * bytes.length, Integer.MAX_VALUE - 64))];
    }
    MemorySegment.copy(payload, ValueLayout.JAVA_BYTE, 0, bytes, 0, length);
    payloadBytes += length;
    try {
      return RecordReader.read(bytes, length);
    } catch (UnreadableRecordException e) {
      throw new UnreadableRecordException(
          "shard log, LSN " + cursor.lsn() + ": " + e.getMessage(), e);
    }
  }

  /// {@return the size of all records read so far, in bytes}
  long payloadBytes() {
    return payloadBytes;
  }

  @Override
  public void close() {
    cursor.close();
  }
}
