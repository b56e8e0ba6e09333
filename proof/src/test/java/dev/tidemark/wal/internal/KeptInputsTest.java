package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.wal.internal.FuzzProgram.Spent;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The inputs that fuzzers left: nothing is thrown but the typed refusals, and no more memory is
/// taken than the files' size allows. `Fuzzing` looks for more.
@Timeout(value = 120, threadMode = ThreadMode.SEPARATE_THREAD) // what hangs here hears no interrupt
class KeptInputsTest {

  @ParameterizedTest
  @EnumSource
  void whatFuzzersTriedIsAnsweredWithTypedRefusalsInBoundedMemory(FuzzTarget target)
      throws IOException {
    List<byte[]> inputs = KeptInputs.of(target);
    assertThat(inputs).isNotEmpty();
    for (byte[] input : inputs) {
      Spent spent;
      try {
        spent = FuzzProgram.run(target, input);
        if (spent.isTooMuchHeap()) {
          spent = FuzzProgram.run(target, input); // classes that were loaded meanwhile
        }
      } catch (AssertionError | RuntimeException | StackOverflowError | OutOfMemoryError e) {
        throw new AssertionError(HexFormat.of().formatHex(input) + ": " + e, e);
      }
      assertThat(spent.isTooMuchHeap())
          .as("%s: %s", HexFormat.of().formatHex(input), spent)
          .isFalse();
    }
  }
}
