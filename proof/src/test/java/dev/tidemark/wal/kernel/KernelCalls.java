package dev.tidemark.wal.kernel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/// What Linux offers to those who test file systems, and Java does not. Safe for use by any number
/// of threads.
final class KernelCalls {
  // XFS_IOC_GOINGDOWN and EXT4_IOC_SHUTDOWN are one number: _IOR('X', 125, __u32).
  private static final long GOING_DOWN = 0x8004587dL;
  private static final int O_RDONLY = 0;
  private static final int O_RDWR = 2;
  // SYNC_FILE_RANGE_WAIT_BEFORE, _WRITE and _WAIT_AFTER.
  private static final int WRITE_AND_WAIT = 7;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
  private static final long ERRNO_AT =
      Linker.Option.captureStateLayout().byteOffset(PathElement.groupElement("errno"));
  private static final MethodHandle OPEN =
      call(
          "open",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT),
          Linker.Option.firstVariadicArg(2));
  private static final MethodHandle IOCTL =
      call(
          "ioctl",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS),
          Linker.Option.firstVariadicArg(2));
  private static final MethodHandle SYNC_FILE_RANGE =
      call(
          "sync_file_range",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));
  private static final MethodHandle CLOSE =
      call("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

  private KernelCalls() {}

  private interface OnDescriptor {
    int call(Arena arena, MemorySegment state, int fd) throws Throwable;
  }

  @SuppressWarnings("restricted")
  private static MethodHandle call(String name, FunctionDescriptor of, Linker.Option... variadic) {
    Linker.Option[] options = new Linker.Option[variadic.length + 1];
    options[0] = ERRNO;
    System.arraycopy(variadic, 0, options, 1, variadic.length);
    return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), of, options);
  }

  /// Shuts a file system down at once: from now on it answers `EIO` to everything, and what it had
  /// not brought to its device never gets there.
  ///
  /// @param directory any of that file system
  /// @param journalFirst whether the journal is written out before, as far as it is in memory
  static void goDown(Path directory, boolean journalFirst) throws IOException {
    withFile(
        directory,
        O_RDONLY,
        "go down",
        (arena, state, fd) -> {
          MemorySegment flags = arena.allocateFrom(JAVA_INT, journalFirst ? 1 : 2);
          return (int) IOCTL.invokeExact(state, fd, GOING_DOWN, flags);
        });
  }

  /// Has dirty pages of a file written to its device, as the kernel may do at any time; nothing is
  /// promised by it, and no metadata is written.
  static void writeBack(Path file, long offset, long bytes) throws IOException {
    withFile(
        file,
        O_RDWR,
        "write back",
        (_, state, fd) ->
            (int) SYNC_FILE_RANGE.invokeExact(state, fd, offset, bytes, WRITE_AND_WAIT));
  }

  private static void withFile(Path path, int flags, String what, OnDescriptor call)
      throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
      MemorySegment name = arena.allocateFrom(path.toString());
      int fd = (int) OPEN.invokeExact(state, name, flags);
      check(fd, state, "open", path);
      try {
        check(call.call(arena, state, fd), state, what, path);
      } finally {
        int _ = (int) CLOSE.invokeExact(state, fd);
      }
    } catch (IOException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  private static void check(int result, MemorySegment state, String what, Path path)
      throws IOException {
    if (result < 0) {
      throw new IOException(what + " " + path + ": errno " + state.get(JAVA_INT, ERRNO_AT));
    }
  }
}
