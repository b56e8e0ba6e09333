package dev.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The exit codes that all commands about logs share, and what is said with them.
@Timeout(60)
class ExitCodesTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"inspect", "verify", "dump", "tail", "stats", "repair"})
  void aPathThatIsNotThereIs66(String command) {
    Ran ran = Ran.of(command, folder.resolve("none"));
    assertThat(ran.code()).isEqualTo(66);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err())
        .contains(folder.resolve("none") + ": no such file or directory")
        .doesNotContain("Exception");
    assertThat(Ran.of(command, "--format", "leveldb", folder.resolve("none")).code()).isEqualTo(66);
    assertThat(Ran.of(command, "none-without-a-separator").code()).isEqualTo(66);
  }

  @ParameterizedTest
  @ValueSource(strings = {"inspect", "verify", "dump", "tail", "stats", "repair", "convert"})
  void aWrongCommandLineIs64AndSaysHowItWouldBeRight(String command) {
    for (String argument : new String[] {"--nonsense", "--format"}) {
      Ran ran = Ran.of(command, folder, argument);
      assertThat(ran.code()).as("%s %s", command, argument).isEqualTo(64);
      assertThat(ran.out()).isEmpty();
      assertThat(ran.err()).contains("tidemark " + command + " ").contains("--help");
    }
    assertThat(Ran.of(command).code()).isEqualTo(64);
  }

  @ParameterizedTest
  @ValueSource(strings = {"inspect", "verify", "dump", "tail", "stats", "repair", "convert"})
  void whatIsNoLogIs64(String command) throws Exception {
    Path file = Files.writeString(folder.resolve("letter.txt"), "Dear Sir or Madam");
    Ran ran =
        command.equals("convert")
            ? Ran.of(command, file, "--to", "tidemark", folder.resolve("to"))
            : Ran.of(command, file);
    assertThat(ran.code()).isEqualTo(64);
    assertThat(ran.err()).contains("is no log that is known here").contains("--format");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"inspect", "verify", "dump", "tail", "stats", "repair", "convert", "completion"})
  void helpOfEachCommandHasAnExample(String command) {
    for (Ran ran : new Ran[] {Ran.of(command, "--help"), Ran.of("help", command)}) {
      assertThat(ran.code()).isZero();
      assertThat(ran.out()).contains("Example:").contains("tidemark " + command);
      assertThat(ran.err()).isEmpty();
    }
  }

  @Test
  void completionIsAScriptThatKnowsTheCommands() {
    Ran ran = Ran.of("completion");
    assertThat(ran.code()).isZero();
    assertThat(ran.out()).contains("verify").contains("--format").contains("leveldb");
    assertThat(JsonTree.object(Ran.of("completion", "--json").out())).containsKey("script");
  }

  @Test
  void aDefectIs70AndItsTraceIsInAFile() throws Exception {
    java.io.PrintStream err = System.err;
    java.io.ByteArrayOutputStream caught = new java.io.ByteArrayOutputStream();
    System.setErr(new java.io.PrintStream(caught, true, java.nio.charset.StandardCharsets.UTF_8));
    int code;
    try {
      code = new Failures().report(new IllegalStateException("cannot be"), false);
    } finally {
      System.setErr(err);
    }
    String said = caught.toString(java.nio.charset.StandardCharsets.UTF_8);
    assertThat(code).isEqualTo(70);
    assertThat(said).contains("cannot be").contains("defect").doesNotContain("\tat ");
    String file = said.substring(said.indexOf("is in ") + 6, said.indexOf("; please"));
    assertThat(Files.readString(Path.of(file))).contains("\tat ");
    Files.delete(Path.of(file));
  }
}
