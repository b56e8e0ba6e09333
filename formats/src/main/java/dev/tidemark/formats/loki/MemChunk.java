package dev.tidemark.formats.loki;

import dev.tidemark.formats.ByteReader;
import dev.tidemark.formats.FormatException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/// A chunk as Loki keeps it in memory and in checkpoints, in the formats 1 to 4. The name is
/// Loki's.
///
/// Memory: four bytes for each symbol, whatever else there is. Immutable, but for the bytes that it
/// was decoded from; safe for any number of threads.
public final class MemChunk {
  // As many as people read. A chunk may have millions.
  private static final int MOST_NAMED = 8;

  /// Takes the blocks whose checksums hold: lines that are compressed together.
  @FunctionalInterface
  private interface Blocks {
    void take(ByteBuffer block) throws FormatException;
  }

  private final ByteBuffer data;
  private final ByteBuffer head;

  // All below set by `decode`, and never again.
  private int format;
  private BlockCodec codec = BlockCodec.GZIP;
  private Symbols symbols = Symbols.NONE;
  private ByteBuffer metas;
  private long firstBlock;
  private int damagedBlocks;
  private final List<String> namedDamage = new ArrayList<>();

  private MemChunk(LokiRecord.CheckpointChunk chunk) {
    data = chunk.data().slice(); // big-endian
    head = chunk.head();
    metas = data;
  }

  /// Decodes a chunk's frame. Its blocks are decompressed only by [#lines].
  ///
  /// @param chunk of a checkpoint
  /// @return the chunk
  /// @throws FormatException if Loki itself would not take it. A block whose checksum is wrong is
  ///   no reason, see [#damagedBlocks()]
  public static MemChunk decode(LokiRecord.CheckpointChunk chunk) throws FormatException {
    MemChunk decoded = new MemChunk(chunk);
    decoded.frame(ByteReader.of(decoded.data));
    decoded.blocks(
        block -> {},
        damage -> {
          decoded.damagedBlocks++;
          if (decoded.damagedBlocks <= MOST_NAMED) {
            decoded.namedDamage.add(damage);
          }
        });
    return decoded;
  }

  /// {@return which of the formats it has, 1 to 4}
  public int format() {
    return format;
  }

  /// {@return how its blocks are compressed, in Loki's word: `gzip`, `snappy`, `lz4-256k` …}
  public String codec() {
    return codec.word();
  }

  /// {@return how many blocks are left out, as Loki leaves them out and says so in its own log}
  public int damagedBlocks() {
    return damagedBlocks;
  }

  /// {@return what is wrong with the first eight of the [#damagedBlocks()]}
  public List<String> namedDamage() {
    return List.copyOf(namedDamage);
  }

  /// Decompresses the blocks and shows their lines, then those of the head.
  ///
  /// @param unpacked counts, for all chunks of a record
  /// @param taker takes the lines and their labels; after an exception it has taken some of them
  /// @throws FormatException if they are not what Loki writes, or stand for too much
  void lines(UnpackedBytes unpacked, RecordTaker taker) throws FormatException {
    ChunkLines lines = new ChunkLines(symbols, unpacked, taker);
    blocks(
        block -> {
          try (InputStream content = BlockStream.open(codec, block, unpacked)) {
            lines.ofBlock(content, format >= ChunkLayout.FORMAT_WITH_SYMBOLS);
          } catch (FormatException malformed) {
            throw malformed;
          } catch (IOException impossible) { // the bytes are in memory
            throw new AssertionError(impossible);
          }
        },
        damage -> {});
    lines.ofHead(head);
  }

  // ---- the frame

  private void frame(ByteReader header) throws FormatException {
    long magic = header.int32BigEndian("a chunk's magic number");
    if (magic != ChunkLayout.MAGIC) {
      throw new FormatException("a chunk with magic number %08x".formatted(magic), 0);
    }
    format = header.octet("a chunk's format");
    if (format < 1 || format > ChunkLayout.LAST_FORMAT) {
      throw header.wrong("a chunk of unknown format " + format);
    }
    if (format >= ChunkLayout.FORMAT_WITH_CODEC) {
      codec = BlockCodec.of(header.octet("a chunk's codec"));
    }
    firstBlock = header.offset();
    long metasOffset = numberBeforeEnd(ChunkLayout.OFFSET_BYTES);
    long metasBytes;
    if (format >= ChunkLayout.FORMAT_WITH_SYMBOLS) {
      metasBytes = numberBeforeEnd(ChunkLayout.METAS_PAIR);
      long symbolsBytes = numberBeforeEnd(ChunkLayout.SYMBOLS_PAIR);
      long symbolsOffset = numberBeforeEnd(ChunkLayout.SYMBOLS_PAIR - ChunkLayout.OFFSET_BYTES);
      symbols = Symbols.of(section(symbolsOffset, symbolsBytes, "symbols"));
      firstBlock = symbolsOffset + symbolsBytes + ChunkLayout.CRC_BYTES;
    } else {
      metasBytes = data.limit() - ChunkLayout.OFFSET_BYTES - ChunkLayout.CRC_BYTES - metasOffset;
    }
    metas = section(metasOffset, metasBytes, "metas of blocks");
  }

  private long numberBeforeEnd(int bytes) throws FormatException {
    if (data.limit() < bytes) {
      throw new FormatException("a chunk of " + data.limit() + " bytes", 0);
    }
    return data.getLong(data.limit() - bytes);
  }

  private ByteBuffer section(long offset, long bytes, String what) throws FormatException {
    if (!isInside(offset, bytes)) {
      throw new FormatException(
          what
              + " of "
              + Long.toUnsignedString(bytes)
              + " bytes at "
              + Long.toUnsignedString(offset)
              + ", outside their chunk",
          0);
    }
    if (!isWhole(offset, bytes)) {
      throw new FormatException(what + " with a wrong checksum", offset);
    }
    return data.slice((int) offset, (int) bytes);
  }

  // ---- the blocks

  private void blocks(Blocks taker, Consumer<String> damaged) throws FormatException {
    ByteReader reader = ByteReader.of(metas);
    long expected = firstBlock;
    long allBytes = 0;
    long count = reader.varint64("a count of blocks");
    for (long i = 0; i != count; i++) {
      long _ = reader.varint64("a block's entries");
      long _ = reader.zigZag64("a block's first time");
      long _ = reader.zigZag64("a block's last time");
      long offset = reader.varint64("a block's offset");
      if (format >= ChunkLayout.FORMAT_WITH_RAW_LENGTH) {
        long _ = reader.varint64("a block's size");
      }
      long bytes = reader.varint64("a block's length");
      allBytes += Math.max(0, bytes);
      if (bytes < 0 || allBytes > data.limit()) { // or checksums would be computed for ever
        throw new FormatException("blocks of more bytes than their chunk", 0);
      }
      expected =
          block(offset, expected, (int) bytes, taker, damaged) + bytes + ChunkLayout.CRC_BYTES;
    }
  }

  // Loki once wrote offsets that were wrong; where the block before it ends is tried, too.
  private long block(long stated, long expected, int bytes, Blocks taker, Consumer<String> damaged)
      throws FormatException {
    if (isWhole(stated, bytes)) {
      taker.take(data.slice((int) stated, bytes));
      return stated;
    }
    if (stated != expected && isWhole(expected, bytes)) {
      taker.take(data.slice((int) expected, bytes));
      return expected;
    }
    if (!isInside(stated, bytes)) {
      throw new FormatException(
          "a block at " + Long.toUnsignedString(stated) + ", outside its chunk", 0);
    }
    damaged.accept("a block of " + bytes + " bytes with a wrong checksum, at byte " + stated);
    return expected;
  }

  private boolean isInside(long offset, long bytes) {
    long most = (long) data.limit() - ChunkLayout.CRC_BYTES;
    return bytes >= 0 && bytes <= most && offset >= 0 && offset <= most - bytes;
  }

  private boolean isWhole(long offset, long bytes) {
    if (!isInside(offset, bytes)) {
      return false;
    }
    CRC32C crc = new CRC32C();
    crc.update(data.slice((int) offset, (int) bytes));
    return (int) crc.getValue() == data.getInt((int) (offset + bytes));
  }
}
