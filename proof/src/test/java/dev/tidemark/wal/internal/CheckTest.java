package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.testkit.disk.Crash;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.OnCorruption;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalLockedException;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.storage.Host;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.Test;

/// Looking whether a log would open: the same answer as opening gives, and nothing is changed.
/// `DamageSweepTest` asks the same of every damage it knows.
class CheckTest {
  private static final String OLDEST = SegmentHeader.fileName(1);
  private static final WalOptions VERIFYING =
      WalOptions.builder().segmentBytes(4096).stagingBytes(1024).verifyOnOpen(true).build();

  /// {@return whether a log would open, by a look that changes nothing}
  static boolean isAccepted(SimulatedDisk storage) {
    SimulatedDisk looked = storage.crash(Crash.keepingAll());
    try {
      Wal.check(looked, Host.system(), Logs.SMALL);
      return true;
    } catch (CorruptWalException e) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      assertThat(looked.operations()).isEmpty();
    }
  }

  private static Remains twoSegments() throws IOException {
    return Remains.of(
        wal -> {
          Logs.append(wal, 1, 10);
          wal.rotate();
          Logs.append(wal, 11, 20);
        });
  }

  private static void check(SimulatedDisk storage, WalOptions options) throws IOException {
    Wal.check(storage, Host.system(), options);
    assertThat(storage.operations()).isEmpty();
  }

  @Test
  void aLogThatCrashedIsAcceptedAndLeftAsItIs() throws IOException {
    SimulatedDisk storage = twoSegments().storage;
    check(storage, VERIFYING);
    try (Wal wal = Logs.open(storage)) {
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, 20));
    }
  }

  @Test
  void aLogThatMayYetBeCreatedIsAcceptedAndNotCreated() throws IOException {
    check(new SimulatedDisk(), VERIFYING);
  }

  @Test
  void damageInAnOlderSegmentIsFoundIfItIsAskedFor() throws IOException {
    SimulatedDisk storage = twoSegments().storage;
    storage.flip(OLDEST, SegmentHeader.BYTES + FrameLayout.HEADER_BYTES + 9, 0);
    check(storage.crash(Crash.keepingAll()), Logs.SMALL);
    assertThatThrownBy(() -> check(storage, VERIFYING))
        .isInstanceOf(CorruptWalException.class)
        .hasMessageContaining(OLDEST)
        .hasMessageContaining(storage.description());
    assertThat(storage.operations()).isEmpty();
  }

  @Test
  void damageInACheckpointThatWasReliedOnIsFoundIfItIsAskedFor() throws IOException {
    SimulatedDisk storage = new SimulatedDisk();
    try (Wal wal = Logs.open(storage)) {
      Logs.append(wal, 1, 10);
      wal.checkpoint(10, target -> target.write(new byte[100]));
    }
    storage.clearOperations();
    String name =
        storage.list().stream().filter(n -> n.startsWith("checkpoint-")).findFirst().orElseThrow();
    storage.flip(name, storage.bytes(name).length / 2, 1);
    check(storage.crash(Crash.keepingAll()), Logs.SMALL);
    assertThatThrownBy(() -> check(storage, VERIFYING))
        .isInstanceOf(CorruptWalException.class)
        .hasMessageContaining(name);
    assertThat(storage.operations()).isEmpty();
  }

  @Test
  void aLossThatASalvageWouldAcceptIsAcceptedAndNotSalvaged() throws IOException {
    SimulatedDisk storage = twoSegments().storage;
    storage.flip(OLDEST, SegmentHeader.BYTES + FrameLayout.HEADER_BYTES + 9, 0);
    check(
        storage,
        WalOptions.builder()
            .segmentBytes(4096)
            .stagingBytes(1024)
            .onCorruption(OnCorruption.SKIP)
            .build());
  }

  @Test
  void aLogThatIsOpenIsRefusedAndOneThatWasLookedAtIsFree() throws IOException {
    SimulatedDisk storage = new SimulatedDisk();
    try (Wal wal = Logs.open(storage)) {
      assertThatThrownBy(() -> Wal.check(storage, Host.system(), Logs.SMALL))
          .isInstanceOf(WalLockedException.class);
      assertThat(wal.append(Logs.record(1))).isEqualTo(1);
    }
    Wal.check(storage, Host.system(), Logs.SMALL);
    assertThatCode(() -> Logs.open(storage).close()).doesNotThrowAnyException();
  }
}
