package dev.tidemark.formats.loki;

import dev.tidemark.formats.ByteReader;
import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.prometheus.ZstdFrames;
import io.airlift.compress.v3.lz4.Lz4FrameJavaDecompressor;
import io.airlift.compress.v3.snappy.SnappyFramedInputStream;
import io.airlift.compress.v3.snappy.SnappyJavaDecompressor;
import io.airlift.compress.v3.zstd.ZstdInputStream;
import io.airlift.compress.v3.zstd.ZstdJavaDecompressor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;

/// How the blocks of a chunk are compressed. Each is a whole stream of its kind: Snappy and LZ4 in
/// frames, DEFLATE bare.
///
/// Source: grafana/loki, `pkg/compression/codec.go` and `pool.go`.
enum BlockCodec {
  NONE(0),
  GZIP(1),
  LZ4_64K(3),
  SNAPPY(4),
  LZ4_256K(5),
  LZ4_1M(6),
  LZ4_4M(7),
  FLATE(8),
  ZSTD(9);

  // The largest that the library takes.
  private static final int ZSTD_WINDOW_BYTES = 8 << 20;

  private final int number;

  BlockCodec(int number) {
    this.number = number;
  }

  static BlockCodec of(int number) throws FormatException {
    for (BlockCodec codec : values()) {
      if (codec.number == number) {
        return codec;
      }
    }
    throw new FormatException("a chunk of unknown codec " + number, 0);
  }

  int number() {
    return number;
  }

  /// {@return its name as users of Loki write it}
  String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// Begins to decompress. Takes at most [UnpackedBytes#MOST_OF_BLOCK] bytes at once, and those
  /// only if the block can stand for so much.
  ///
  /// @param block from position to limit
  /// @param unpacked counts what is taken because of what the block says of itself
  /// @return its content, whose end may never come; throws what the library throws
  /// @throws IOException if it is not of this kind
  InputStream open(ByteBuffer block, UnpackedBytes unpacked) throws IOException {
    byte[] bytes = new byte[block.remaining()];
    block.get(block.position(), bytes);
    InputStream stream = new ByteArrayInputStream(bytes);
    return switch (this) {
      case NONE -> stream;
      case GZIP -> new GZIPInputStream(stream);
      case FLATE -> new Bare(stream);
      case ZSTD -> {
        // The stream takes the window that the frame names, however little is in it.
        long most = ZstdFrames.mostContentBytes(block);
        unpacked.add(Math.min(most, ZSTD_WINDOW_BYTES));
        if (most > ZSTD_WINDOW_BYTES) {
          yield new ZstdInputStream(stream);
        }
        byte[] content = new byte[(int) most + 1]; // without any room nothing is looked at
        int length =
            new ZstdJavaDecompressor()
                .decompress(bytes, 0, bytes.length, content, 0, content.length);
        yield new ByteArrayInputStream(content, 0, length);
      }
      case SNAPPY -> {
        CompressedFrames.checkSnappy(block);
        yield new SnappyFramedInputStream(new SnappyJavaDecompressor(), stream);
      }
      case LZ4_64K, LZ4_256K, LZ4_1M, LZ4_4M -> {
        byte[] content = new byte[CompressedFrames.mostOfLz4(block)];
        int length =
            new Lz4FrameJavaDecompressor()
                .decompress(bytes, 0, bytes.length, content, 0, content.length);
        yield new ByteArrayInputStream(content, 0, length);
      }
    };
  }

  /// DEFLATE without any wrapping. Memory outside the heap is given back at the end.
  private static final class Bare extends InflaterInputStream {
    Bare(InputStream stream) {
      super(stream, new Inflater(true));
    }

    @Override
    public void close() throws IOException {
      inf.end();
      super.close();
    }
  }

  /// Bounds for what libraries would take memory for unasked.
  private static final class CompressedFrames {
    private static final int SNAPPY_BLOCK_BYTES = 1 << 16;
    private static final int SNAPPY_COMPRESSED = 0;
    private static final long LZ4_MAGIC = 0x184D_2204L;
    private static final int LZ4_MOST_RAW_PER_BYTE = 255;
    private static final long LZ4_UNCOMPRESSED = 1L << 31;

    /// No chunk of a Snappy stream may stand for more than 64 KiB. Source: google/snappy,
    /// framing_format.txt.
    static void checkSnappy(ByteBuffer block) throws FormatException {
      ByteReader reader = ByteReader.of(block);
      while (reader.hasRemaining()) {
        int kind = reader.octet("a Snappy chunk");
        int length =
            reader.short16LittleEndian("a Snappy chunk's length")
                | (reader.octet("a Snappy chunk's length") << 16);
        ByteReader chunk = ByteReader.of(reader.bytes(length, "a Snappy chunk"));
        if (kind == SNAPPY_COMPRESSED) {
          long _ = chunk.int32LittleEndian("a Snappy chunk's checksum");
          if (chunk.varint32("a Snappy chunk's length") > SNAPPY_BLOCK_BYTES) {
            throw reader.wrong("a Snappy chunk of more than 64 KiB");
          }
        }
      }
    }

    /// {@return how many bytes frames of LZ4 can stand for at most}
    ///
    /// Source: lz4/lz4, doc/lz4_Frame_format.md.
    static int mostOfLz4(ByteBuffer block) throws FormatException {
      ByteReader reader = ByteReader.of(block);
      long most = 0;
      while (reader.hasRemaining()) {
        if (reader.int32LittleEndian("LZ4's magic number") != LZ4_MAGIC) {
          throw reader.wrong("no frame of LZ4");
        }
        int flags = reader.octet("an LZ4 frame's flags");
        int sizes = reader.octet("an LZ4 frame's sizes");
        int largest = 1 << (8 + 2 * ((sizes >> 4) & 7));
        int head = ((flags & 8) != 0 ? 8 : 0) + ((flags & 1) != 0 ? 4 : 0) + 1;
        ByteBuffer _ = reader.bytes(head, "an LZ4 frame's header");
        long size = reader.int32LittleEndian("an LZ4 block's length");
        while (size != 0) {
          long length = size & ~LZ4_UNCOMPRESSED;
          boolean raw = (size & LZ4_UNCOMPRESSED) != 0;
          most += raw ? length : Math.min(largest, length * LZ4_MOST_RAW_PER_BYTE);
          ByteBuffer _ = reader.bytes(length + ((flags & 16) != 0 ? 4 : 0), "an LZ4 block");
          size = reader.int32LittleEndian("an LZ4 block's length");
        }
        ByteBuffer _ = reader.bytes((flags & 4) != 0 ? 4 : 0, "an LZ4 frame's checksum");
      }
      if (most > UnpackedBytes.MOST_OF_BLOCK) {
        throw new FormatException(
            "a block of more than " + UnpackedBytes.MOST_OF_BLOCK + " bytes", 0);
      }
      return (int) most;
    }
  }
}
