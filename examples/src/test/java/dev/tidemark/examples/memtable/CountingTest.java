package dev.tidemark.examples.memtable;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.examples.Program;
import dev.tidemark.wal.WalOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class CountingTest {
  private static final int ROUNDS = 4;

  @TempDir Path directory;

  @Test
  void aTableThatIsKilledAgainAndAgainComesBackWithAllItAcknowledged() throws Exception {
    long seed = new Random().nextLong();
    System.out.println("CountingTest seed " + seed);
    Random random = new Random(seed);
    long last = 0;
    for (int round = 0; round < ROUNDS; round++) {
      last = killBehind(last + 1500 + random.nextInt(2000));
    }
    assertRecovered(last);
    try (Stream<Path> files = Files.list(directory.resolve("counting"))) {
      assertThat(files.map(each -> each.getFileName().toString()))
          .as("checkpoints let the log go")
          .anyMatch(name -> name.startsWith("checkpoint-"))
          .hasSizeLessThan(14);
    }
  }

  // Kills the program once it has printed a number, and answers the last one it printed.
  private long killBehind(long number) throws IOException, InterruptedException {
    Process program = Program.start(directory, Counting.class);
    long last = 0;
    try (BufferedReader out =
        new BufferedReader(new InputStreamReader(program.getInputStream(), UTF_8))) {
      String line = out.readLine();
      assertThat(line).startsWith("goes on behind ");
      while ((line = out.readLine()) != null) {
        last = Long.parseLong(line);
        if (last >= number) {
          program.toHandle().destroyForcibly(); // SIGKILL; what it had printed is still read
        }
      }
    } finally {
      program.destroyForcibly();
      assertThat(program.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }
    return last;
  }

  private void assertRecovered(long last) throws IOException {
    WalOptions options = WalOptions.builder().segmentBytes(256 << 10).build();
    try (MemTable table = MemTable.open(directory.resolve("counting"), options)) {
      String found = table.get("last");
      assertThat(found).isNotNull();
      assertThat(Long.parseLong(String.valueOf(found))).isBetween(last, last + 1);
      for (long number = last - 999; number <= last; number++) {
        String value = String.valueOf(table.get("key " + number % 1000));
        assertThat(Long.parseLong(value)).isIn(number, number + 1000);
      }
    }
  }
}
