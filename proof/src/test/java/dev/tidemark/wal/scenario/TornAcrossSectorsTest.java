package dev.tidemark.wal.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.internal.Logs;
import dev.tidemark.wal.internal.Remains;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Scenario 2: of a write over several sectors any may be on the disk and any not, in place of
/// which stand zeros or older bytes.
@Timeout(60)
class TornAcrossSectorsTest {
  private static final int SECTOR = 512;

  private static WalOptions options(boolean async) {
    WalOptions.Builder builder = WalOptions.builder().segmentBytes(8192).stagingBytes(4096);
    return async ? builder.sync(Scene.ASYNC).build() : builder.build();
  }

  private final SimulatedDisk disk = new SimulatedDisk();

  // Every choice of the sectors between the first and the last difference.
  private void everySubset(byte[] before, String name, WalOptions options, List<String> promised)
      throws IOException {
    byte[] after = disk.bytes(name);
    int first = Arrays.mismatch(before, after) / SECTOR;
    int last = after.length - 1;
    while (before[last] == after[last]) {
      last--;
    }
    int sectors = last / SECTOR - first + 1;
    assertThat(sectors).isBetween(3, 8);
    List<Remains.Frame> frames = new Remains(disk).frames(name);
    for (int kept = 0; kept < 1 << sectors; kept++) {
      byte[] bytes = before.clone();
      for (int i = 0; i < sectors; i++) {
        if (((kept >> i) & 1) == 1) {
          System.arraycopy(after, (first + i) * SECTOR, bytes, (first + i) * SECTOR, SECTOR);
        }
      }
      long whole = 0; // the last LSN of the frames up to which no byte is missing
      for (Remains.Frame frame : frames) {
        int from = (int) frame.offset();
        int to = (int) frame.end();
        if (Arrays.equals(bytes, from, to, after, from, to)) {
          whole = frame.lastLsn();
        } else {
          break;
        }
      }
      SimulatedDisk torn = Scene.killed(disk);
      torn.replace(name, bytes);
      try (Wal wal = Scene.open(torn, options)) {
        assertThat(wal.recovery().lastLsn()).as("sectors %x", kept).isEqualTo(whole);
        assertThat(Logs.read(wal)).hasSize((int) (whole - wal.firstLsn() + 1));
        assertThat(Logs.read(wal)).startsWith(promised.toArray(String[]::new));
        long discarded = wal.recovery().discardedTo();
        assertThat(wal.appendDurable(new byte[1])).isEqualTo(Math.max(whole, discarded) + 1);
      }
    }
  }

  @Test
  void recordOfWhichAnySectorIsMissingIsCutAndNoLaterSectorIsTrusted() throws IOException {
    try (Wal wal = Scene.open(disk, options(false))) {
      Logs.append(wal, 1, 3);
      String name = new Remains(disk).newest();
      byte[] before = disk.bytes(name);
      byte[] record = new byte[2000];
      Arrays.fill(record, (byte) 7);
      wal.append(record);
      everySubset(before, name, options(false), Logs.expected(1, 3));
    }
  }

  @Test
  void framesBehindAMissingSectorAreNeverShownUnderAsync() throws IOException {
    try (Wal wal = Scene.open(disk, options(true))) {
      Logs.append(wal, 1, 3);
      String name = new Remains(disk).newest();
      byte[] before = disk.bytes(name);
      Logs.append(wal, 4, 20); // a write and a frame each
      everySubset(before, name, options(true), Logs.expected(1, 3));
    }
  }

  @Test
  void olderBytesInPlaceOfASectorAreNeverTakenForIt() throws IOException {
    try (Wal wal = Scene.open(disk, options(false))) {
      Scene.reachRecycled(wal, disk);
      String name = new Remains(disk).newest();
      byte[] before = disk.bytes(name); // behind the end: frames of another life, just as large
      long first = wal.lastLsn() + 1;
      Logs.append(wal, (int) first, (int) first);
      byte[] then = disk.bytes(name);
      assertThat(new String(before, java.nio.charset.StandardCharsets.ISO_8859_1)).contains("TMFR");
      byte[] record = new byte[1700];
      Arrays.fill(record, (byte) 7);
      wal.append(record);
      everySubset(then, name, options(false), Logs.expected(first, first));
    }
  }
}
