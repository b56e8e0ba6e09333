package dev.tidemark.leveldb;

import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Reads a file from its beginning, through native memory, to the end that it had when this was
/// made. For one thread at a time.
///
/// What is appended meanwhile is not seen: the zeros that a log may end with ([LogOutput]) are
/// written over before anything is behind them, so whoever went over them must not go further, or
/// it sees what was written later without what was written before.
final class StorageInput extends InputStream {
  private static final int BUFFER_BYTES = 64 * 1024;

  private final StorageFile file;
  private final long end;
  // Owned by the caller's thread.
  private final MemorySegment memory = Arena.ofAuto().allocate(BUFFER_BYTES, 64);
  private long offset;
  private int buffered;
  private int taken;

  /// @param file stays open
  StorageInput(StorageFile file) throws IOException {
    this.file = file;
    end = file.size();
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
      long left = Math.min(BUFFER_BYTES, end - offset);
      buffered = left == 0 ? 0 : file.read(offset, memory.asSlice(0, left));
      offset += buffered;
    }
    return taken < buffered;
  }

  /// Does nothing: the file is closed by whoever owns it.
  @Override
  public void close() {}
}
