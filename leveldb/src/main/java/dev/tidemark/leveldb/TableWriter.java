package dev.tidemark.leveldb;

import dev.tidemark.formats.ByteWriter;
import dev.tidemark.formats.leveldb.MaskedCrc;
import dev.tidemark.wal.storage.StorageFile;
import io.airlift.compress.v3.snappy.SnappyJavaCompressor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// Writes a table, byte for byte as LevelDB does (google/leveldb, table/table_builder.cc), without
/// a filter. The counterpart of [Table]. For one thread at a time.
///
/// The file is the caller's, who syncs it after [#finish()] and before anything refers to it. After
/// an exception it is worth nothing.
final class TableWriter {
  private static final int BUFFER_BYTES = 256 * 1024;

  private final StorageOutput out;
  private final boolean snappy;
  private final int blockBytes;
  private final CRC32C crc = new CRC32C();
  private final SnappyJavaCompressor compressor = new SnappyJavaCompressor();

  // All owned by the caller's thread.
  private final BlockWriter data = new BlockWriter(TableLayout.RESTART_INTERVAL);
  private final BlockWriter index = new BlockWriter(1);
  private final ByteWriter small = new ByteWriter(64);
  private byte[] compressed = new byte[0];
  private long offset;
  private byte @Nullable [] smallest;
  private byte[] last = new byte[0];
  // The block before the one that is being built: its line in the index waits for the next key.
  private @Nullable BlockHandle pending;

  /// @param file empty
  /// @param snappy whether blocks that shrink by an eighth are compressed
  /// @param blockBytes how large a block grows before the next one begins
  TableWriter(StorageFile file, boolean snappy, int blockBytes) {
    out = new StorageOutput(file, 0, BUFFER_BYTES);
    this.snappy = snappy;
    this.blockBytes = blockBytes;
  }

  /// Appends a key behind all others.
  ///
  /// @param key an internal key, larger than those before; kept
  /// @param value what it holds
  void add(byte[] key, byte[] value) throws IOException {
    assert smallest == null || InternalKeys.compare(last, key) < 0 : "keys must ascend";
    BlockHandle before = pending;
    if (before != null) {
      addToIndex(InternalKeys.shortestSeparator(last, key), before);
      pending = null;
    }
    if (smallest == null) {
      smallest = key;
    }
    data.add(key, ByteBuffer.wrap(value));
    last = key;
    if (data.size() >= blockBytes) {
      pending = write(data);
    }
  }

  /// {@return how many bytes the file has now, but for the block that is being built}
  long size() {
    return offset;
  }

  /// {@return whether nothing was added}
  boolean isEmpty() {
    return smallest == null;
  }

  /// {@return the first key}
  byte[] smallest() {
    byte[] first = smallest;
    if (first == null) {
      throw new IllegalStateException("an empty table has no first key");
    }
    return first;
  }

  /// {@return the last key}
  byte[] largest() {
    return last;
  }

  /// Writes what is still missing. The file has [#size()] bytes on return; nothing is synced.
  void finish() throws IOException {
    if (!data.isEmpty()) {
      pending = write(data);
    }
    BlockHandle metaIndex = write(new BlockWriter(TableLayout.RESTART_INTERVAL));
    BlockHandle lastBlock = pending;
    if (lastBlock != null) {
      addToIndex(InternalKeys.shortSuccessor(last), lastBlock);
      pending = null;
    }
    footer(metaIndex, write(index));
    out.flush();
  }

  private void addToIndex(byte[] key, BlockHandle handle) {
    small.clear();
    handle.encode(small);
    index.add(key, small.written());
  }

  private void footer(BlockHandle metaIndex, BlockHandle indexBlock) throws IOException {
    small.clear();
    metaIndex.encode(small);
    indexBlock.encode(small);
    while (small.size() < TableLayout.MAGIC_AT) {
      small.octet(0);
    }
    small.int64LittleEndian(TableLayout.MAGIC);
    put(small.written());
  }

  private BlockHandle write(BlockWriter block) throws IOException {
    ByteBuffer raw = block.finish();
    ByteBuffer stored = raw;
    int compression = TableLayout.UNCOMPRESSED;
    if (snappy) {
      ByteBuffer shrunk = compress(raw);
      if (shrunk.remaining() < raw.remaining() - raw.remaining() / 8) {
        stored = shrunk;
        compression = TableLayout.SNAPPY;
      }
    }
    BlockHandle handle = new BlockHandle(offset, stored.remaining());
    crc.reset();
    crc.update(stored.duplicate());
    crc.update(compression);
    put(stored);
    small.clear();
    small.octet(compression).int32LittleEndian(MaskedCrc.mask((int) crc.getValue()));
    put(small.written());
    block.clear();
    return handle;
  }

  private ByteBuffer compress(ByteBuffer raw) {
    int most = compressor.maxCompressedLength(raw.remaining());
    if (compressed.length < most) {
      compressed = new byte[most];
    }
    int from = raw.arrayOffset() + raw.position();
    int length =
        compressor.compress(raw.array(), from, raw.remaining(), compressed, 0, compressed.length);
    return ByteBuffer.wrap(compressed, 0, length);
  }

  private void put(ByteBuffer bytes) throws IOException {
    out.write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
    offset += bytes.remaining();
  }
}
