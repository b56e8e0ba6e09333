package dev.tidemark.leveldb;

import dev.tidemark.formats.ByteReader;
import dev.tidemark.formats.FormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A walk over the keys of a table: along the index, and in each block that it names. The table
/// stays open as long as its owner keeps it. For one thread at a time.
final class TableCursor implements SortedCursor {
  private final Table table;
  private final boolean keep;
  private final @Nullable Consumer<String> skipped;
  private final BlockCursor index;

  // Owned by the caller's thread.
  private @Nullable BlockCursor block;
  private long blockAt;

  /// Where the last block ends that this walk went into.
  private long blockEnd;

  TableCursor(Table table, boolean keep, @Nullable Consumer<String> skipped) throws IOException {
    this.table = table;
    this.keep = keep;
    this.skipped = skipped;
    index = new BlockCursor(table.index());
  }

  @Override
  public boolean valid() {
    return block != null;
  }

  @Override
  public void first() throws IOException {
    block = null;
    blockEnd = 0;
    onIndex(index::first);
    enter(BlockCursor::first);
  }

  @Override
  public void seek(byte[] key) throws IOException {
    block = null;
    blockEnd = 0;
    onIndex(() -> index.seek(key));
    // The first block that may hold it; if it holds none so large, the next one begins with it.
    enter(found -> found.seek(key));
  }

  /// Goes to the first key at or behind one if the block that must hold it has any such key, else
  /// to the end. A key of the same user is in no other block.
  void find(byte[] key) throws IOException {
    block = null;
    blockEnd = 0;
    onIndex(() -> index.seek(key));
    BlockCursor found = index.valid() ? open() : null;
    if (found != null) {
      within(found, at -> at.seek(key));
    }
  }

  @Override
  public void next() throws IOException {
    BlockCursor here = standing();
    block = null;
    if (within(here, BlockCursor::next)) {
      return;
    }
    onIndex(index::next);
    enter(BlockCursor::first);
  }

  /// Goes into the block that the index stands at, or the first one behind it that has a key.
  private void enter(Step begin) throws IOException {
    Step step = begin;
    while (index.valid()) {
      BlockCursor found = open();
      if (found != null && within(found, step)) {
        return;
      }
      step = BlockCursor::first;
      onIndex(index::next);
    }
  }

  private @Nullable BlockCursor open() throws IOException {
    try {
      BlockHandle handle = BlockHandle.decode(ByteReader.of(ByteBuffer.wrap(index.value())));
      blockAt = handle.offset();
      long end = table.endOf(handle, "a block");
      if (blockAt < blockEnd) { // or a small index could have one large block read again and again
        throw table.wrong(blockAt, "the index names a block that begins before the last one ends");
      }
      blockEnd = end;
      return new BlockCursor(table.block(handle, keep));
    } catch (FormatException e) {
      damaged(table.wrong(blockAt, "a block: " + e.getMessage()));
    } catch (CorruptLevelDbException e) {
      damaged(e);
    }
    return null;
  }

  /// {@return whether it stands at a key then}
  private boolean within(BlockCursor cursor, Step step) throws IOException {
    try {
      step.go(cursor);
      while (skipped != null && cursor.valid() && !InternalKeys.isKnown(cursor.key())) {
        damaged(table.unknownType(cursor.key()));
        cursor.next();
      }
    } catch (FormatException e) {
      damaged(table.wrong(blockAt, "a block: " + e.getMessage()));
    }
    block = cursor.valid() ? cursor : null;
    return cursor.valid();
  }

  private void onIndex(IndexStep step) throws IOException {
    try {
      step.go();
    } catch (FormatException e) {
      damaged(table.wrong(0, "the index: " + e.getMessage()));
    }
  }

  private void damaged(CorruptLevelDbException damage) throws CorruptLevelDbException {
    if (skipped == null) {
      throw damage;
    }
    skipped.accept(String.valueOf(damage.getMessage()));
  }

  private BlockCursor standing() {
    BlockCursor here = block;
    if (here == null) {
      throw new IllegalStateException("the cursor stands at no key");
    }
    return here;
  }

  @Override
  public byte[] key() {
    return standing().key();
  }

  @Override
  public byte[] value() {
    return standing().value();
  }

  @Override
  public void close() {
    block = null;
  }

  private interface Step {
    void go(BlockCursor cursor) throws FormatException;
  }

  private interface IndexStep {
    void go() throws FormatException;
  }
}
