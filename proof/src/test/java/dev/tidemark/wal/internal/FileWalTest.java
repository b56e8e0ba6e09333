package dev.tidemark.wal.internal;

import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/// The contract on a real disk, through native calls where there are any.
class FileWalTest extends WalContract {
  @TempDir Path directory;

  @Override
  Wal open(WalOptions options) throws IOException {
    return Wal.open(directory, options);
  }
}
