package dev.tidemark.leveldb;

import dev.tidemark.formats.ByteReader;
import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.leveldb.MaskedCrc;
import dev.tidemark.wal.storage.StorageFile;
import io.airlift.compress.v3.MalformedInputException;
import io.airlift.compress.v3.snappy.SnappyJavaDecompressor;
import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// Reads a table that LevelDB or [TableWriter] wrote ([TableLayout]). Immutable, safe for use by
/// any number of threads.
///
/// The checksum of every block is held against its bytes whenever it is read. Memory is taken for
/// what is really in the file, and for what that can at most be when unpacked. A filter is not
/// used.
final class Table implements Closeable {
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  /// A copy of 64 bytes takes 3 of Snappy's.
  private static final int MOST_RAW_PER_BYTE = 22;

  private final StorageFile file;
  private final long number;
  private final long fileBytes;
  private final BlockCache cache;
  private final byte[] index;

  /// Written by whoever meets it.
  private volatile boolean cutOff;

  private Table(StorageFile file, long number, long fileBytes, BlockCache cache)
      throws IOException {
    this.file = file;
    this.number = number;
    this.cache = cache;
    this.fileBytes = fileBytes;
    index = read(footer(), "the index");
    new BlockCursor(index).first(); // refuses what is none
  }

  /// Opens a table.
  ///
  /// @param file its file; closed with the table, but not if this throws
  /// @param number of the table, for the cache
  /// @param expectedBytes how large the file must be
  /// @param cache keeps blocks
  /// @return the table
  /// @throws CorruptLevelDbException if it is none, or has another size
  /// @throws IOException if it cannot be read
  static Table open(StorageFile file, long number, long expectedBytes, BlockCache cache)
      throws IOException {
    long size = file.size();
    if (size < expectedBytes) {
      throw new CorruptLevelDbException(
          file.name() + " has " + size + " bytes; the manifest says " + expectedBytes);
    }
    try {
      // What is behind is nothing to LevelDB either.
      return new Table(file, number, expectedBytes, cache);
    } catch (FormatException e) {
      throw new CorruptLevelDbException(file.name() + ": the index: " + e.getMessage(), e);
    }
  }

  String name() {
    return file.name();
  }

  byte[] index() {
    return index;
  }

  private BlockHandle footer() throws IOException {
    if (fileBytes < TableLayout.FOOTER_BYTES) {
      throw wrong(0, "a table of " + fileBytes + " bytes has no footer");
    }
    long at = fileBytes - TableLayout.FOOTER_BYTES;
    ByteReader reader =
        ByteReader.of(ByteBuffer.wrap(bytes(at, TableLayout.FOOTER_BYTES, "the footer")));
    try {
      BlockHandle.decode(reader); // the metaindex, which nobody needs
      BlockHandle found = BlockHandle.decode(reader);
      reader.bytes(TableLayout.MAGIC_AT - reader.offset(), "what fills the footer");
      if (reader.int64LittleEndian("the magic number") != TableLayout.MAGIC) {
        throw wrong(at + TableLayout.MAGIC_AT, "the magic number of a table is not there");
      }
      return found;
    } catch (FormatException e) {
      throw new CorruptLevelDbException(name() + ": the footer: " + e.getMessage(), e);
    }
  }

  /// {@return the contents of a data block}
  ///
  /// @param handle as the index has it: anything
  /// @param keep whether the cache keeps it
  byte[] block(BlockHandle handle, boolean keep) throws IOException {
    BlockCache.Place place = new BlockCache.Place(number, handle.offset());
    byte[] found = cache.find(place);
    if (found == null) {
      found = read(handle, "a block");
      if (keep) {
        cache.keep(place, found);
      }
    }
    return found;
  }

  /// {@return where a block ends, with what is behind its contents}
  ///
  /// @param handle anything
  /// @throws CorruptLevelDbException if it is not in the file
  long endOf(BlockHandle handle, String what) throws CorruptLevelDbException {
    long offset = handle.offset();
    long size = handle.size();
    long end = fileBytes - TableLayout.FOOTER_BYTES;
    if (offset < 0 || size < 0 || offset > end || size > end - offset - TableLayout.TRAILER_BYTES) {
      throw wrong(
          0,
          what
              + " of "
              + Long.toUnsignedString(size)
              + " bytes at "
              + Long.toUnsignedString(offset)
              + " is outside of the file");
    }
    return offset + size + TableLayout.TRAILER_BYTES;
  }

  private byte[] read(BlockHandle handle, String what) throws IOException {
    endOf(handle, what);
    long offset = handle.offset();
    long size = handle.size();
    if (size > Integer.MAX_VALUE - 64) {
      throw wrong(offset, what + " of " + size + " bytes; more than 2 GiB cannot be read");
    }
    int length = (int) size;
    byte[] stored = bytes(offset, length + TableLayout.TRAILER_BYTES, what);
    CRC32C crc = new CRC32C();
    crc.update(stored, 0, length + TableLayout.COMPRESSION_BYTES);
    int expected = MaskedCrc.unmask((int) INT.get(stored, length + TableLayout.COMPRESSION_BYTES));
    if ((int) crc.getValue() != expected) {
      throw wrong(offset, "the checksum of " + what + " does not match");
    }
    return unpacked(stored, length, offset, what);
  }

  private byte[] unpacked(byte[] stored, int length, long offset, String what)
      throws CorruptLevelDbException {
    return switch (stored[length]) {
      case TableLayout.UNCOMPRESSED -> Arrays.copyOf(stored, length);
      case TableLayout.SNAPPY -> snappy(stored, length, offset, what);
      case TableLayout.ZSTANDARD ->
          throw wrong(
              offset, what + " is compressed with Zstandard, which LevelDB 1.23 does not know");
      default -> throw wrong(offset, what + " is compressed in an unknown way: " + stored[length]);
    };
  }

  private byte[] snappy(byte[] stored, int length, long offset, String what)
      throws CorruptLevelDbException {
    try {
      long raw =
          ByteReader.of(ByteBuffer.wrap(stored, 0, length)).varint32("the size of what is packed");
      if (raw > (long) length * MOST_RAW_PER_BYTE || raw > Integer.MAX_VALUE - 64) {
        throw wrong(offset, what + " of " + length + " bytes cannot unpack to " + raw);
      }
      byte[] unpacked = new byte[(int) raw];
      int got =
          new SnappyJavaDecompressor().decompress(stored, 0, length, unpacked, 0, unpacked.length);
      if (got != raw) {
        throw wrong(offset, what + " unpacks to " + got + " bytes instead of " + raw);
      }
      return unpacked;
    } catch (FormatException | MalformedInputException | IllegalArgumentException e) {
      throw new CorruptLevelDbException(
          name() + ": " + what + " cannot be unpacked, at byte " + offset, e);
    }
  }

  private byte[] bytes(long offset, int length, String what) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(length);
      int got = read(offset, memory);
      if (got != length) {
        throw wrong(offset, what + " of " + length + " bytes is cut short after " + got);
      }
      return memory.toArray(ValueLayout.JAVA_BYTE);
    }
  }

  private int read(long offset, MemorySegment target) throws IOException {
    try {
      return file.read(offset, target);
    } catch (ClosedChannelException e) {
      cutOff = true;
      throw e;
    }
  }

  /// {@return whether the file was closed by somebody else than its owner: where storages can be
  /// interrupted, whoever is interrupted in a read closes it for all}
  boolean isCutOff() {
    return cutOff;
  }

  /// {@return what to throw for a key whose type LevelDB does not know}
  CorruptLevelDbException unknownType(byte[] key) {
    return new CorruptLevelDbException(
        name()
            + ": the key "
            + InternalKeys.describe(key)
            + " is of the unknown type "
            + InternalKeys.type(key));
  }

  CorruptLevelDbException wrong(long offset, String reason) {
    return new CorruptLevelDbException(name() + ": " + reason + ", at byte " + offset);
  }

  /// {@return a cursor over all keys, nowhere at first}
  ///
  /// @param keep whether the cache keeps what it reads
  /// @param skipped where not null, blocks that are damaged are passed over and told to it
  TableCursor cursor(boolean keep, @Nullable Consumer<String> skipped) throws IOException {
    return new TableCursor(this, keep, skipped);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
