package dev.tidemark.formats.loki;

import static dev.tidemark.formats.loki.Chunks.LINES;
import static dev.tidemark.formats.loki.Chunks.T;
import static dev.tidemark.formats.loki.Chunks.lines;
import static dev.tidemark.formats.loki.Chunks.packed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.formats.FormatException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class MemChunkTest {
  private static final byte[] NO_HEAD = {};

  private static void assertRefused(byte[] data, byte[] head, String reason) {
    assertThatThrownBy(() -> lines(data, head))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining(reason);
  }

  private static byte[] changed(byte[] data, int at, int xor) {
    byte[] changed = data.clone();
    changed[at] ^= (byte) xor;
    return changed;
  }

  @ParameterizedTest
  @EnumSource
  void blocksOfEveryCodecAreRead(BlockCodec codec) throws IOException {
    byte[] data = new Chunks.Builder(3, codec).block(packed(codec)).build();
    assertThat(lines(data, NO_HEAD)).isEqualTo(LINES);
    assertThat(MemChunk.decode(Chunks.chunk(data, NO_HEAD)).codec()).isEqualTo(codec.word());
  }

  @Test
  void codecsHaveTheNamesThatUsersOfLokiWrite() {
    assertThat(Stream.of(BlockCodec.values()).map(BlockCodec::word))
        .containsExactly(
            "none", "gzip", "lz4-64k", "snappy", "lz4-256k", "lz4-1m", "lz4-4m", "flate", "zstd");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void formatsWithoutMetadataAreRead(int format) throws IOException {
    byte[] gzip = packed(BlockCodec.GZIP);
    byte[] data = new Chunks.Builder(format, BlockCodec.GZIP).block(gzip).block(gzip).build();
    assertThat(lines(data, NO_HEAD)).hasSize(6).startsWith("0 first line").endsWith("2 ");
    assertThat(MemChunk.decode(Chunks.chunk(data, NO_HEAD)).format()).isEqualTo(format);
  }

  @Test
  void linesOfFormat4HaveMetadata() throws IOException {
    byte[] block =
        new Bytes()
            .varint(T)
            .text("a")
            .lengthAnd(new byte[] {1, 0, 1})
            .varint(T - 1)
            .text("b")
            .lengthAnd(new byte[] {2, 0, 2, 1, 9})
            .varint(T + 9)
            .text("c")
            .lengthAnd(new byte[] {0})
            .array();
    byte[] data =
        new Chunks.Builder(4, BlockCodec.NONE).symbols("k", "v", "w").block(block).build();
    byte[] head = new Bytes().octets(5, 1).varint(T).text("h").octets(1, 1, 2).array();
    assertThat(lines(data, head)).containsExactly("0 a k=v", "-1 b k=w v=", "9 c", "0 h v=w");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void headsInOrderAreRead(int version) throws IOException {
    byte[] data = new Chunks.Builder(3, BlockCodec.GZIP).build();
    byte[] head =
        new Bytes()
            .octets(version)
            .uvarint(2)
            .uvarint(3)
            .varint(T)
            .varint(T + 1)
            .varint(T)
            .text("a")
            .varint(T + 1)
            .text("bc")
            .array();
    assertThat(lines(data, head)).containsExactly("0 a", "1 bc");
  }

  @Test
  void headsWithoutOrderAndEmptyOnesAreRead() throws IOException {
    byte[] data = new Chunks.Builder(4, BlockCodec.SNAPPY).build();
    byte[] head = new Bytes().octets(4, 2).varint(T + 1).text("b").varint(T).text("a").array();
    assertThat(lines(data, head)).containsExactly("1 b", "0 a");
    assertThat(lines(data, new byte[] {4, 0})).isEmpty();
    assertThat(lines(data, NO_HEAD)).isEmpty();
  }

  // ---- what Loki itself survives

  @Test
  void aBlockWithAWrongChecksumIsLeftOutAndNamed() throws IOException {
    Chunks.Builder builder = new Chunks.Builder(3, BlockCodec.GZIP).block(packed(BlockCodec.GZIP));
    builder.badBlock = true;
    MemChunk chunk = MemChunk.decode(Chunks.chunk(builder.build(), NO_HEAD));
    assertThat(chunk.damagedBlocks()).isEqualTo(1);
    assertThat(chunk.namedDamage())
        .containsExactly(
            "a block of "
                + packed(BlockCodec.GZIP).length
                + " bytes with a wrong checksum, at byte 6");
    assertThat(lines(builder.build(), NO_HEAD)).isEmpty();
    assertThat(Chunks.described(Chunks.checkpoint(builder.build(), NO_HEAD)))
        .contains("damagedBlocks: [\"a block of");
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 4})
  void blocksWhoseOffsetIsWrongAreFoundBehindTheOneBefore(int format) throws IOException {
    Chunks.Builder builder = new Chunks.Builder(format, BlockCodec.NONE);
    byte[] block = new Bytes().varint(T).text("a").array();
    byte[] with = new Bytes().raw(block).lengthAnd(new byte[] {0}).array();
    builder.block(format == 4 ? with : block).block(format == 4 ? with : block);
    builder.offsetError = 3;
    assertThat(lines(builder.build(), NO_HEAD)).containsExactly("0 a", "0 a");
  }

  // ---- chunks that are bad

  @Test
  void aChunkWithoutItsMagicNumberIsRefused() throws IOException {
    byte[] data = new Chunks.Builder(3, BlockCodec.GZIP).build();
    assertRefused(changed(data, 0, 1), NO_HEAD, "a chunk with magic number 002ee56a");
    assertRefused(new byte[3], NO_HEAD, "a chunk's magic number has 4 bytes");
    assertRefused(new byte[0], NO_HEAD, "a chunk's magic number has 4 bytes");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 5, 255})
  void aChunkOfAnUnknownFormatIsRefused(int format) throws IOException {
    byte[] data = new Chunks.Builder(3, BlockCodec.GZIP).build();
    assertRefused(changed(data, 4, 3 ^ format), NO_HEAD, "a chunk of unknown format " + format);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 10, 200})
  void aChunkOfAnUnknownCodecIsRefused(int codec) throws IOException {
    Chunks.Builder builder = new Chunks.Builder(3, BlockCodec.GZIP);
    builder.number = codec;
    assertRefused(builder.build(), NO_HEAD, "a chunk of unknown codec " + codec);
  }

  @Test
  void metasAndSymbolsWithAWrongChecksumAreRefused() throws IOException {
    byte[] data = new Chunks.Builder(3, BlockCodec.GZIP).block(packed(BlockCodec.GZIP)).build();
    assertRefused(changed(data, data.length - 12, 1), NO_HEAD, "metas of blocks with a wrong");
    byte[] symbols = new Chunks.Builder(4, BlockCodec.GZIP).symbols("k").build();
    assertRefused(changed(symbols, 8, 1), NO_HEAD, "symbols with a wrong checksum");
  }

  @Test
  void sectionsOutsideTheirChunkAreRefused() throws IOException {
    byte[] data = new Chunks.Builder(4, BlockCodec.GZIP).build();
    for (int last : new int[] {1, 9, 17, 25}) {
      for (int at : new int[] {0, 1, 7}) {
        assertThatThrownBy(() -> lines(changed(data, data.length - last - at, 0x80), NO_HEAD))
            .isInstanceOf(FormatException.class);
      }
    }
    assertRefused(new byte[] {1, 0x2e, (byte) 0xe5, 0x6a, 3, 1}, NO_HEAD, "a chunk of 6 bytes");
  }

  @Test
  void blocksOutsideTheirChunkAreRefused() throws IOException {
    Chunks.Builder builder = new Chunks.Builder(3, BlockCodec.NONE).block(new byte[9]);
    builder.offsetError = 1 << 20;
    byte[] fine = builder.build(); // found where it is expected
    assertThat(MemChunk.decode(Chunks.chunk(fine, NO_HEAD)).damagedBlocks()).isZero();
    builder.badBlock = true;
    assertRefused(builder.build(), NO_HEAD, "a block at 1048582, outside its chunk");
  }

  @Test
  void moreBlocksThanTheirChunkHasRoomForAreRefusedBeforeTheirChecksumsAreComputed() {
    Bytes metas = new Bytes().uvarint(1000);
    for (int i = 0; i < 1000; i++) {
      metas.uvarint(1).varint(0).varint(0).uvarint(6).uvarint(0).uvarint(100);
    }
    Bytes data = new Bytes().octets(0x01, 0x2e, 0xe5, 0x6a, 3, 0).raw(new byte[100]).be32(0);
    int offset = data.size();
    data.raw(metas.array()).be32(Bytes.crc(metas.array())).be64(offset);
    assertRefused(data.array(), NO_HEAD, "blocks of more bytes than their chunk");
  }

  @ParameterizedTest
  @EnumSource
  void aBlockThatIsNotWhatItsCodecMakesIsRefused(BlockCodec codec) throws IOException {
    byte[] noise = {7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7};
    byte[] data = new Chunks.Builder(3, codec).block(noise).build();
    assertRefused(data, NO_HEAD, codec == BlockCodec.NONE ? "a line" : "");
  }

  @ParameterizedTest
  @EnumSource
  void aBlockThatIsCutShortIsRefused(BlockCodec codec) throws IOException {
    byte[] whole = packed(codec);
    for (int length = 1; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      byte[] data = new Chunks.Builder(3, codec).block(cut).build();
      List<String> shown;
      try {
        shown = lines(data, NO_HEAD);
      } catch (FormatException refused) {
        continue;
      }
      assertThat(shown).isEqualTo(LINES.subList(0, shown.size()));
    }
  }

  @Test
  void linesThatDoNotFitTheirBlockAreRefused() throws IOException {
    for (byte[] block :
        List.of(
            new byte[] {(byte) 0x80}, // half a time
            new byte[] {2}, // no line
            new byte[] {2, 5, 'a'}, // four bytes too few
            new Bytes().varint(1).uvarint(1L << 40).array(),
            new Bytes().varint(1).uvarint(-1).array(),
            new byte[] {-1, -1, -1, -1, -1, -1, -1, -1, -1, 2})) {
      byte[] data = new Chunks.Builder(3, BlockCodec.NONE).block(block).build();
      assertThatThrownBy(() -> lines(data, NO_HEAD)).isInstanceOf(FormatException.class);
    }
    byte[] block = new Bytes().varint(T).text("a").lengthAnd(new byte[] {0, 0}).array();
    byte[] data = new Chunks.Builder(4, BlockCodec.NONE).block(block).build();
    assertRefused(data, NO_HEAD, "metadata end before their length does");
  }

  @Test
  void headsThatAreBadAreRefused() throws IOException {
    byte[] data = new Chunks.Builder(4, BlockCodec.GZIP).build();
    assertRefused(data, new byte[] {0, 0}, "a head of unknown version 0");
    assertRefused(data, new byte[] {6, 0}, "a head of unknown version 6");
    assertRefused(data, new byte[] {4}, "a head's count of lines is cut short");
    assertRefused(data, new byte[] {4, 1}, "a line's time is cut short");
    assertRefused(data, new byte[] {5, 1, 0, 0}, "a count of labels is cut short");
  }
}
