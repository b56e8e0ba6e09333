package dev.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.formats.leveldb.LogWriter;
import dev.tidemark.wal.Wal;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What `tail` shows of a log that grows, in a process of its own, and how it ends.
@Timeout(120)
class TailTest {
  @TempDir private Path folder;

  private static Process start(Object... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                System.getProperty("java.home") + "/bin/java",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.tidemark.cli.Tidemark",
                "tail"));
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  // A shell starts what it runs in the background so, and so on to children of children.
  private static boolean ignoresInterrupts(Process process) throws IOException {
    Path status = Path.of("/proc", Long.toString(process.pid()), "status");
    if (!Files.exists(status)) {
      return false;
    }
    long ignored =
        Files.readString(status)
            .lines()
            .filter(line -> line.startsWith("SigIgn:"))
            .mapToLong(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
            .findFirst()
            .orElse(0);
    return (ignored & 1L << 1) != 0; // SIGINT is 2
  }

  private static BufferedReader out(Process process) {
    return new BufferedReader(
        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  private static Map<String, Object> line(BufferedReader out) throws IOException {
    return JsonTree.object(Objects.requireNonNull(out.readLine()));
  }

  private static void append(Wal wal, int n) throws IOException {
    wal.append(("record " + n).getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void ourOwnLogIsFollowedBesideItsWriterUntilItIsInterrupted() throws Exception {
    Path path = folder.resolve("log");
    try (Wal wal = Wal.open(path, SmallLog.OPTIONS)) {
      append(wal, 1);
      append(wal, 2);
      append(wal, 3);
      Process tail = start(path, "--last", 2);
      try (BufferedReader out = out(tail)) {
        assertThat(line(out)).containsEntry("lsn", 2L).containsEntry("payload", "record 2");
        assertThat(line(out)).containsEntry("lsn", 3L);
        for (int n = 4; n <= 20; n++) {
          append(wal, n);
          if (n == 10) {
            wal.rotate();
          }
          Map<String, Object> line = line(out);
          assertThat(line).containsEntry("lsn", (long) n).containsEntry("payload", "record " + n);
          assertThat(
                  Files.readString(
                      path.resolve(JsonTree.text(line, "file")), StandardCharsets.ISO_8859_1))
              .contains("record " + n);
        }
        // SIGINT, as from a terminal; who was started to ignore that takes SIGTERM.
        String signal = ignoresInterrupts(tail) ? "-TERM" : "-INT";
        assertThat(new ProcessBuilder("kill", signal, Long.toString(tail.pid())).start().waitFor())
            .isZero();
        assertThat(tail.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(tail.exitValue()).isZero();
      } finally {
        tail.destroyForcibly();
      }
    }
  }

  @Test
  void limitEndsItAndSoDoesWhoeverReadsNoMore() throws Exception {
    Path path = folder.resolve("log");
    try (Wal wal = Wal.open(path, SmallLog.OPTIONS)) {
      for (int n = 1; n <= 9; n++) {
        append(wal, n);
      }
      Ran ran = Ran.of("tail", path, "--from", 4, "--limit", 3);
      assertThat(ran.code()).isZero();
      assertThat(JsonTree.lines(ran.out()).stream().map(line -> line.get("lsn")))
          .containsExactly(4L, 5L, 6L);
      Process tail = start(path, "--from", 1);
      try {
        try (BufferedReader out = out(tail)) {
          assertThat(line(out)).containsEntry("lsn", 1L);
        }
        // Its pipe is closed now: it ends with the next record that it cannot write.
        while (!tail.waitFor(10, TimeUnit.MILLISECONDS)) {
          append(wal, 10);
        }
        assertThat(tail.exitValue()).isZero();
      } finally {
        tail.destroyForcibly();
      }
    }
  }

  @Test
  void anotherSystemsFileIsReadAgainAsItGrows() throws Exception {
    Path file = folder.resolve("000003.log");
    try (OutputStream stream = Files.newOutputStream(file)) {
      LogWriter writer = new LogWriter(stream);
      writer.append(batch(1));
      writer.append(batch(2));
      writer.flush();
      follow(
          start(file, "-n", 1, "--limit", 4),
          out -> {
            assertThat(line(out)).containsEntry("sequence", 2L);
            for (long n = 3; n <= 5; n++) {
              appendAndSee(writer, out, n);
            }
          });
    }
  }

  /// A store that fills a log's last block with zeros writes over them, and the file stays as long.
  @Test
  void recordThatGoesOverZerosIsSeenThoughTheFileDoesNotGrow() throws Exception {
    Path file = folder.resolve("000003.log");
    Files.write(file, new byte[32 << 10]);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
        LogWriter writer = new LogWriter(Channels.newOutputStream(channel))) {
      writer.append(batch(1));
      writer.flush();
      follow(
          start(file, "--from", 1, "--limit", 3),
          out -> {
            assertThat(line(out)).containsEntry("sequence", 1L);
            for (long n = 2; n <= 3; n++) {
              appendAndSee(writer, out, n);
            }
          });
      assertThat(channel.size()).isEqualTo(32 << 10);
    }
  }

  /// What was read and rests is not read again, but still counted; a file that changes again is.
  @Test
  void recordsOfSeveralFilesComeOnceEachWhicheverFileGrows() throws Exception {
    Path older = folder.resolve("000003.log");
    Path newer = folder.resolve("000005.log");
    try (LogWriter first = new LogWriter(Files.newOutputStream(older));
        LogWriter second = new LogWriter(Files.newOutputStream(newer))) {
      first.append(batch(1));
      first.flush();
      second.flush();
      follow(
          start(folder, "--from", 1, "--limit", 6),
          out -> {
            assertThat(line(out)).containsEntry("sequence", 1L);
            for (long n = 2; n <= 6; n++) {
              LogWriter writer = n == 4 ? first : second;
              appendAndSee(writer, out, n);
            }
          });
    }
  }

  private interface Sight {
    void see(BufferedReader out) throws IOException;
  }

  /// Looks at what a tail shows, and sees it end.
  private static void follow(Process tail, Sight sight) throws Exception {
    try (BufferedReader out = out(tail)) {
      sight.see(out);
      assertThat(tail.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(tail.exitValue()).isZero();
    } finally {
      tail.destroyForcibly();
    }
  }

  private static void appendAndSee(LogWriter writer, BufferedReader out, long n)
      throws IOException {
    writer.append(batch(n));
    writer.flush();
    assertThat(line(out)).containsEntry("sequence", n);
  }

  // LevelDB's: sequence, count, one deletion.
  private static ByteBuffer batch(long sequence) {
    ByteBuffer batch = ByteBuffer.allocate(16).order(java.nio.ByteOrder.LITTLE_ENDIAN);
    batch.putLong(sequence).putInt(1).put((byte) 0).put((byte) 1).put((byte) 'k');
    return batch.flip();
  }
}
