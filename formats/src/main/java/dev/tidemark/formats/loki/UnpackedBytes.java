package dev.tidemark.formats.loki;

import dev.tidemark.formats.FormatException;

/// Counts what the chunks of one record stand for, and refuses too much of it: a few bytes that are
/// compressed can stand for a thousand times as many, and two bytes for a symbol of any length. For
/// one thread at a time.
final class UnpackedBytes {
  /// What one block may stand for. Loki begins a new one at 256 KiB, unless it is told otherwise.
  static final long MOST_OF_BLOCK = 64 << 20;

  /// What all chunks of one record may stand for.
  static final long MOST_OF_RECORD = 1 << 30;

  private final long mostOfBlock;

  // Owned by the caller's thread.
  private long bytes;
  private long block;

  UnpackedBytes() {
    this(MOST_OF_BLOCK);
  }

  /// @param mostOfBlock what one block may stand for here, at most [#MOST_OF_BLOCK]
  UnpackedBytes(long mostOfBlock) {
    this.mostOfBlock = mostOfBlock;
  }

  void beginBlock() {
    block = 0;
  }

  /// Counts bytes of the block that was begun.
  void addToBlock(long count) throws FormatException {
    block += count;
    if (block > mostOfBlock) {
      throw new FormatException("a block of more than " + mostOfBlock + " bytes", 0);
    }
    add(count);
  }

  void add(long count) throws FormatException {
    bytes += count;
    if (bytes > MOST_OF_RECORD) {
      throw new FormatException("chunks of more than " + MOST_OF_RECORD + " bytes", 0);
    }
  }
}
