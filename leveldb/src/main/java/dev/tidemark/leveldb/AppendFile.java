package dev.tidemark.leveldb;

import dev.tidemark.formats.leveldb.LogWriter;
import dev.tidemark.wal.storage.StorageFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/// A log or a manifest that is appended to: records in LevelDB's framing. For one thread at a time,
/// not always the same. A call that throws leaves it good for nothing but [#close()].
final class AppendFile implements Closeable {
  private final StorageFile file;
  private final long number;
  private final LogWriter writer;

  // Owned by the caller's thread.
  private boolean unsynced;

  /// @param file closed with this
  /// @param number of the file
  /// @param size of the file, which ends with a whole record
  /// @param bufferBytes how much of a record is handed to the file at once, at most
  AppendFile(StorageFile file, long number, long size, int bufferBytes) {
    this.file = file;
    this.number = number;
    writer = new LogWriter(new StorageOutput(file, size, bufferBytes), size);
  }

  long number() {
    return number;
  }

  long size() {
    return writer.size();
  }

  /// Appends a record. It survives the end of this process; a power cut only after [#sync()].
  ///
  /// @param payload from position to limit; the caller's again on return
  void append(ByteBuffer payload) throws IOException {
    unsynced = true;
    writer.append(payload);
    writer.flush();
  }

  /// Makes durable what was appended.
  void sync() throws IOException {
    file.sync(false);
    unsynced = false;
  }

  /// Makes durable what was appended since the last sync, if anything was.
  void syncRest() throws IOException {
    if (unsynced) {
      sync();
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
