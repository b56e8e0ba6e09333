package dev.tidemark.leveldb;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/// The inputs that a fuzzer left, and some thousand that nobody chose ([TableFuzz]). `Fuzzing`
/// looks for more.
@Timeout(value = 120, threadMode = ThreadMode.SEPARATE_THREAD) // what hangs here hears no interrupt
final class TableFuzzTest {
  private static final int DRAWN = 5000;
  private static final int LONGEST = 256;

  /// {@return the inputs that are kept: those that found something, and a few of each kind}
  static List<byte[]> kept() throws IOException {
    try (InputStream file = TableFuzzTest.class.getResourceAsStream("/fuzz/TABLE.txt")) {
      return new String(requireNonNull(file).readAllBytes(), UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(HexFormat.of()::parseHex)
          .toList();
    }
  }

  @Test
  void whatAFuzzerTriedIsAnsweredWithTypedRefusalsInBoundedMemory() throws IOException {
    List<byte[]> inputs = kept();
    assertThat(inputs).isNotEmpty();
    inputs.forEach(TableFuzzTest::attempt);
  }

  @Test
  void whatChanceMakesUpIsAnsweredWithTypedRefusalsInBoundedMemory() {
    long seed = new Random().nextLong();
    System.out.printf("tables, seed %d%n", seed);
    Random random = new Random(seed);
    for (int drawn = 0; drawn < DRAWN; drawn++) {
      byte[] input = new byte[random.nextInt(LONGEST)];
      random.nextBytes(input);
      attempt(input);
    }
  }

  private static void attempt(byte[] input) {
    try {
      TableFuzz.attempt(input);
    } catch (AssertionError | RuntimeException | StackOverflowError | OutOfMemoryError e) {
      throw new AssertionError(HexFormat.of().formatHex(input) + ": " + e, e);
    }
  }
}
