package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.testkit.disk.Crash;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.host.SimulatedHost;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalFailedException;
import dev.tidemark.wal.storage.ForwardingFile;
import dev.tidemark.wal.storage.ForwardingStorage;
import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A storage that throws what no storage may, while the manifest is written: the log fails, rather
/// than go on with a mark that is raised in memory alone.
@Timeout(60)
class ManifestThrowsTest {
  private final SimulatedDisk disk = new SimulatedDisk();
  private final AtomicBoolean broken = new AtomicBoolean();

  private Storage breaking() {
    return new ForwardingStorage(disk) {
      @Override
      public StorageFile open(String name) throws IOException {
        return new ForwardingFile(super.open(name)) {
          @Override
          public void write(long offset, MemorySegment source) throws IOException {
            if (name().equals(Manifest.FILE) && broken.compareAndSet(true, false)) {
              throw new IllegalStateException("broken");
            }
            super.write(offset, source);
          }
        };
      }
    };
  }

  private interface Use {
    void of(Wal wal) throws IOException;
  }

  private void withTenRecords(Use use) throws Exception {
    SimulatedHost host = new SimulatedHost(1);
    host.run(
        () -> {
          Wal wal = Wal.open(breaking(), host, Logs.SMALL);
          for (int i = 0; i < 10; i++) {
            wal.append(new byte[600]);
            wal.rotate();
          }
          broken.set(true);
          use.of(wal);
          assertThat(wal.metrics().failed()).isTrue();
          assertThatThrownBy(() -> wal.truncateBefore(4)).isInstanceOf(WalFailedException.class);
          assertThatThrownBy(wal::close).isInstanceOf(WalFailedException.class);
          return null;
        });
    SimulatedHost next = new SimulatedHost(2);
    SimulatedDisk left = disk.crash(Crash.losingUnsynced());
    next.run(
        () -> {
          try (Wal wal = Wal.open(left, next, Logs.SMALL)) {
            assertThat(wal.firstLsn()).isEqualTo(1);
            assertThat(wal.lastLsn()).isEqualTo(10);
          }
          return null;
        });
  }

  @Test
  void truncationThatMeetsItFailsTheLog() throws Exception {
    withTenRecords(wal -> assertThatThrownBy(() -> wal.truncateBefore(4)).isNotNull());
  }

  @Test
  void checkpointThatMeetsItFailsTheLog() throws Exception {
    withTenRecords(
        wal ->
            assertThatThrownBy(() -> wal.checkpoint(4, target -> target.write(new byte[9])))
                .isNotNull());
  }
}
