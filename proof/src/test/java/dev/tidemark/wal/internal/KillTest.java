package dev.tidemark.wal.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.Wal;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A real process, killed while it appends: what it had acknowledged is there.
@Timeout(120)
class KillTest {
  private static final int ROUNDS = 4;

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"fdatasync", "fsync", "async"})
  void whatWasAcknowledgedBeforeTheKillIsThereOnceAndInOrder(String policy) throws Exception {
    long seed = new Random().nextLong();
    System.out.println("KillTest " + policy + " seed " + seed);
    Random random = new Random(seed);
    Map<Long, String> acknowledged = new HashMap<>();
    for (int round = 0; round < ROUNDS; round++) {
      killAfter(50 + random.nextInt(400), policy, round, acknowledged);
      assertRecovered(policy, acknowledged);
    }
  }

  private void killAfter(int acks, String policy, int round, Map<Long, String> acknowledged)
      throws IOException, InterruptedException {
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                KilledAppender.class.getName(),
                directory.toString(),
                policy,
                Integer.toString(round))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader out =
        new BufferedReader(new InputStreamReader(child.getInputStream(), UTF_8))) {
      String line;
      int count = 0;
      while ((line = out.readLine()) != null) {
        String[] words = line.split(" ", -1);
        if (words.length == 3) {
          String text = KilledAppender.text(words[1], Integer.parseInt(words[2]));
          acknowledged.put(Long.parseLong(words[0]), text);
        }
        if (++count == acks) {
          child.toHandle().destroyForcibly(); // SIGKILL; what it had printed is still read
        }
      }
    } finally {
      child.destroyForcibly();
      assertThat(child.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  private void assertRecovered(String policy, Map<Long, String> acknowledged) throws IOException {
    Set<String> seen = new HashSet<>();
    Map<Long, String> recovered = new HashMap<>();
    try (Wal wal = Wal.open(directory, KilledAppender.options(policy));
        Cursor cursor = wal.read(1)) {
      long last = 0;
      while (cursor.next()) {
        assertThat(cursor.lsn()).isGreaterThan(last);
        last = cursor.lsn();
        String text = new String(cursor.bytes(), UTF_8);
        assertThat(seen.add(text)).as("only once: %s", text).isTrue();
        recovered.put(last, text);
      }
    }
    assertThat(recovered).containsAllEntriesOf(acknowledged);
    // Each of the four threads had at most one append under way when it was killed.
    assertThat(recovered.size() - acknowledged.size()).isLessThanOrEqualTo(4 * ROUNDS);
  }
}
