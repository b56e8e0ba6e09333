package dev.tidemark.formats.prometheus;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.formats.DamageListener;
import dev.tidemark.formats.Reading;
import dev.tidemark.formats.Sweep;
import dev.tidemark.formats.ValueCount;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/// What a fuzzer's input becomes for Prometheus's segments and records; its first byte chooses.
public final class PrometheusFuzz {
  // A block of Zstandard takes 4 bytes and may stand for 128 KiB: longer inputs would rightly take
  // more memory than all others.
  private static final int MOST_COMPRESSED_BYTES = 160;

  // Two bytes of an input stand for a fragment of any length, or for the rest of a page: what the
  // segment takes, here and in the texts that it is compared in, is not the reader's doing.
  private static final int MOST_SEGMENT_BYTES = 4 * SegmentLayout.PAGE_BYTES;

  private PrometheusFuzz() {}

  /// One attempt.
  ///
  /// @param input what a fuzzer made up
  /// @throws IOException an answer that is allowed
  public static void run(byte[] input) throws IOException {
    if (input.length == 0) {
      return;
    }
    byte[] rest = Arrays.copyOfRange(input, 1, input.length);
    switch (input[0] & 3) {
      case 0 -> record(ByteBuffer.wrap(rest));
      case 1 -> segment(rest);
      case 2 -> segment(fragments(ByteBuffer.wrap(rest)));
      default -> {
        int flag = (input[0] & 4) == 0 ? SegmentLayout.SNAPPY_FLAG : SegmentLayout.ZSTD_FLAG;
        byte[] stored = Arrays.copyOf(rest, Math.min(rest.length, MOST_COMPRESSED_BYTES));
        segment(new Fragments().add(SegmentLayout.FULL | flag, stored).bytes());
      }
    }
  }

  private static void record(ByteBuffer payload) throws IOException {
    new PrometheusFormat().describe(payload, new ValueCount());
    PrometheusRecord record = PrometheusRecord.decode(payload);
    assertThat(PrometheusRecord.decode(record.encode())).isEqualTo(record);
  }

  private static void segment(byte[] file) throws IOException {
    Sweep.Outcome system = Fragments.read(file, Reading.AS_THE_SYSTEM);
    Sweep.Outcome all = Fragments.read(file, Reading.ALL_THAT_IS_WHOLE);
    assertThat(system.refusal()).isNull();
    assertThat(all.refusal()).isNull();
    // Up to the first damage both are the same walk.
    int shown = system.records().size();
    assertThat(all.records()).hasSizeGreaterThanOrEqualTo(shown);
    assertThat(all.records().subList(0, shown)).isEqualTo(system.records());
    assertThat(all.damage().isEmpty()).isEqualTo(system.damage().isEmpty());
    try (SegmentReader reader =
        SegmentReader.of(
            new ByteArrayInputStream(file), Reading.ALL_THAT_IS_WHOLE, DamageListener.ignoring())) {
      while (reader.next()) {
        new PrometheusFormat().describe(reader.payload(), new ValueCount());
      }
    }
  }

  /// Fragments of any kind and length, with the right checksum, some of them close to the end of a
  /// page, and whatever is left of the input as it is.
  private static byte[] fragments(ByteBuffer choices) {
    Fragments segment = new Fragments();
    while (choices.remaining() >= 3 && segment.size() < MOST_SEGMENT_BYTES) {
      int head = choices.get() & 0x1f;
      int size = choices.getShort() & 0xffff;
      byte[] data = new byte[(head & 7) == 7 ? size % SegmentLayout.MOST_DATA_BYTES : size & 15];
      choices.get(data, 0, Math.min(data.length, choices.remaining()));
      int kind = (head & 7) == 7 ? SegmentLayout.FULL : head & 7;
      if (kind == SegmentLayout.PADDING) {
        segment.toPageEnd();
      } else {
        segment.add((head & ~7) | kind, data);
      }
    }
    byte[] rest = new byte[choices.remaining()];
    choices.get(rest);
    return segment.raw(rest).bytes();
  }
}
