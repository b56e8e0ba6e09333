package dev.tidemark.cli.screen;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/// What is shown of work that takes long, on a clock that stands still.
class BarTest {
  private static final long SECOND = 1_000_000_000L;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream err = new PrintStream(bytes, true, StandardCharsets.UTF_8);

  private String shown() {
    String text = bytes.toString(StandardCharsets.UTF_8);
    bytes.reset();
    return text;
  }

  @Test
  void nothingIsShownOfWorkThatIsDoneWithinASecondAndNobodyAsksForATerminal() {
    try (Bar bar =
        new Bar(
            err,
            "reading",
            () -> {
              throw new AssertionError("asked");
            },
            0)) {
      bar.at(1, 10, SECOND - 1);
    }
    assertThat(shown()).isEmpty();
  }

  @Test
  void onATerminalABarIsDrawnTenTimesASecondWithinItsLineAndWipedAtTheEnd() {
    try (Bar bar = new Bar(err, "reading", () -> true, 0)) {
      bar.at(5_000_000_000L, 10_000_000_000L, 2 * SECOND);
      String line = shown();
      assertThat(line)
          .startsWith("\r\u001b[K")
          .contains("[###############               ]")
          .contains(" 50 %, 2.50 GB/s, 2 s left")
          .doesNotContain("\n");
      assertThat(line.length()).isLessThan(79);
      bar.at(5_100_000_000L, 10_000_000_000L, 2 * SECOND + SECOND / 20);
      assertThat(shown()).isEmpty();
      bar.at(6_000_000_000L, 10_000_000_000L, 2 * SECOND + SECOND / 5);
      assertThat(shown()).contains(" 60 %");
    }
    assertThat(shown()).isEqualTo("\r\u001b[K");
  }

  @Test
  void whereThereIsNoTerminalAPlainLineComesEveryTenSeconds() {
    try (Bar bar = new Bar(err, "reading", () -> false, 0)) {
      bar.at(1, 10, 2 * SECOND);
      bar.at(2, 10, 9 * SECOND);
      assertThat(shown()).isEmpty();
      bar.at(5, 10, 10 * SECOND);
      assertThat(shown()).startsWith("tidemark: reading  50 %").endsWith("\n");
      bar.at(6, 10, 19 * SECOND);
      assertThat(shown()).isEmpty();
      bar.at(7, 10, 20 * SECOND);
      assertThat(shown()).contains("70 %");
    }
    assertThat(shown()).isEmpty();
  }
}
