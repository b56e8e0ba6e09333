package dev.tidemark.leveldb;

import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Writes a file from an offset on, through native memory. For one thread at a time, not always the
/// same.
///
/// Nothing is durable before the file is synced by whoever owns it. A write that failed leaves the
/// file in an unknown state; whoever goes on after that is mistaken.
final class StorageOutput extends OutputStream {
  private final StorageFile file;
  // Freed with this object. Owned, with what is below, by the caller's thread.
  private final MemorySegment memory;
  private long offset;
  private int buffered;

  /// @param file stays open
  /// @param offset where to begin
  /// @param bufferBytes how much is held back until [#flush()] at most
  StorageOutput(StorageFile file, long offset, int bufferBytes) {
    this.file = file;
    this.offset = offset;
    memory = Arena.ofAuto().allocate(bufferBytes, 64);
  }

  @Override
  public void write(int octet) throws IOException {
    write(new byte[] {(byte) octet}, 0, 1);
  }

  @Override
  public void write(byte[] source, int from, int length) throws IOException {
    int done = 0;
    while (done < length) {
      int part = (int) Math.min(length - done, memory.byteSize() - buffered);
      MemorySegment.copy(source, from + done, memory, ValueLayout.JAVA_BYTE, buffered, part);
      buffered += part;
      done += part;
      if (buffered == memory.byteSize()) {
        flush();
      }
    }
  }

  /// Writes what was held back: one call to the file.
  @Override
  public void flush() throws IOException {
    if (buffered > 0) {
      file.write(offset, memory, 0, buffered);
      offset += buffered;
      buffered = 0;
    }
  }

  /// Does nothing: the file is closed by whoever owns it.
  @Override
  public void close() {}
}
