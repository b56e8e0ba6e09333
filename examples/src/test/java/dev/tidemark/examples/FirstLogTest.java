package dev.tidemark.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FirstLogTest {
  @TempDir Path directory;

  @Test
  void everyRunFindsWhatTheOnesBeforeAcknowledged() throws Exception {
    for (int run = 1; run <= 3; run++) {
      Program.Ended ended = Program.run(directory, FirstLog.class);
      assertThat(ended.status()).as(ended.text()).isEqualTo(1);
      List<String> lines = ended.lines();
      assertThat(lines.getFirst()).contains(run == 1 ? "created" : "no seal");
      assertThat(lines.subList(1, lines.size()))
          .containsExactlyElementsOf(
              List.of("1 an order", "2 an order", "3 an order").subList(0, run));
    }
  }

  @Test
  void theFirstExampleInTheReadmeIsTheOneThatRuns() throws Exception {
    String readme = Files.readString(Path.of("..", "README.md"));
    int begin = readme.indexOf("```java") + "```java".length();
    String shown = words(readme.substring(begin, readme.indexOf("```", begin)));
    String program =
        words(Files.readString(Path.of("src/main/java/dev/tidemark/examples/FirstLog.java")));
    assertThat(shown).startsWith("try (Wal wal");
    assertThat(program).contains(shown);
  }

  private static String words(String text) {
    return text.replaceAll("\\s+", " ").strip();
  }
}
