package dev.tidemark.formats.loki;

import dev.tidemark.formats.ByteReader;
import dev.tidemark.formats.FormatException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/// A chunk as Loki keeps it in memory and in checkpoints, in the formats 1 to 4. The name is
/// Loki's.
///
/// Immutable, but for the bytes that it was decoded from; safe for any number of threads.
public final class MemChunk {
  /// Lines that are compressed together.
  private record Block(ByteBuffer bytes) {}

  private final int format;
  private final BlockCodec codec;
  private final List<String> symbols;
  private final List<Block> blocks;
  private final List<String> damagedBlocks;
  private final ByteBuffer head;

  private MemChunk(Decoding decoding, ByteBuffer head) {
    format = decoding.format;
    codec = decoding.codec;
    symbols = List.copyOf(decoding.symbols);
    blocks = List.copyOf(decoding.blocks);
    damagedBlocks = List.copyOf(decoding.damaged);
    this.head = head;
  }

  /// Decodes a chunk's frame. Its blocks are decompressed only by [#lines].
  ///
  /// @param chunk of a checkpoint
  /// @return the chunk
  /// @throws FormatException if Loki itself would not take it. A block whose checksum is wrong is
  ///   no reason, see [#damagedBlocks()]
  public static MemChunk decode(LokiRecord.CheckpointChunk chunk) throws FormatException {
    Decoding decoding = new Decoding(chunk.data());
    decoding.run();
    return new MemChunk(decoding, chunk.head());
  }

  /// {@return which of the formats it has, 1 to 4}
  public int format() {
    return format;
  }

  /// {@return how its blocks are compressed, in Loki's word: `gzip`, `snappy`, `lz4-256k` …}
  public String codec() {
    return codec.word();
  }

  /// {@return what is wrong with blocks that are left out, as Loki leaves them out}
  public List<String> damagedBlocks() {
    return damagedBlocks;
  }

  /// Decompresses the blocks and shows their lines, then those of the head.
  ///
  /// @param unpacked counts, for all chunks of a record
  /// @param taker takes the lines; after an exception it has taken some of them
  /// @throws FormatException if they are not what Loki writes, or stand for too much
  void lines(UnpackedBytes unpacked, ChunkLines.Taker taker) throws FormatException {
    ChunkLines lines = new ChunkLines(symbols, unpacked, taker);
    for (Block block : blocks) {
      try (InputStream content = BlockStream.open(codec, block.bytes, unpacked)) {
        lines.ofBlock(content, format >= ChunkLayout.FORMAT_WITH_SYMBOLS);
      } catch (FormatException malformed) {
        throw malformed;
      } catch (IOException impossible) { // the bytes are in memory
        throw new AssertionError(impossible);
      }
    }
    lines.ofHead(head);
  }

  /// The walk over a chunk's `data`.
  private static final class Decoding {
    private final ByteBuffer data;
    private final ByteReader header;

    // All owned by the caller's thread.
    private int format;
    private BlockCodec codec = BlockCodec.GZIP;
    private final List<String> symbols = new ArrayList<>();
    private final List<Block> blocks = new ArrayList<>();
    private final List<String> damaged = new ArrayList<>();
    private long blockBytes;

    Decoding(ByteBuffer data) {
      this.data = data.slice(); // big-endian
      header = ByteReader.of(data);
    }

    void run() throws FormatException {
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
      long first = header.offset();
      long metasOffset = numberBeforeEnd(ChunkLayout.OFFSET_BYTES);
      long metasBytes;
      if (format >= ChunkLayout.FORMAT_WITH_SYMBOLS) {
        metasBytes = numberBeforeEnd(ChunkLayout.METAS_PAIR);
        long symbolsBytes = numberBeforeEnd(ChunkLayout.SYMBOLS_PAIR);
        long symbolsOffset = numberBeforeEnd(ChunkLayout.SYMBOLS_PAIR - ChunkLayout.OFFSET_BYTES);
        symbols(ByteReader.of(section(symbolsOffset, symbolsBytes, "symbols")));
        first = symbolsOffset + symbolsBytes + ChunkLayout.CRC_BYTES;
      } else {
        metasBytes = data.limit() - ChunkLayout.OFFSET_BYTES - ChunkLayout.CRC_BYTES - metasOffset;
      }
      metas(ByteReader.of(section(metasOffset, metasBytes, "metas of blocks")), first);
    }

    private long numberBeforeEnd(int bytes) throws FormatException {
      if (data.limit() < bytes) {
        throw new FormatException("a chunk of " + data.limit() + " bytes", 0);
      }
      return data.getLong(data.limit() - bytes);
    }

    private void symbols(ByteReader reader) throws FormatException {
      if (!reader.hasRemaining()) {
        return;
      }
      long count = reader.varint64("a count of symbols");
      for (long i = 0; i != count; i++) {
        symbols.add(RecordDecoder.text(reader.lengthAndBytes("a symbol")));
      }
    }

    private void metas(ByteReader reader, long first) throws FormatException {
      long expected = first;
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
        expected = block(offset, expected, bytes) + bytes + ChunkLayout.CRC_BYTES;
      }
    }

    // Loki once wrote offsets that were wrong; where the block before it ends is tried, too.
    private long block(long stated, long expected, long bytes) throws FormatException {
      blockBytes += Math.max(0, bytes);
      if (bytes < 0 || blockBytes > data.limit()) { // or checksums would be computed for ever
        throw new FormatException("blocks of more bytes than their chunk", 0);
      }
      if (isWhole(stated, bytes)) {
        blocks.add(new Block(data.slice((int) stated, (int) bytes)));
        return stated;
      }
      if (stated != expected && isWhole(expected, bytes)) {
        blocks.add(new Block(data.slice((int) expected, (int) bytes)));
        return expected;
      }
      if (!isInside(stated, bytes)) {
        throw new FormatException(
            "a block at " + Long.toUnsignedString(stated) + ", outside its chunk", 0);
      }
      damaged.add("a block of " + bytes + " bytes with a wrong checksum, at byte " + stated);
      return expected;
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
}
