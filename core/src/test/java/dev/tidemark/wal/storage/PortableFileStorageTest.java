package dev.tidemark.wal.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class PortableFileStorageTest extends FileContract {

  @Override
  Storage open(Path directory) throws IOException {
    return FileStorage.openPortable(directory);
  }

  @Test
  void saysThatAnInterruptReachesIt() {
    assertThat(storage.uninterruptible()).isFalse();
  }
}
