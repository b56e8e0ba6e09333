package dev.tidemark.formats.leveldb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.formats.DamageListener;
import dev.tidemark.formats.Sweep;
import dev.tidemark.formats.ValueCount;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;

/// What a fuzzer's input becomes for LevelDB's formats; its first byte chooses.
public final class LevelDbFuzz {
  private LevelDbFuzz() {}

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
      case 0 -> new LevelDbFormat().describe(rest, new ValueCount());
      case 1 -> {
        VersionEdit edit = VersionEdit.decode(rest);
        assertThat(VersionEdit.decode(edit.encode())).isEqualTo(edit);
      }
      case 2 -> read(Arrays.copyOfRange(input, 1, input.length));
      default -> read(fragments(rest));
    }
  }

  private static void read(byte[] file) throws IOException {
    Sweep.Outcome outcome = Sweep.read(file, LogReader::new);
    assertThat(outcome.refusal()).isNull();
    try (LogReader reader =
        new LogReader(new ByteArrayInputStream(file), DamageListener.ignoring(), 7)) {
      while (reader.next()) {
        new LevelDbFormat().describe(reader.payload(), new ValueCount());
      }
    }
  }

  /// Fragments of any type and length, with the right checksum, mostly close to the end of a block.
  private static byte[] fragments(ByteBuffer choices) {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    while (choices.remaining() >= 3) {
      int type = choices.get() & 7;
      int size = choices.getShort() & 0xffff;
      byte[] data = new byte[type == 7 ? size % LogLayout.BLOCK_BYTES : size & 15];
      choices.get(data, 0, Math.min(data.length, choices.remaining()));
      CRC32C crc = new CRC32C();
      crc.update(type);
      crc.update(data);
      int masked = MaskedCrc.mask((int) crc.getValue());
      for (int octet = 0; octet < 4; octet++) {
        file.write(masked >>> (8 * octet));
      }
      file.write(data.length);
      file.write(data.length >>> 8);
      file.write(type);
      file.writeBytes(data);
    }
    return file.toByteArray();
  }
}
