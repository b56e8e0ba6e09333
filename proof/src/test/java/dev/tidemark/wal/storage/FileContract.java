package dev.tidemark.wal.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.tidemark.testkit.contract.StorageContract;
import dev.tidemark.wal.WalLockedException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a [FileStorage] keeps beside the contract, by whichever calls it works.
abstract class FileContract extends StorageContract {
  @TempDir Path temporary;

  abstract Storage open(Path directory) throws IOException;

  @Override
  protected Storage open() throws IOException {
    return open(temporary.resolve("log"));
  }

  @Override
  protected Storage again() throws IOException {
    return open();
  }

  @Test
  void missingParentsAreMade() throws IOException {
    Path deep = temporary.resolve("a/b/c");
    try (Storage made = open(deep)) {
      made.create("file").close();
      assertThat(deep.resolve("file")).isRegularFile();
      assertThat(made.description()).isEqualTo(deep.toString());
    }
  }

  @Test
  void fileInPlaceOfTheDirectoryIsRefused() throws IOException {
    Path file = Files.createFile(temporary.resolve("plain"));
    assertThatThrownBy(() -> open(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("not a directory");
  }

  @Test
  void directoriesAreNotListed() throws IOException {
    Files.createDirectory(temporary.resolve("log/sub"));
    assertThat(storage.list()).isEmpty();
    assertThatThrownBy(() -> storage.delete("sub")).isInstanceOf(IOException.class);
    assertThat(temporary.resolve("log/sub")).isDirectory();
  }

  @Test
  void pathsOutsideAsciiAndWithPercentSignsAreTakenAsTheyAre() throws IOException {
    Path odd = temporary.resolve("öl%2f ü#?");
    try (Storage made = open(odd)) {
      made.create("a%62").close();
      made.syncDirectory();
      assertThat(made.list()).containsExactly("a%62");
      assertThat(odd.resolve("a%62")).isRegularFile();
    }
  }

  @Test
  void lockOfAnotherProcessIsRefusedWithItsPid() throws Exception {
    Process owner = lockHolder();
    try {
      assertThat(owner.inputReader(UTF_8).readLine()).isEqualTo("locked");
      assertThatThrownBy(storage::lock)
          .isInstanceOf(WalLockedException.class)
          .hasMessageContaining(storage.description())
          .hasMessageContaining("process " + owner.pid());
      assertThatThrownBy(storage::lock).as("twice").isInstanceOf(WalLockedException.class);
    } finally {
      owner.destroyForcibly().waitFor();
    }
    storage.lock(); // a killed owner holds nothing
    assertThat(temporary.resolve("log/lock"))
        .content()
        .startsWith("pid " + ProcessHandle.current().pid() + "\nstarted ");
  }

  @Test
  void lockOfOtherCodeInThisProcessIsRefusedAndNotBroken() throws Exception {
    Path file = temporary.resolve("log/lock");
    try (FileChannel other =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      assertThat(other.lock().isValid()).isTrue();
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(storage::lock)
            .isInstanceOf(WalLockedException.class)
            .hasMessageContaining("this process");
      }
      Process stranger = lockHolder();
      try {
        assertThat(stranger.inputReader(UTF_8).readLine()).as("what it says").isEqualTo("refused");
      } finally {
        stranger.destroyForcibly().waitFor();
      }
    }
    storage.lock();
  }

  private Process lockHolder() throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            LockHolder.class.getName(),
            storage.description())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  @Test
  void fullDiskIsToldApart() throws Exception {
    Path mount = Files.createDirectory(temporary.resolve("small"));
    if (run(
            "mount",
            "-t",
            "tmpfs",
            "-o",
            "size=64k,nr_inodes=16",
            "tidemark-test",
            mount.toString())
        != 0) {
      abort("not proven: that ENOSPC is recognised; mounting a small tmpfs needs root");
    }
    try (Storage first = open(mount)) {
      first.lock();
    }
    try (Storage small = open(mount);
        StorageFile file = small.create("a")) {
      assertThatThrownBy(() -> file.write(0, memory("0123456789abcdef".repeat(1 << 16))))
          .isInstanceOf(StorageFullException.class)
          .hasMessageContaining(mount.resolve("a").toString())
          .hasMessageContaining("write");
      long written = file.size();
      assertThat(written).as("what fitted").isPositive().isLessThanOrEqualTo(64 << 10);
      assertThat(read(file, 0, 1 << 20)).isEqualTo("0123456789abcdef".repeat((int) written / 16));
      assertThat(small.usableBytes()).isZero();
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 1000; i++) {
                  small.create("full" + i).close(); // until there is no inode left
                }
              })
          .isInstanceOf(StorageFullException.class)
          .hasMessageContaining("full");
      small.lock(); // as a log on a disk that has filled up needs it
    } finally {
      assertThat(run("umount", mount.toString())).isZero();
    }
  }

  static int run(String... command) throws Exception {
    Process process;
    try {
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException missing) {
      return 127;
    }
    process.inputReader(UTF_8).lines().forEach(line -> {});
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      return 124;
    }
    return process.exitValue();
  }
}
