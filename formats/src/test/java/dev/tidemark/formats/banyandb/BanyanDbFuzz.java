package dev.tidemark.formats.banyandb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.formats.ByteWriter;
import dev.tidemark.formats.Reading;
import dev.tidemark.formats.Sweep;
import dev.tidemark.formats.ValueCount;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/// What a fuzzer's input becomes for BanyanDB's segments; its first byte chooses.
public final class BanyanDbFuzz {
  private BanyanDbFuzz() {}

  /// One attempt.
  ///
  /// @param input what a fuzzer made up
  /// @throws IOException an answer that is allowed
  public static void run(byte[] input) throws IOException {
    if (input.length == 0) {
      return;
    }
    ByteBuffer rest = ByteBuffer.wrap(input, 1, input.length - 1);
    switch (input[0] & 3) {
      case 0 -> new BanyanDbFormat().describe(rest, new ValueCount());
      case 1 -> new BanyanDbFormat().describe(entry(rest), new ValueCount());
      case 2 -> read(Arrays.copyOfRange(input, 1, input.length));
      default -> read(segment(rest));
    }
  }

  private static void read(byte[] file) throws IOException {
    Sweep.Outcome system =
        Sweep.read(file, (bytes, damage) -> Segments.open(bytes, Reading.AS_THE_SYSTEM, damage));
    Sweep.Outcome whole =
        Sweep.read(
            file, (bytes, damage) -> Segments.open(bytes, Reading.ALL_THAT_IS_WHOLE, damage));
    assertThat(system.refusal()).isNull();
    assertThat(whole.refusal()).isNull();
    assertThat(whole.records().size()).isGreaterThanOrEqualTo(system.records().size());
    assertThat(whole.records().subList(0, system.records().size())).isEqualTo(system.records());
  }

  /// An entry whose timestamps and values are what the choices say.
  private static ByteBuffer entry(ByteBuffer choices) {
    ByteWriter entry = new ByteWriter(64);
    int count = choices.hasRemaining() ? choices.get() & 0x7f : 1;
    int timestampBytes = Math.min(choices.remaining(), 8 + count / 4);
    entry.short16LittleEndian(1).octet('s').int32LittleEndian(count);
    entry
        .short16LittleEndian(timestampBytes)
        .bytes(choices.slice(choices.position(), timestampBytes));
    choices.position(choices.position() + timestampBytes);
    int literal = Math.min(60, choices.remaining());
    return entry.varint(literal).octet((literal - 1) << 2).bytes(choices).written();
  }

  /// Batches of whole entries, some of whose lengths are wrong.
  private static byte[] segment(ByteBuffer choices) {
    ByteWriter file = new ByteWriter(256);
    while (choices.remaining() >= 2) {
      int choice = choices.get();
      int more = choices.get();
      ByteBuffer good = ByteBuffer.wrap(Segments.bytes(Segments.A), 16, 50);
      switch (choice & 7) {
        case 0 -> file.int64LittleEndian(58 + more);
        case 1 -> file.int64LittleEndian(58);
        case 2 -> file.int64LittleEndian((long) more << 56);
        case 3 -> file.int64LittleEndian(more);
        case 4 -> file.int64LittleEndian(50).bytes(good);
        case 5 -> file.int64LittleEndian(50 + more).bytes(good);
        case 6 -> file.int64LittleEndian(50).bytes(good.limit(16 + (more & 31)));
        default -> file.int64LittleEndian(58).int64LittleEndian(50).bytes(good);
      }
    }
    byte[] bytes = new byte[file.size()];
    file.written().get(bytes);
    return bytes;
  }
}
