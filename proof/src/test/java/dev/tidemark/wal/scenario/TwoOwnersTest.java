package dev.tidemark.wal.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalLockedException;
import dev.tidemark.wal.WalReader;
import dev.tidemark.wal.internal.Logs;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Scenario 25: two processes, or two logs of one process, want the same directory.
@Timeout(60)
class TwoOwnersTest {
  @TempDir Path directory;

  /// The other process: opens the log, appends a record, says so and stays.
  static final class Owner {
    private Owner() {}

    public static void main(String[] arguments) throws Exception {
      try (Wal wal = Wal.open(Path.of(arguments[0]), Logs.SMALL)) {
        System.out.println("appended " + wal.append(Logs.record(wal.lastLsn() + 1)));
        while (System.in.read() >= 0) {
          // until it is killed, or nobody holds it
        }
      }
    }
  }

  private Process owner() throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Owner.class.getName(),
                directory.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    assertThat(out.readLine()).startsWith("appended");
    return process;
  }

  @Test
  void secondProcessIsRefusedAndToldTheFirstOnesIdAndALockOfTheDeadHoldsNobodyUp()
      throws Exception {
    Process owner = owner();
    try {
      assertThatThrownBy(() -> Wal.open(directory, Logs.SMALL))
          .isInstanceOf(WalLockedException.class)
          .hasMessageContaining("process " + owner.pid());
      try (WalReader reader = Wal.openReadOnly(directory)) {
        assertThat(reader.lastLsn()).isEqualTo(1); // reading needs no lock
      }
    } finally {
      owner.toHandle().destroyForcibly();
      owner.waitFor();
    }
    try (Wal wal = Wal.open(directory, Logs.SMALL)) {
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, 1));
      assertThat(wal.append(Logs.record(2))).isEqualTo(2);
    }
  }

  @Test
  void secondLogOfThisProcessIsRefusedByWhateverPathItComes() throws IOException {
    Path link = directory.resolveSibling(directory.getFileName() + "-link");
    Files.createSymbolicLink(link, directory);
    Path around = directory.resolve("..").resolve(directory.getFileName());
    Path relative = Path.of("").toAbsolutePath().relativize(directory.toRealPath());
    try (Wal wal = Wal.open(directory, Logs.SMALL)) {
      for (Path path : new Path[] {directory, link, around, relative}) {
        assertThatThrownBy(() -> Wal.open(path, Logs.SMALL)).isInstanceOf(WalLockedException.class);
      }
      assertThat(wal.append(Logs.record(1))).isEqualTo(1); // and the first is not disturbed
    } finally {
      Files.delete(link);
    }
    try (Wal wal = Wal.open(directory, Logs.SMALL)) {
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, 1));
    }
  }

  @Test
  void refusedOpenDoesNotGiveUpTheLockOfTheFirst() throws Exception {
    try (Wal wal = Wal.open(directory, Logs.SMALL)) {
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> Wal.open(directory, Logs.SMALL))
            .isInstanceOf(WalLockedException.class);
      }
      wal.append(Logs.record(1));
    }
    Process owner = owner();
    owner.toHandle().destroyForcibly();
    owner.waitFor();
  }

  @Test
  void remainsOfALockFileOfAnyContentHoldNobodyUp() throws IOException {
    for (String content : new String[] {"", "pid 1\n", "pid 99999999999999999999\n", "\0\0\0"}) {
      Files.writeString(directory.resolve("lock"), content);
      Wal.open(directory, Logs.SMALL).close();
    }
  }
}
