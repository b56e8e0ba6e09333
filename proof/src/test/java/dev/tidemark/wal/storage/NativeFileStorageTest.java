package dev.tidemark.wal.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class NativeFileStorageTest extends FileContract {

  @BeforeAll
  static void needsLinux() {
    assumeTrue(Posix.usable(), "not proven: system calls; this is not Linux with native access");
  }

  @Override
  Storage open(Path directory) throws IOException {
    return FileStorage.open(directory);
  }

  @Test
  void systemIsAskedToForgetWhatIsCached() throws IOException {
    try (StorageFile file = storage.create("a")) {
      file.write(0, memory("tide"));
      file.sync(true);
      assertThat(file.forgetCached()).isTrue();
      assertThat(read(file, 0, 4)).isEqualTo("tide");
    }
  }

  @Test
  void interruptedThreadCanWriteAndSyncAndNothingIsClosed() throws IOException {
    assertThat(storage.uninterruptible()).isTrue();
    try (StorageFile file = storage.create("a")) {
      Thread.currentThread().interrupt();
      file.write(0, memory("kept"));
      file.sync(false);
      file.sync(true);
      assertThat(read(file, 0, 4)).isEqualTo("kept");
      storage.syncDirectory();
      storage.create("b").close();
      storage.lock();
      assertThat(Thread.interrupted()).as("the flag stays").isTrue();
      file.write(4, memory("!"));
      assertThat(read(file, 0, 5)).isEqualTo("kept!");
    }
  }

  @Test
  void interruptedVirtualThreadCanWriteToo() throws Exception {
    try (StorageFile file = storage.create("a")) {
      Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
      Thread virtual =
          Thread.ofVirtual()
              .start(
                  () -> {
                    Thread.currentThread().interrupt();
                    try {
                      file.write(0, memory("kept"));
                      file.sync(false);
                    } catch (Throwable t) {
                      failures.add(t);
                    }
                  });
      virtual.join();
      assertThat(failures).isEmpty();
      assertThat(read(file, 0, 4)).isEqualTo("kept");
    }
  }

  @Test
  void systemCallsAreUsedOnlyWhereGrantedAndNobodyIsWarned() throws Exception {
    assertThat(told()).isEqualTo("uninterruptible false\n");
    assertThat(told("--illegal-native-access=deny")).isEqualTo("uninterruptible false\n");
    assertThat(told("--enable-native-access=ALL-UNNAMED")).isEqualTo("uninterruptible true\n");
  }

  /// {@return all that such a process prints, warnings of the JVM included}
  private String told(String... flags) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(flags));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(AccessTeller.class.getName(), storage.description()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String text = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(text).isZero();
    return text;
  }

  @Test
  void failureNamesFileCallAndError() throws IOException {
    Files.createDirectory(temporary.resolve("log/sub"));
    assertThatThrownBy(() -> storage.open("sub"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(temporary.resolve("log/sub").toString())
        .hasMessageContaining("open")
        .hasMessageContaining("Is a directory")
        .hasMessageContaining("errno 21");
  }

  @Test
  void failedWriteNamesItsPlace() throws IOException {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full), "not proven: ENOSPC without a mount; there is no /dev/full");
    try (NativeFile file = NativeFile.open(full, Posix.O_RDWR)) {
      assertThatThrownBy(() -> file.write(4096, memory("abc")))
          .isInstanceOf(StorageFullException.class)
          .hasMessage("/dev/full: pwrite of 3 bytes at 4096: No space left on device (errno 28)");
    }
  }

  @Test
  void concurrentCallsKeepTheirErrorsApart() throws Exception {
    try (NativeFile full = NativeFile.open(Path.of("/dev/full"), Posix.O_RDWR)) {
      Queue<Throwable> surprises = new ConcurrentLinkedQueue<>();
      MemorySegment bytes = memory("abc");
      List<Thread> threads = new ArrayList<>();
      for (int t = 0; t < 100; t++) {
        boolean missing = t % 2 == 0;
        threads.add(
            Thread.ofPlatform()
                .start(
                    () -> {
                      for (int i = 0; i < 200; i++) {
                        try {
                          if (missing) {
                            storage.open("gone");
                          } else {
                            full.write(0, bytes);
                          }
                          surprises.add(new AssertionError("no failure"));
                        } catch (java.nio.file.NoSuchFileException | StorageFullException e) {
                          if (missing == e instanceof StorageFullException) {
                            surprises.add(e);
                          }
                        } catch (Throwable e) {
                          surprises.add(e);
                        }
                      }
                    }));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(surprises).isEmpty();
    }
  }

  @Test
  void writingSyncingAndReadingAllocateNothing() throws IOException {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    MemorySegment bytes = memory("x".repeat(128));
    try (Arena own = Arena.ofConfined();
        StorageFile file = storage.create("a")) {
      MemorySegment target = own.allocate(128);
      int calls = 30_000;
      long allocated = 0;
      for (int round = 0; round < 5; round++) { // the first rounds warm up the compiler
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < calls; i++) {
          file.write(i * 128L, bytes);
          file.write(i * 128L, bytes, 0, 64);
          file.read(i * 128L, target);
        }
        allocated = threads.getCurrentThreadAllocatedBytes() - before;
      }
      assertThat(allocated / calls).as("bytes per write and read").isZero();
    }
  }

  @Test
  void lateCallOfAClosedFileNeverReachesTheNextFileOfItsDescriptor() throws IOException {
    for (int i = 0; i < 20; i++) {
      StorageFile old = storage.create("old" + i);
      old.close();
      try (StorageFile next = storage.create("next" + i)) {
        assertThatThrownBy(() -> old.write(0, memory("stray"))).isInstanceOf(IOException.class);
        old.close();
        next.write(0, memory("own"));
        assertThat(next.size()).isEqualTo(3);
      }
    }
  }

  @Test
  void everyFrameComesBack() throws Exception {
    CallFrames frames = new CallFrames();
    List<MemorySegment> taken = new ArrayList<>();
    for (int i = 0; i < 70; i++) {
      MemorySegment frame = frames.take();
      frame.set(ValueLayout.JAVA_INT, 0, i);
      taken.add(frame);
    }
    assertThat(frames.freeCount()).isZero();
    for (int i = 0; i < 70; i++) {
      assertThat(taken.get(i).get(ValueLayout.JAVA_INT, 0)).isEqualTo(i);
      frames.giveBack(taken.get(i));
    }
    assertThat(frames.freeCount()).isEqualTo(64);
  }
}
