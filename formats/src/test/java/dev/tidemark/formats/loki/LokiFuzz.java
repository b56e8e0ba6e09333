package dev.tidemark.formats.loki;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.Reading;
import dev.tidemark.formats.Sweep;
import dev.tidemark.formats.ValueCount;
import dev.tidemark.formats.prometheus.SegmentCompression;
import dev.tidemark.formats.prometheus.SegmentWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/// What a fuzzer's input becomes for Loki's records and chunks; its first byte chooses.
public final class LokiFuzz {
  private static final List<BlockCodec> CODECS = List.of(BlockCodec.values());

  private static final int MOST_LINES = 1000;

  private LokiFuzz() {}

  /// One attempt.
  ///
  /// @param input what a fuzzer made up
  /// @throws IOException an answer that is allowed
  public static void run(byte[] input) throws IOException {
    if (input.length < 2) {
      return;
    }
    byte[] rest = Arrays.copyOfRange(input, 1, input.length);
    switch (input[0] & 3) {
      case 0 -> describe(rest);
      case 1 -> {
        // A block with the right checksum; its codec, and the chunk's format, as the input says.
        BlockCodec codec = CODECS.get((rest[0] & 0xff) % CODECS.size());
        byte[] block = Arrays.copyOfRange(rest, 1, rest.length);
        int format = 2 + ((input[0] >> 2) & 1) + ((input[0] >> 3) & 1);
        Chunks.Builder chunk = new Chunks.Builder(format, codec).symbols("a", "b").block(block);
        lines(chunk.build());
      }
      case 2 -> {
        byte[] data = new Chunks.Builder(4, BlockCodec.NONE).symbols("a", "b").build();
        describe(Chunks.checkpoint(data, rest));
      }
      default -> segment(rest);
    }
  }

  // A few bytes stand for any number of lines; some will do.
  private static void lines(byte[] data) throws FormatException {
    int[] lines = new int[1];
    try {
      MemChunk.decode(Chunks.chunk(data, new byte[0]))
          .lines(
              new UnpackedBytes(64 << 10),
              new Lines(
                  line -> {
                    if (++lines[0] == MOST_LINES) {
                      throw new Enough();
                    }
                  }));
    } catch (Enough enough) {
      assertThat(lines[0]).isEqualTo(MOST_LINES);
    }
  }

  private static final class Enough extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private static void describe(byte[] payload) throws FormatException {
    LokiRecord record = LokiRecord.decode(ByteBuffer.wrap(payload));
    RecordDescriber.describe(ByteBuffer.wrap(payload), new ValueCount());
    if (record instanceof LokiRecord.Series series) {
      assertThat(LokiRecord.decode(new RecordEncoder().encode(series))).isEqualTo(series);
    } else if (record instanceof LokiRecord.Entries entries && entries.version() == 3) {
      LokiRecord again = LokiRecord.decode(new RecordEncoder().encode(entries));
      assertThat(again.user()).isEqualTo(entries.user());
    }
  }

  // Records of a few bytes each, in a segment without a fault but, perhaps, for one byte of it.
  private static void segment(byte[] choices) throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    SegmentWriter writer = SegmentWriter.of(file, SegmentCompression.NONE);
    for (int at = 0; at < choices.length; at += 16) {
      int end = Math.min(choices.length, at + 16);
      writer.append(ByteBuffer.wrap(choices, at, end - at));
    }
    writer.flush();
    byte[] segment = file.toByteArray();
    segment[(choices[0] & 0xff) % segment.length] ^= choices[choices.length - 1];
    for (Reading reading : Reading.values()) {
      Sweep.Outcome outcome =
          Sweep.read(segment, (bytes, damage) -> LogReader.of(bytes, reading, damage));
      assertThat(outcome.refusal()).isNull();
      Sweep.Outcome checkpoint =
          Sweep.read(segment, (bytes, damage) -> LogReader.ofCheckpoint(bytes, reading, damage));
      assertThat(checkpoint.refusal()).isNull();
    }
  }
}
