package dev.tidemark.testkit.contract;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.wal.WalLockedException;
import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.ClosedChannelException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What every [Storage] keeps: extend it, say how yours is opened, and run it.
///
/// One case opens one storage, on one thread unless it says otherwise.
public abstract class StorageContract {
  private final Arena arena = Arena.ofShared();

  /// The storage of this case: opened before it, closed after it.
  protected Storage storage;

  /// Only for subclasses.
  protected StorageContract() {}

  /// {@return a storage without files}
  ///
  /// @throws IOException if it cannot be opened
  protected abstract Storage open() throws IOException;

  /// {@return the same place, opened a second time}
  ///
  /// @throws IOException if it cannot be opened
  protected abstract Storage again() throws IOException;

  @BeforeEach
  void openStorage() throws IOException {
    storage = open();
  }

  @AfterEach
  void closeStorage() throws IOException {
    storage.close();
    arena.close();
  }

  /// {@return native memory that holds a text, valid until the case ends}
  ///
  /// @param text in ASCII
  protected MemorySegment memory(String text) {
    MemorySegment memory = arena.allocate(text.length());
    MemorySegment.copy(text.getBytes(US_ASCII), 0, memory, ValueLayout.JAVA_BYTE, 0, text.length());
    return memory;
  }

  /// {@return what a file holds, as text}
  ///
  /// @param file open
  /// @param offset where to begin, in bytes
  /// @param bytes how many at most
  /// @throws IOException if it cannot be read
  protected String read(StorageFile file, long offset, int bytes) throws IOException {
    MemorySegment target = arena.allocate(bytes);
    int count = file.read(offset, target);
    return new String(target.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE), US_ASCII);
  }

  @Test
  void forgettingWhatIsCachedLosesNothing() throws IOException {
    try (StorageFile file = storage.create("file")) {
      file.write(0, memory("synced"));
      file.sync(true);
      boolean _ = file.forgetCached();
      file.write(6, memory(", not synced"));
      boolean _ = file.forgetCached();
      assertThat(read(file, 0, 18)).isEqualTo("synced, not synced");
    }
  }

  @Test
  void writtenBytesAreRead() throws IOException {
    try (StorageFile file = storage.create("a")) {
      file.write(0, memory("tide"));
      file.write(4, memory("mark"));
      file.sync(false);
      file.sync(true);
      assertThat(file.name()).isEqualTo("a");
      assertThat(file.size()).isEqualTo(8);
      assertThat(read(file, 0, 8)).isEqualTo("tidemark");
      assertThat(read(file, 2, 4)).isEqualTo("dema");
    }
    try (StorageFile file = storage.openForRead("a")) {
      assertThat(read(file, 0, 100)).isEqualTo("tidemark");
    }
  }

  @Test
  void readStopsAtTheEnd() throws IOException {
    try (StorageFile file = storage.create("a")) {
      file.write(0, memory("abc"));
      assertThat(read(file, 1, 10)).isEqualTo("bc");
      assertThat(read(file, 3, 10)).isEmpty();
      assertThat(read(file, 1L << 40, 10)).isEmpty();
      assertThat(read(file, 0, 0)).isEmpty();
    }
  }

  @Test
  void writeBehindTheEndLeavesZeros() throws IOException {
    try (StorageFile file = storage.create("a")) {
      file.write(3, memory("x"));
      assertThat(read(file, 0, 10)).isEqualTo("\0\0\0x");
    }
  }

  @Test
  void partOfAMemoryIsWritten() throws IOException {
    try (StorageFile file = storage.create("a")) {
      MemorySegment source = memory("0123456789");
      file.write(1, source, 3, 4);
      file.write(5, source, 10, 0);
      assertThat(read(file, 0, 10)).isEqualTo("\0" + "3456");
      assertThatThrownBy(() -> file.write(0, source, 7, 4))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> file.write(0, source, -1, 4))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThat(file.size()).isEqualTo(5);
    }
  }

  @Test
  void freedMemoryIsRefused() throws IOException {
    MemorySegment freed;
    try (Arena own = Arena.ofShared()) {
      freed = own.allocate(64);
    }
    try (StorageFile file = storage.create("a")) {
      assertThatThrownBy(() -> file.write(0, freed)).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> file.write(0, freed, 8, 8))
          .isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> file.read(0, freed)).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void writeReplacesWhatWasThere() throws IOException {
    try (StorageFile file = storage.create("a")) {
      file.write(0, memory("abcdef"));
    }
    try (StorageFile file = storage.open("a")) {
      file.write(2, memory("XY"));
      assertThat(read(file, 0, 10)).isEqualTo("abXYef");
      assertThat(file.size()).isEqualTo(6);
    }
  }

  @Test
  void cutFileEndsThereAndGrowsWithZeros() throws IOException {
    try (StorageFile file = storage.create("a")) {
      file.write(0, memory("abcdef"));
      file.truncate(2);
      assertThat(file.size()).isEqualTo(2);
      assertThat(read(file, 0, 10)).isEqualTo("ab");
      file.write(4, memory("x"));
      assertThat(read(file, 0, 10)).isEqualTo("ab\0\0x");
      file.truncate(5);
      file.truncate(0);
      assertThat(file.size()).isZero();
    }
  }

  @Test
  void fileIsNeverCutLongerOrByWhoMayOnlyRead() throws IOException {
    try (StorageFile file = storage.create("a")) {
      file.write(0, memory("abc"));
      assertThatThrownBy(() -> file.truncate(4))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("3 bytes");
      assertThatThrownBy(() -> file.truncate(-1)).isInstanceOf(IllegalArgumentException.class);
    }
    try (StorageFile file = storage.openForRead("a")) {
      assertThatThrownBy(() -> file.truncate(1))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("a was opened for reading");
    }
  }

  @Test
  void fileOpenedForReadingRefusesWrites() throws IOException {
    storage.create("a").close();
    try (StorageFile file = storage.openForRead("a")) {
      assertThatThrownBy(() -> file.write(0, memory("x")))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("a was opened for reading");
    }
  }

  @Test
  void badOffsetsAndHeapMemoryAreRefused() throws IOException {
    try (StorageFile file = storage.create("a")) {
      assertThatThrownBy(() -> file.read(-1, memory("x")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("-1");
      assertThatThrownBy(() -> file.write(Long.MAX_VALUE, memory("x")))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> file.write(0, MemorySegment.ofArray(new byte[1])))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("native");
      assertThat(file.size()).isZero();
    }
  }

  @Test
  void takenNameIsNotCreatedAgain() throws IOException {
    try (StorageFile file = storage.create("a")) {
      file.write(0, memory("kept"));
      assertThatThrownBy(() -> storage.create("a"))
          .isInstanceOf(FileAlreadyExistsException.class)
          .hasMessageContaining("a");
      assertThat(read(file, 0, 4)).isEqualTo("kept");
    }
  }

  @Test
  void missingFileIsNamed() {
    assertThatThrownBy(() -> storage.open("gone"))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("gone");
    assertThatThrownBy(() -> storage.openForRead("gone")).isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> storage.delete("gone")).isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> storage.rename("gone", "b")).isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void namesThatLeadElsewhereAreRefused() {
    for (String name : new String[] {"", ".", "..", "a/b", "../a", "/a", "a\\b", "a\0b", "lock"}) {
      assertThatThrownBy(() -> storage.create(name))
          .as(name)
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> storage.open(name)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> storage.openForRead(name))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> storage.delete(name)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> storage.rename("a", name))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> storage.rename(name, "a"))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void listNamesAllFiles() throws IOException {
    storage.create("b").close();
    storage.create("a.tmp").close();
    storage.create("käse").close();
    storage.syncDirectory();
    assertThat(storage.list()).containsExactlyInAnyOrder("b", "a.tmp", "käse");
    storage.delete("b");
    storage.syncDirectory();
    assertThat(storage.list()).containsExactlyInAnyOrder("a.tmp", "käse");
  }

  @Test
  void renameReplacesAndOpenFilesStayOpen() throws IOException {
    try (StorageFile old = storage.create("old");
        StorageFile target = storage.create("target")) {
      old.write(0, memory("new"));
      target.write(0, memory("replaced"));
      storage.rename("old", "target");
      storage.syncDirectory();
      assertThat(storage.list()).containsExactly("target");
      old.write(3, memory("er"));
      assertThat(read(target, 0, 8)).isEqualTo("replaced");
      try (StorageFile file = storage.open("target")) {
        assertThat(read(file, 0, 8)).isEqualTo("newer");
      }
    }
  }

  @Test
  void deletedFileStaysReadableWhileOpen() throws IOException {
    try (StorageFile file = storage.create("a")) {
      file.write(0, memory("still"));
      storage.delete("a");
      assertThat(storage.list()).isEmpty();
      assertThat(read(file, 0, 5)).isEqualTo("still");
    }
  }

  @Test
  void closedFileRefusesEverything() throws IOException {
    StorageFile file = storage.create("a");
    file.close();
    file.close();
    assertThatThrownBy(() -> file.write(0, memory("x"))).isInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(() -> file.read(0, memory("x"))).isInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(() -> file.sync(false)).isInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(file::size).isInstanceOf(ClosedChannelException.class);
  }

  @Test
  void secondLockOfOnePlaceFailsUntilTheFirstIsGivenBack() throws IOException {
    storage.lock();
    Storage second = again();
    assertThatThrownBy(second::lock)
        .isInstanceOf(WalLockedException.class)
        .hasMessageContaining(storage.description())
        .hasMessageContaining(String.valueOf(ProcessHandle.current().pid()));
    storage.close();
    storage.close();
    second.lock();
    second.close();
  }

  @Test
  void usableSpaceIsKnown() throws IOException {
    assertThat(storage.usableBytes()).isPositive();
  }
}
