package dev.tidemark.wal.internal;

import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.storage.Host;
import java.io.IOException;

/// The contract on a disk in memory.
class MemoryWalTest extends WalContract {
  private final SimulatedDisk storage = new SimulatedDisk();

  @Override
  Wal open(WalOptions options) throws IOException {
    return Wal.open(storage, Host.system(), options);
  }
}
