package dev.tidemark.wal.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalFullException;
import dev.tidemark.wal.internal.Child;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A log on a real file system without a free block.
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class RealFullDiskTest {
  @ParameterizedTest
  @CsvSource({"EXT4, 24, 20", "EXT4, 24, 1000000", "XFS, 320, 20"})
  void aLogOnAFullDiskRefusesIsKilledOpensTruncatesAndGoesOn(
      RealDisk.Kind kind, int mebibytes, int controls) throws Exception {
    Optional<RealDisk> mounted =
        RealDisk.mounted(kind, mebibytes, "a log on a real file system that is full");
    assumeTrue(mounted.isPresent(), "a file system can be mounted");
    try (RealDisk disk = mounted.orElseThrow()) {
      Path log = disk.root().resolve("log");
      long last = fillAndKill(disk, log, controls);
      disk.fill();
      for (int i = 0; i < 3; i++) { // nobody needs space to open it again and again
        try (Wal wal = Wal.open(log, FillingProgram.OPTIONS)) {
          assertThat(wal.recovery().lastLsn()).isEqualTo(last);
          assertThat(wal.metrics().failed()).isFalse();
          checkRecords(wal);
          boolean room = controls < 100;
          assertThat(FillingProgram.append(wal, true)).as("a control record").isEqualTo(room);
          last += room ? 1 : 0;
        }
      }
      assertThat(Files.getFileStore(log).getUsableSpace())
          .as("free bytes")
          .isLessThan(FillingProgram.OPTIONS.segmentBytes());
      goOn(disk, log, last);
    }
  }

  /// {@return the last LSN that was acknowledged}
  private static long fillAndKill(RealDisk disk, Path log, int controls)
      throws IOException, InterruptedException {
    List<String> kinds = new ArrayList<>();
    long last = 0;
    try (Child child = Child.of(FillingProgram.class, log.toString(), "" + controls)) {
      String[] words;
      while ((words = child.words()) != null) {
        kinds.add(words[0]);
        switch (words[0]) {
          case "ready" -> {
            disk.fill();
            child.tell("go");
          }
          case "full" -> child.kill();
          case "ack", "control" -> {
            assertThat(Long.parseLong(words[1])).isEqualTo(last + 1);
            last++;
          }
          default -> assertThat(words[0]).isEqualTo("refused");
        }
      }
      int _ = child.exitCode();
    }
    assertThat(kinds).contains("ack", "refused", "control").endsWith("full");
    assertThat(kinds.lastIndexOf("ack")).isLessThan(kinds.indexOf("refused"));
    return last;
  }

  private static void goOn(RealDisk disk, Path log, long before) throws IOException {
    long last = before;
    try (Wal wal = Wal.open(log, FillingProgram.OPTIONS)) {
      assertThat(FillingProgram.append(wal, false)).as("an ordinary record").isFalse();
      assertThatThrownBy(() -> wal.checkpoint(wal.lastLsn(), out -> out.write(new byte[1 << 20])))
          .isInstanceOf(WalFullException.class)
          .hasMessageContaining("No space left on device");
      assertThat(wal.metrics().failed()).isFalse();
      wal.truncateBefore(last);
      awaitTaken(wal); // what was removed serves again
      checkRecords(wal);
      while (FillingProgram.append(wal, false)) {
        // until it is full again
      }
      disk.free();
      awaitTaken(wal);
      last = wal.lastLsn();
      assertThat(wal.metrics().failed()).isFalse();
    }
    try (Wal wal = Wal.open(log, FillingProgram.OPTIONS)) {
      assertThat(wal.recovery().lastLsn()).isEqualTo(last);
      checkRecords(wal);
    }
  }

  // A segment is prepared by a thread of the log's.
  private static void awaitTaken(Wal wal) throws IOException {
    while (!FillingProgram.append(wal, false)) {
      LockSupport.parkNanos(1_000_000);
      if (Thread.interrupted()) {
        throw new AssertionError("still refused: " + wal.metrics());
      }
    }
  }

  private static void checkRecords(Wal wal) throws IOException {
    long next = wal.firstLsn();
    try (Cursor cursor = wal.read()) {
      while (cursor.next()) {
        assertThat(cursor.lsn()).isEqualTo(next);
        assertThat(cursor.bytes()).isEqualTo(FillingProgram.record(next));
        next++;
      }
    }
    assertThat(next).isEqualTo(wal.lastLsn() + 1);
  }
}
