package dev.tidemark.leveldb;

import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Reads a file from its beginning, through native memory. For one thread at a time.
final class StorageInput extends InputStream {
  private static final int BUFFER_BYTES = 64 * 1024;

  private final StorageFile file;
  // Owned by the caller's thread.
  private final MemorySegment memory = Arena.ofAuto().allocate(BUFFER_BYTES, 64);
  private long offset;
  private int buffered;
  private int taken;

  /// @param file stays open
  StorageInput(StorageFile file) {
    this.file = file;
  }

  @Override
  public int read() throws IOException {
    return fill() ? memory.get(ValueLayout.JAVA_BYTE, taken++) & 0xff : -1;
  }

  @Override
  public int read(byte[] target, int from, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (!fill()) {
      return -1;
    }
    int part = Math.min(length, buffered - taken);
    MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, taken, target, from, part);
    taken += part;
    return part;
  }

  private boolean fill() throws IOException {
    if (taken == buffered) {
      taken = 0;
      buffered = 0;
      buffered = file.read(offset, memory);
      offset += buffered;
    }
    return taken < buffered;
  }

  /// Does nothing: the file is closed by whoever owns it.
  @Override
  public void close() {}
}
