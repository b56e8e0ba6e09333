package dev.tidemark.wal.internal;

import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.storage.Host;
import dev.tidemark.wal.storage.MemoryStorage;
import java.io.IOException;

/// The contract on a disk in memory.
class MemoryWalTest extends WalContract {
  private final MemoryStorage storage = new MemoryStorage();

  @Override
  Wal open(WalOptions options) throws IOException {
    return Wal.open(storage, Host.system(), options);
  }
}
