package dev.tidemark.formats.loki;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tidemark.formats.Described;
import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.loki.LokiRecord.CheckpointChunk;
import dev.tidemark.formats.loki.LokiRecord.Time;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;

/// Chunks and records of checkpoints, made by hand.
final class Chunks {
  static final long T = 1_700_000_000_000_000_000L;

  /// `first line` at T, 200 times `ab` at T + 1, nothing at T + 2, as a block of format 3 has them.
  static final byte[] BLOCK =
      new Bytes()
          .varint(T)
          .text("first line")
          .varint(T + 1)
          .text("ab".repeat(200))
          .varint(T + 2)
          .text("")
          .array();

  /// What comes out of it.
  static final List<String> LINES = List.of("0 first line", "1 " + "ab".repeat(200), "2 ");

  // The same, as other programs compress it: lz4 1.9.4 (-B4 and -B7 -BX --content-size), zstd
  // 1.5.4.
  private static final String LZ4_64K =
      "04224d186440a72d000000f4068080d0e2c6bfce972f0a6669727374206c696e658214004f900361620200ff7c"
          + "a08480d0e2c6bfce972f0000000000689db5c8";
  private static final String LZ4_4M =
      "04224d187c40b901000000000000622d000000f4068080d0e2c6bfce972f0a6669727374206c696e658214004f"
          + "900361620200ff7ca08480d0e2c6bfce972f0049ea900300000000689db5c8";
  private static final String ZSTD =
      "28b52ffd64b9003d0100d88080d0e2c6bfce972f0a6669727374206c696e658290036162840003009e8b108b39"
          + "45de3b993520fa7a";

  private Chunks() {}

  /// {@return the block, compressed by something else than what is tested}
  static byte[] packed(BlockCodec codec) throws IOException {
    ByteArrayOutputStream target = new ByteArrayOutputStream();
    switch (codec) {
      case NONE -> target.write(BLOCK);
      case GZIP -> {
        try (OutputStream gzip = new GZIPOutputStream(target)) {
          gzip.write(BLOCK);
        }
      }
      case FLATE -> {
        try (OutputStream bare = new DeflaterOutputStream(target, new Deflater(9, true))) {
          bare.write(BLOCK);
        }
      }
      case SNAPPY -> target.write(snappy(BLOCK));
      case LZ4_64K, LZ4_256K, LZ4_1M -> target.write(HexFormat.of().parseHex(LZ4_64K));
      case LZ4_4M -> target.write(HexFormat.of().parseHex(LZ4_4M));
      case ZSTD -> target.write(HexFormat.of().parseHex(ZSTD));
    }
    return target.toByteArray();
  }

  /// {@return a stream of Snappy's: a chunk that is not compressed, and one that is, of a literal
  /// and the copies of `ab`}
  static byte[] snappy(byte[] content) {
    int half = 30;
    byte[] first = Arrays.copyOf(content, half);
    byte[] second = Arrays.copyOfRange(content, half, content.length);
    Bytes block = new Bytes().uvarint(second.length);
    int at = 0;
    while (at < second.length) {
      int length = Math.min(60, second.length - at);
      boolean repeats = at >= 2 && repeats(second, at, length);
      if (repeats) {
        block.octets(((length - 1) << 2) | 2, 2, 0); // a copy from two bytes before
      } else {
        block.octets((length - 1) << 2).raw(Arrays.copyOfRange(second, at, at + length));
      }
      at += length;
    }
    return new Bytes()
        .octets(0xff, 6, 0, 0)
        .raw("sNaPpY".getBytes(UTF_8))
        .raw(snappyChunk(1, first, first))
        .octets(0xfe, 2, 0, 0, 9, 9) // padding
        .raw(snappyChunk(0, second, block.array()))
        .array();
  }

  private static boolean repeats(byte[] bytes, int at, int length) {
    for (int i = at; i < at + length; i++) {
      if (bytes[i] != bytes[i - 2]) {
        return false;
      }
    }
    return true;
  }

  static byte[] snappyChunk(int kind, byte[] raw, byte[] stored) {
    int crc = Bytes.crc(raw);
    int masked = Integer.reverseBytes(Integer.rotateRight(crc, 15) + 0xa282ead8);
    int length = stored.length + 4;
    return new Bytes()
        .octets(kind, length & 0xff, length >> 8, length >> 16)
        .be32(masked)
        .raw(stored)
        .array();
  }

  /// Puts `data` together.
  static final class Builder {
    final int format;
    final BlockCodec codec;
    byte[] symbols = new byte[] {0};
    final List<byte[]> blocks = new ArrayList<>();
    long offsetError;
    boolean badBlock;
    int number = -1;

    Builder(int format, BlockCodec codec) {
      this.format = format;
      this.codec = codec;
    }

    Builder block(byte[] packed) {
      blocks.add(packed);
      return this;
    }

    Builder symbols(String... texts) {
      Bytes section = new Bytes().uvarint(texts.length);
      for (String text : texts) {
        section.text(text);
      }
      symbols = section.array();
      return this;
    }

    byte[] build() {
      Bytes data = new Bytes().octets(0x01, 0x2e, 0xe5, 0x6a, format);
      if (format >= 2) {
        data.octets(number >= 0 ? number : codec.number());
      }
      if (format >= 4) {
        data.raw(symbols).be32(Bytes.crc(symbols));
      }
      Bytes metas = new Bytes().uvarint(blocks.size());
      for (byte[] block : blocks) {
        metas.uvarint(3).varint(T).varint(T + 2).uvarint(data.size() + offsetError);
        if (format >= 3) {
          metas.uvarint(410);
        }
        metas.uvarint(block.length);
        data.raw(block).be32(Bytes.crc(block) + (badBlock ? 1 : 0));
      }
      int metasOffset = data.size();
      data.raw(metas.array()).be32(Bytes.crc(metas.array()));
      if (format >= 4) {
        data.be64(symbols.length).be64(6).be64(metas.size());
      }
      return data.be64(metasOffset).array();
    }
  }

  static CheckpointChunk chunk(byte[] data, byte[] head) {
    return new CheckpointChunk(
        Time.EPOCH,
        Time.EPOCH,
        Time.EPOCH,
        Time.EPOCH,
        false,
        false,
        ByteBuffer.wrap(data),
        ByteBuffer.wrap(head));
  }

  /// {@return the lines of a chunk, as nanoseconds behind T, line, and metadata}
  static List<String> lines(byte[] data, byte[] head) throws FormatException {
    List<String> lines = new ArrayList<>();
    MemChunk.decode(chunk(data, head))
        .lines(
            new UnpackedBytes(),
            new Lines(
                line -> {
                  StringBuilder text = new StringBuilder();
                  text.append(line.timestampNanos() - T).append(' ');
                  text.append(RecordWalk.text(line.line()));
                  line.metadata().forEach(one -> text.append(" " + one.name() + "=" + one.value()));
                  lines.add(text.toString());
                }));
    return lines;
  }

  static byte[] time(long seconds, int nanos) {
    Bytes time = new Bytes();
    if (seconds != 0) {
      time.field(1, seconds);
    }
    return nanos == 0 ? time.array() : time.field(2, nanos).array();
  }

  /// {@return a record of a checkpoint with one chunk}
  static byte[] checkpoint(byte[] data, byte[] head) {
    return checkpoint(List.of(data), head);
  }

  /// {@return a record of a checkpoint with some chunks}
  static byte[] checkpoint(List<byte[]> chunks, byte[] head) {
    Bytes label = new Bytes().field(1, "app".getBytes(UTF_8)).field(2, "x".getBytes(UTF_8));
    Bytes record =
        new Bytes()
            .octets(3)
            .field(1, "fake".getBytes(UTF_8))
            .field(2, 0xfedc_ba98_7654_3210L)
            .field(3, label.array());
    for (byte[] data : chunks) {
      Bytes chunk =
          new Bytes()
              .field(1, time(1_700_000_000, 0))
              .field(2, time(1_700_000_001, 5))
              .field(3, time(-62_135_596_800L, 0))
              .field(4, time(1_700_000_002, 0))
              .field(5, 1)
              .field(7, data)
              .field(8, head);
      record.field(4, chunk.array());
    }
    return record
        .field(5, time(1_700_000_001, 5))
        .field(6, "last".getBytes(UTF_8))
        .field(7, 42)
        .field(8, time(1_700_000_003, 0))
        .array();
  }

  static String described(byte[] payload) throws FormatException {
    return Described.by(sink -> RecordDescriber.describe(ByteBuffer.wrap(payload), sink));
  }
}
