package dev.tidemark.formats.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.formats.Damage;
import dev.tidemark.formats.Sweep;
import dev.tidemark.formats.ValueCount;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;

/// What a fuzzer's input becomes for RocksDB's format; its first byte chooses.
public final class RocksDbFuzz {
  // Of memory, since some bytes decompress to any number of them.
  private static final int MOST_BYTES = 1 << 20;

  // So that blocks end somewhere, and memory follows from the input.
  private static final int MOST_FILLED_BYTES = 60_000;
  private static final List<RecoveryMode> MODES = List.of(RecoveryMode.values());
  private static final int MOST_FRAMES = 2;

  private RocksDbFuzz() {}

  /// One attempt.
  ///
  /// @param input what a fuzzer made up
  /// @throws IOException an answer that is allowed
  public static void run(byte[] input) throws IOException {
    if (input.length == 0) {
      return;
    }
    byte[] rest = Arrays.copyOfRange(input, 1, input.length);
    RecoveryMode mode = MODES.get(input[0] >> 2 & 3);
    switch (input[0] & 3) {
      case 0 -> new RocksDbFormat().describe(ByteBuffer.wrap(rest), new ValueCount());
      case 1 -> read(rest, mode);
      case 2 -> read(fragments(WalFile.plain(), ByteBuffer.wrap(rest)), mode);
      default -> read(fragments(WalFile.numbered(), ByteBuffer.wrap(rest)), mode);
    }
  }

  private static void read(byte[] file, RecoveryMode mode) throws IOException {
    OptionalLong number = OptionalLong.of(WalFile.LOG_NUMBER);
    Sweep.Outcome all =
        Sweep.read(file, (in, damage) -> new LogReader(in, number, mode, damage, MOST_BYTES));
    assertThat(all.refusal()).isNull();
    Sweep.Outcome applied =
        Sweep.read(file, (in, damage) -> new RecoveredLog(in, number, mode, damage, MOST_BYTES));
    assertThat(applied.refusal()).isNull();
    assertThat(Sweep.isPartOf(applied.records(), all.records())).isTrue();
    Sweep.Outcome whole =
        Sweep.read(
            file,
            (in, damage) ->
                LogReader.allThatIsWhole(
                    in, number, damage, new RecordBytes(MOST_BYTES, MOST_BYTES)));
    assertThat(whole.refusal()).isNull();
    assertInOrder(all.damage());
    assertInOrder(whole.damage());
    for (String record : applied.records()) {
      byte[] payload = HexFormat.of().parseHex(record);
      new RocksDbFormat().describe(ByteBuffer.wrap(payload), new ValueCount());
    }
  }

  private static void assertInOrder(List<Damage> told) {
    long end = 0;
    for (Damage damage : told) {
      assertThat(damage.offset()).as("%s", told).isGreaterThanOrEqualTo(end);
      end = damage.offset() + damage.bytes();
    }
  }

  /// Fragments of any type, with the right checksum, some of them compressed, some old.
  private static byte[] fragments(WalFile file, ByteBuffer choices) {
    WalFile old = WalFile.numbered(7);
    int frames = MOST_FRAMES;
    while (choices.remaining() >= 2) {
      int type = choices.get() & 0xff;
      int size = choices.get() & 0xff;
      byte[] data = new byte[Math.min(size & 31, choices.remaining())];
      choices.get(data);
      if ((size & 32) != 0 && frames-- > 0) {
        data = WalFile.zstd(data);
      }
      if ((size & 64) != 0 && file.size() < MOST_FILLED_BYTES) {
        data = Arrays.copyOf(data, data.length + 16_000);
      }
      if ((size & 128) != 0) {
        file.raw(old.fragment(type, data).file());
        old = WalFile.numbered(7);
      } else {
        file.fragment(type < 16 ? type & 15 : type, data);
      }
    }
    return file.file();
  }
}
