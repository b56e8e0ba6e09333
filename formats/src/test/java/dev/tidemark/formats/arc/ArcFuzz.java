package dev.tidemark.formats.arc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.Sweep.Outcome;
import dev.tidemark.formats.ValueCount;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;

/// What a fuzzer's input becomes for Arc's format; its first byte chooses.
public final class ArcFuzz {
  private ArcFuzz() {}

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
      case 0 -> new ArcFormat().describe(ByteBuffer.wrap(rest), new ValueCount());
      case 1 -> read(rest);
      case 2 -> read(ArcFiles.begun().hex(HexFormat.of().formatHex(rest)).file());
      default -> read(records(ByteBuffer.wrap(rest)));
    }
  }

  private static void read(byte[] file) {
    Outcome arc = ArcFiles.asArc(file);
    for (String record : arc.records()) {
      describe(record);
    }
    Outcome all = ArcFiles.allThatIsWhole(file);
    assertThat(all.refusal()).isEqualTo(arc.refusal());
  }

  // What Arc itself takes apart can be shown, unless it is nested too deep.
  private static void describe(String record) {
    try {
      new ArcFormat().describe(ByteBuffer.wrap(ArcFiles.parse(record)), new ValueCount());
    } catch (FormatException deep) {
      assertThat(deep).hasMessageContaining("at byte");
    }
  }

  /// Records with the right checksum, or a length that is a little wrong.
  private static byte[] records(ByteBuffer choices) {
    ArcFiles file = ArcFiles.begun();
    while (choices.remaining() >= 2) {
      int choice = choices.get();
      byte[] payload = new byte[Math.min(choices.get() & 63, choices.remaining())];
      choices.get(payload);
      int wrong = (choice & 3) == 0 ? choice >> 2 : 0;
      int crc = ArcFiles.crc(payload) + ((choice & 12) == 12 ? 1 : 0);
      file.framed(payload.length + wrong, crc, payload);
    }
    return file.file();
  }
}
