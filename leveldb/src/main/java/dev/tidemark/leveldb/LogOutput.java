package dev.tidemark.leveldb;

import dev.tidemark.formats.leveldb.LogLayout;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Writes a log, and fills its last block with zeros if asked to. For one thread at a time, not
/// always the same.
///
/// A file that grows with each record has its new size written to the file system's journal by each
/// sync. One that grows by blocks, not by records, spares most syncs that:
///
/// ```
///         block, 32 KiB                       block
/// +--------------------------------+--------+--------------------------+
/// | records ...          | record  | ...    | record | zeros           |
/// +--------------------------------+--------+--------------------------+
///                                  ^        offset   ^                  allocated = the file's end
/// ```
///
/// LevelDB passes over zeros up to the end of a block in silence (google/leveldb,
/// db/log_reader.cc), and if it goes on with the file, it begins at the block's end. What it would
/// take for damage is a fragment of which only the beginning is there, with zeros behind it. A
/// process that is killed may leave that between two pages: so of a fragment that goes over zeros,
/// the page that it begins in is written last, and where even its header would lie in two pages,
/// the zeros are cut off first. (A power cut amid a sync may still leave some pages and not
/// others.)
///
/// Nothing is durable before the file is synced by whoever owns it. A write that failed leaves the
/// file in an unknown state; whoever goes on after that is mistaken.
final class LogOutput extends OutputStream {
  private static final int BLOCK_BYTES = LogLayout.BLOCK_BYTES;

  /// What is written at once wherever it lies, also if the process is killed meanwhile.
  private static final int PAGE_BYTES = 4096;

  private final StorageFile file;

  // Freed with this object. Owned, with what is below, by the caller's thread.
  private final MemorySegment memory;
  private final int capacity;
  private long offset;
  private int buffered;
  private long allocated;
  private boolean fillsBlock;

  /// @param file stays open
  /// @param size of the file, where to begin
  /// @param bufferBytes how much is held back until [#flush()] at most
  LogOutput(StorageFile file, long size, int bufferBytes) {
    this.file = file;
    offset = size;
    allocated = size;
    capacity = bufferBytes;
    memory = Arena.ofAuto().allocate((long) bufferBytes + BLOCK_BYTES, 64);
  }

  /// Says whether the next [#flush()] fills the last block.
  void fillBlock(boolean fill) {
    fillsBlock = fill;
  }

  /// {@return whether there are zeros at the end of the file}
  boolean isFilled() {
    return allocated > offset;
  }

  @Override
  public void write(int octet) throws IOException {
    write(new byte[] {(byte) octet}, 0, 1);
  }

  @Override
  public void write(byte[] source, int from, int length) throws IOException {
    int done = 0;
    while (done < length) {
      int part = Math.min(length - done, capacity - buffered);
      MemorySegment.copy(source, from + done, memory, ValueLayout.JAVA_BYTE, buffered, part);
      buffered += part;
      done += part;
      if (buffered == capacity) {
        drain(false); // no zeros amid a record
      }
    }
  }

  /// Writes what was held back.
  @Override
  public void flush() throws IOException {
    if (buffered > 0) {
      drain(fillsBlock);
    }
  }

  private void drain(boolean fill) throws IOException {
    if (isHeaderTorn()) {
      file.truncate(offset);
      allocated = offset;
    }
    int inside = (int) Math.min(buffered, allocated - offset);
    overwrite(inside);
    int behind = buffered - inside;
    if (behind > 0) {
      int zeros = fill ? (int) -(offset + buffered) & (BLOCK_BYTES - 1) : 0;
      memory.asSlice(buffered, zeros).fill((byte) 0);
      file.write(offset + inside, memory, inside, (long) behind + zeros);
      allocated = offset + buffered + zeros;
    }
    offset += buffered;
    buffered = 0;
  }

  /// {@return whether the first fragment's header would lie in two pages, over zeros: half a header
  /// is damage, whichever half}
  private boolean isHeaderTorn() {
    int first = PAGE_BYTES - (int) (offset & (PAGE_BYTES - 1));
    return first < LogLayout.HEADER_BYTES && allocated - offset > first;
  }

  /// Writes over zeros, all of them in one block.
  private void overwrite(int bytes) throws IOException {
    int first = Math.min(bytes, PAGE_BYTES - (int) (offset & (PAGE_BYTES - 1)));
    if (bytes > first) {
      file.write(offset + first, memory, first, bytes - first);
    }
    if (first > 0) {
      file.write(offset, memory, 0, first);
    }
  }

  /// Does nothing: the file is closed by whoever owns it.
  @Override
  public void close() {}
}
