package dev.tidemark.wal.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.OnCorruption;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.internal.Follow;
import dev.tidemark.wal.internal.Logs;
import dev.tidemark.wal.internal.Remains;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Scenario 34: files that a later version of this program wrote. What `UnknownFrameTest` shows of
/// frames is shown here of whole files.
@Timeout(60)
class LaterVersionTest {
  private static final int VERSION_AT = 8;

  private static Remains log() throws IOException {
    return Remains.of(
        wal -> {
          Logs.append(wal, 1, 5);
          wal.rotate();
          Logs.append(wal, 6, 10);
          wal.subscribe("reader", 3).close();
          wal.checkpoint(2, target -> target.write(new byte[10]));
          Logs.awaitSpares(wal);
        });
  }

  // Puts a version into what is at a place, and makes its checksum right.
  private static void version(SimulatedDisk disk, String name, int at, int bytes) {
    byte[] all = disk.bytes(name);
    ByteBuffer part = ByteBuffer.wrap(all, at, bytes).slice().order(ByteOrder.LITTLE_ENDIAN);
    part.putInt(VERSION_AT, 7);
    CRC32C crc = new CRC32C();
    crc.update(all, at, bytes - 4);
    part.putInt(bytes - 4, (int) crc.getValue());
    disk.replace(name, all);
  }

  private static WalOptions options(OnCorruption onCorruption) {
    return WalOptions.builder()
        .segmentBytes(4096)
        .stagingBytes(1024)
        .onCorruption(onCorruption)
        .build();
  }

  // Whatever is to be done about damage: this is none.
  private static void refusedAsNewer(Remains log, String file) {
    for (OnCorruption each : OnCorruption.values()) {
      CorruptWalException refusal = log.refused(options(each));
      assertThat(refusal).as("%s", each).hasMessageContaining("newer").hasMessageContaining("7");
      assertThat(refusal.file()).isEqualTo(file);
    }
  }

  @Test
  void segmentIsRefusedByVersionAndNeverSalvagedAway() throws IOException {
    for (int number = 1; number <= 2; number++) {
      Remains log = log();
      version(log.storage, Remains.segment(number), 0, 256);
      version(log.storage, Remains.segment(number), 4096 - 256, 256);
      refusedAsNewer(log, Remains.segment(number));
      assertThat(catchThrowableOfType(CorruptWalException.class, () -> Follow.read(log.storage)))
          .hasMessageContaining("newer");
    }
  }

  @Test
  void segmentAboveAllThatTheManifestNamesIsNoSpareIfItIsNewer() throws IOException {
    Remains log = log();
    byte[] newer = log.storage.bytes(Remains.segment(2));
    log.storage.replace(Remains.segment(9), newer);
    version(log.storage, Remains.segment(9), 0, 256);
    refusedAsNewer(log, Remains.segment(9));
  }

  @Test
  void manifestIsRefusedByVersionThoughTheOtherSlotIsOlder() throws IOException {
    for (int slot : new int[] {0, 4096}) {
      Remains log = log();
      if (Arrays.equals(
          Arrays.copyOfRange(log.storage.bytes("manifest"), slot, slot + 256), new byte[256])) {
        continue;
      }
      version(log.storage, "manifest", slot, 256);
      refusedAsNewer(log, "manifest");
    }
  }

  @Test
  void subscriptionsAreRefusedByVersion() throws IOException {
    Remains log = log();
    version(log.storage, "subscriptions", 0, 4096);
    version(log.storage, "subscriptions", 4096, 4096);
    refusedAsNewer(log, "subscriptions");
  }

  @Test
  void futureBytesAreLeftAsTheyAreSoThatTheNewerProgramOpensThem() throws IOException {
    Remains log = log();
    SimulatedDisk before = Scene.killed(log.storage);
    version(log.storage, Remains.segment(2), 0, 256);
    version(log.storage, Remains.segment(2), 4096 - 256, 256);
    refusedAsNewer(log, Remains.segment(2));
    log.storage.replace(Remains.segment(2), before.bytes(Remains.segment(2)));
    try (Wal wal = log.open()) {
      List<String> found = Logs.read(wal);
      assertThat(found).endsWith(Logs.expected(4, 10).toArray(String[]::new));
    }
  }
}
