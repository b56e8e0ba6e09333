package dev.tidemark.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The power goes the moment a write has returned: the file system is shut down without flushing
/// its journal, and mounted again.
class PowerCutTest {
  private static final int GOING_DOWN = 0x8004587d;
  private static final int NO_LOG_FLUSH = 2;

  @TempDir Path temp;

  @Test
  void aFileThatWasStoredIsThereAfterAPowerCut() throws Throwable {
    Path image = temp.resolve("image");
    Path mount = Files.createDirectory(temp.resolve("mount"));
    Rows rows = Rows.three(1000);
    if (run("truncate", "-s", "16M", image.toString()) != 0
        || run("mkfs.ext4", "-q", "-F", image.toString()) != 0
        || !mounted(image, mount)) {
      abort("SKIPPED: mounting needs root; not proven: that a stored file survives a power cut");
    }
    Path root = mount.resolve("data/parquet");
    Path unsynced = mount.resolve("data/unsynced");
    Stored stored;
    try {
      try (LocalSink sink = LocalSink.open(root)) {
        stored = sink.write(rows.identity(), rows.schema(), rows);
        Files.writeString(unsynced, "nobody promised this");
        cutPower(mount);
      }
    } finally {
      assertThat(run("umount", mount.toString())).isZero();
    }
    assertThat(mounted(image, mount)).isTrue();
    try (LocalSink sink = LocalSink.open(root)) {
      assertThat(unsynced).as("the power was really cut").doesNotExist();
      assertThat(Files.size(root.resolve(stored.relativePath()))).isEqualTo(stored.bytes());
      assertThat(Duck.one(root.resolve(stored.relativePath()), "select count(*) from FILE"))
          .isEqualTo("1000");
      assertThat(sink.write(rows.identity(), rows.schema(), rows).kept()).isTrue();
    } finally {
      assertThat(run("umount", mount.toString())).isZero();
    }
  }

  private static boolean mounted(Path image, Path mount) throws Exception {
    return run("mount", "-o", "loop", image.toString(), mount.toString()) == 0;
  }

  @SuppressWarnings("restricted") // a test that may cut the power may call the kernel
  private static void cutPower(Path mount) throws Throwable {
    Linker linker = Linker.nativeLinker();
    MethodHandle open =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("open"),
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
            Linker.Option.firstVariadicArg(2));
    MethodHandle ioctl =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("ioctl"),
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_LONG,
                ValueLayout.ADDRESS),
            Linker.Option.firstVariadicArg(2));
    MethodHandle close =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("close"),
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment how = arena.allocateFrom(ValueLayout.JAVA_INT, NO_LOG_FLUSH);
      int directory = (int) open.invokeExact(arena.allocateFrom(mount.toString()), 0);
      int answer = (int) ioctl.invokeExact(directory, Integer.toUnsignedLong(GOING_DOWN), how);
      int closed = (int) close.invokeExact(directory);
      assertThat(answer).isZero();
      assertThat(closed).isZero();
    }
  }

  private static int run(String... command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (!process.waitFor(20, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IOException(String.join(" ", command) + " does not end");
    }
    return process.exitValue();
  }
}
