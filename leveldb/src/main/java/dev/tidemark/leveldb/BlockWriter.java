package dev.tidemark.leveldb;

import dev.tidemark.formats.ByteWriter;
import java.nio.ByteBuffer;
import java.util.Arrays;

/// Builds the contents of one block of a table after the other. The counterpart of [BlockCursor].
/// For one thread at a time.
final class BlockWriter {
  private static final byte[] NONE = new byte[0];

  private final int interval;

  // All owned by the caller's thread.
  private final ByteWriter contents = new ByteWriter(2 * TableLayout.BLOCK_BYTES);
  private int[] restarts = new int[64];
  private int restartCount;
  private int sinceRestart;
  private byte[] last = NONE;

  /// @param interval how many keys from one restart to the next
  BlockWriter(int interval) {
    this.interval = interval;
    clear();
  }

  /// Begins the next block.
  void clear() {
    contents.clear();
    restartCount = 1; // the first is at 0
    sinceRestart = 0;
    last = NONE;
  }

  boolean isEmpty() {
    return contents.size() == 0;
  }

  /// {@return how many bytes the contents would have now}
  int size() {
    return contents.size() + (restartCount + 1) * TableLayout.RESTART_BYTES;
  }

  /// Appends a key behind all others of the block.
  void add(byte[] key, ByteBuffer value) {
    int shared = 0;
    if (sinceRestart < interval) {
      int shorter = Math.min(last.length, key.length);
      int differs = Arrays.mismatch(last, 0, shorter, key, 0, shorter);
      shared = differs < 0 ? shorter : differs;
    } else {
      restart();
    }
    contents.varint(shared).varint(key.length - shared).varint(value.remaining());
    contents.bytes(ByteBuffer.wrap(key, shared, key.length - shared)).bytes(value);
    last = key;
    sinceRestart++;
  }

  private void restart() {
    if (restartCount == restarts.length) {
      restarts = Arrays.copyOf(restarts, 2 * restartCount);
    }
    restarts[restartCount++] = contents.size();
    sinceRestart = 0;
  }

  /// Ends the block.
  ///
  /// @return its contents, good until [#clear()]
  ByteBuffer finish() {
    for (int i = 0; i < restartCount; i++) {
      contents.int32LittleEndian(restarts[i]);
    }
    contents.int32LittleEndian(restartCount);
    return contents.written();
  }
}
