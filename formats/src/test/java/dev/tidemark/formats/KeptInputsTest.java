package dev.tidemark.formats;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The inputs that fuzzers left, and some thousand that nobody chose: nothing is thrown but
/// [IOException], and no more memory is taken than the size allows. `Fuzzing` looks for more.
@Timeout(value = 120, threadMode = ThreadMode.SEPARATE_THREAD) // what hangs here hears no interrupt
class KeptInputsTest {
  private static final int DRAWN = 5000;
  private static final int LONGEST = 256;

  @ParameterizedTest
  @EnumSource
  void whatFuzzersTriedIsAnsweredWithTypedRefusalsInBoundedMemory(FuzzTarget target)
      throws IOException {
    List<byte[]> inputs = KeptInputs.of(target);
    assertThat(inputs).isNotEmpty();
    for (byte[] input : inputs) {
      attempt(target, input);
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatChanceMakesUpIsAnsweredWithTypedRefusalsInBoundedMemory(FuzzTarget target) {
    long seed = new Random().nextLong();
    System.out.printf("inputs for %s, seed %d%n", target, seed);
    Random random = new Random(seed);
    for (int drawn = 0; drawn < DRAWN; drawn++) {
      byte[] input = new byte[random.nextInt(LONGEST)];
      random.nextBytes(input);
      attempt(target, input);
    }
  }

  private static void attempt(FuzzTarget target, byte[] input) {
    long spent;
    try {
      spent = FuzzProgram.spent(target, input);
      if (FuzzProgram.isTooMuch(spent, input)) {
        spent = FuzzProgram.spent(target, input); // classes that were loaded meanwhile
      }
    } catch (AssertionError | RuntimeException | StackOverflowError | OutOfMemoryError e) {
      throw new AssertionError(HexFormat.of().formatHex(input) + ": " + e, e);
    }
    assertThat(FuzzProgram.isTooMuch(spent, input))
        .as("%s: %,d bytes", HexFormat.of().formatHex(input), spent)
        .isFalse();
  }
}
