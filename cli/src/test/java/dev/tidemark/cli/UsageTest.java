package dev.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What the command line answers before it serves anything: code, stdout and stderr.
@Timeout(60)
class UsageTest {
  @TempDir private Path folder;

  /// What a run left behind.
  private record Ran(int code, String out, String err) {}

  private static Ran run(String... arguments) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream caughtOut = new ByteArrayOutputStream();
    ByteArrayOutputStream caughtErr = new ByteArrayOutputStream();
    System.setOut(new PrintStream(caughtOut, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(caughtErr, true, StandardCharsets.UTF_8));
    try {
      int code = Tidemark.run(arguments);
      return new Ran(
          code,
          caughtOut.toString(StandardCharsets.UTF_8),
          caughtErr.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"--help", "serve --help"})
  void helpGoesToStdoutWithAnExample(String arguments) {
    Ran ran = run(arguments.split(" "));
    assertThat(ran.code()).isZero();
    assertThat(ran.out()).contains("Example:").contains("tidemark serve --data");
    assertThat(ran.err()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--nonsense",
        "nonsense",
        "serve --nonsense",
        "serve extra",
        "serve --port",
        "serve --port x",
        "serve --port -1",
        "serve --port 65536",
        "serve --data"
      })
  void usageErrorsExitWith64AndSayWhatIsWrongOnStderr(String arguments) {
    Ran ran = run(arguments.split(" "));
    assertThat(ran.code()).isEqualTo(64);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err()).contains("tidemark serve");
  }

  @ParameterizedTest
  @CsvSource({
    "--memory-budget, lots",
    "--memory-budget, 15MiB",
    "--memory-budget, 100TiB",
    "--memory-budget, 50%",
    "--disk-budget, 0%",
    "--disk-budget, 101%",
    "--disk-budget, 8.5%",
    "--disk-budget, -1GiB",
    "--disk-budget, 195MiB",
    "--disk-budget, 1e3",
    "--segment-size, 255KiB",
    "--segment-size, 1000KiB",
    "--segment-size, 2GiB",
    "--segment-size, 1000001"
  })
  void aBudgetThatMakesNoSenseStopsTheStartByName(String option, String value) {
    Ran ran = run("serve", "--port", "0", "--data", folder.resolve("no").toString(), option, value);
    assertThat(ran.code()).as(ran.err()).isEqualTo(64);
    assertThat(ran.err()).contains(option);
    assertThat(folder.resolve("no")).doesNotExist();
  }

  @Test
  void aDiskBudgetThatHoldsNoThreeSegmentsContradictsTheirSize() {
    String data = folder.resolve("no").toString();
    Ran ran = run("serve", "--data", data, "--disk-budget", "1GiB", "--segment-size", "512MiB");
    assertThat(ran.code()).isEqualTo(64);
    assertThat(ran.err()).contains("--disk-budget").contains("--segment-size").contains("1.5 GiB");
  }

  @Test
  void aMissingCommandIsAUsageError() {
    assertThat(run().code()).isEqualTo(64);
  }

  @Test
  void dataThatIsAFileIsRefused() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "mine");
    Ran ran = run("serve", "--port", "0", "--data", file.toString());
    assertThat(ran.code()).isEqualTo(74);
    assertThat(Files.readString(file)).isEqualTo("mine");
  }

  @Test
  void dataThatCannotBeMadeIsRefused() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "mine");
    assertThat(run("serve", "--port", "0", "--data", file.resolve("below").toString()).code())
        .isEqualTo(74);
  }

  @Test
  void aPortInUseIsRefused() throws Exception {
    try (ServerSocket taken =
        new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
      String port = Integer.toString(taken.getLocalPort());
      assertThat(run("serve", "--port", port, "--data", folder.toString()).code()).isEqualTo(74);
    }
  }
}
