package dev.tidemark.leveldb;

import dev.tidemark.formats.leveldb.LogWriter;
import dev.tidemark.wal.storage.StorageFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// A log or a manifest that is appended to: records in LevelDB's framing. For one thread at a time,
/// not always the same. A call that throws leaves it good for nothing but [#close()].
final class AppendFile implements Closeable {
  private static final int MANIFEST_BUFFER_BYTES = 64 << 10;

  /// A group fits, so that it is one write.
  private static final int LOG_BUFFER_BYTES = WritePath.MOST_GROUP_BYTES + (64 << 10);

  private final StorageFile file;
  private final long number;
  private final LogWriter writer;
  private final @Nullable LogOutput log; // null for a manifest

  // Owned by the caller's thread.
  private boolean unsynced;

  private AppendFile(StorageFile file, long number, LogWriter writer, @Nullable LogOutput log) {
    this.file = file;
    this.number = number;
    this.writer = writer;
    this.log = log;
  }

  /// {@return a manifest that is empty}
  ///
  /// @param file closed with what is returned
  /// @param number of the file
  static AppendFile manifest(StorageFile file, long number) {
    StorageOutput output = new StorageOutput(file, 0, MANIFEST_BUFFER_BYTES);
    return new AppendFile(file, number, new LogWriter(output), null);
  }

  /// {@return a log}
  ///
  /// @param file closed with what is returned
  /// @param number of the file
  /// @param size of the file, which ends with a whole record
  static AppendFile log(StorageFile file, long number, long size) {
    LogOutput output = new LogOutput(file, size, LOG_BUFFER_BYTES);
    return new AppendFile(file, number, new LogWriter(output, size), output);
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
    append(payload, false);
  }

  /// Appends a record as [#append(ByteBuffer)] does.
  ///
  /// @param fillsBlock whether zeros fill the block of a log in which it ends, so that the next
  ///   syncs find the file's size as it was
  void append(ByteBuffer payload, boolean fillsBlock) throws IOException {
    unsynced = true;
    if (log != null) {
      log.fillBlock(fillsBlock);
    }
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

  /// Takes away the zeros behind the last record, all being synced. It is for tidiness: nobody
  /// minds if that fails, or if a crash brings them back.
  void trim() {
    if (log == null || !log.isFilled()) {
      return;
    }
    try {
      file.truncate(writer.size());
    } catch (IOException _) {
      // What is durable stays so, and whoever reads the log passes over the zeros.
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
