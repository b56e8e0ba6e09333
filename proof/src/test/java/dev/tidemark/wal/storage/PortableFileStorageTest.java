package dev.tidemark.wal.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
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

  @Test
  void interruptedCallClosesTheFileAsSaid() throws IOException {
    try (StorageFile file = storage.create("a")) {
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> file.write(0, memory("x")))
          .isInstanceOf(ClosedByInterruptException.class);
      assertThat(Thread.interrupted()).isTrue();
      assertThatThrownBy(() -> file.write(0, memory("x")))
          .isInstanceOf(ClosedChannelException.class);
    }
  }
}
