package dev.tidemark.wal.storage;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.NoSuchElementException;

/// The system calls of 64-bit Linux that a log needs, without Java's channels in between: those are
/// closed for everybody when one thread is interrupted.
///
/// Every call answers as the kernel does: its result, or the negative of `errno`. A call that a
/// signal cut short before it did anything is made again. Nothing is allocated, except by [#open]
/// and [#describe]. Safe for use by any number of threads.
final class Posix {
  static final int ENOENT = 2;
  static final int EEXIST = 17;
  static final int ENOSPC = 28;
  static final int EDQUOT = 122;
  private static final int EINTR = 4;

  static final int O_RDONLY = 0;
  static final int O_RDWR = 2;
  static final int O_CREAT = 0100;
  static final int O_EXCL = 0200;
  static final int O_CLOEXEC = 02000000;
  private static final int MODE = 0644;
  private static final int SEEK_END = 2;

  private static final CallFrames FRAMES = new CallFrames();

  private Posix() {}

  /// {@return whether the calls can be made here: on 64-bit Linux, if native access is granted}
  ///
  /// Asks first, so that a program that did not grant it sees no warning.
  static boolean usable() {
    if (!System.getProperty("os.name", "").equals("Linux")
        || ADDRESS.byteSize() != Long.BYTES
        || !Posix.class.getModule().isNativeAccessEnabled()) {
      return false;
    }
    try {
      return Calls.ERRNO_OFFSET >= 0;
    } catch (LinkageError unavailable) {
      return false; // a C library without one of the functions
    }
  }

  /// {@return a file descriptor, or the negative of errno}
  ///
  /// @param path the path as the file system spells it, ending in NUL
  /// @param flags of open(2); `O_CLOEXEC` is added
  static int open(MemorySegment path, int flags) {
    MemorySegment frame = FRAMES.take();
    try {
      while (true) {
        int fd = (int) Calls.OPEN.invokeExact(frame, path, flags | O_CLOEXEC, MODE);
        int errno = errno(frame);
        if (fd >= 0 || errno != EINTR) {
          return fd >= 0 ? fd : -errno;
        }
      }
    } catch (Throwable t) {
      throw unexpected(t);
    } finally {
      FRAMES.giveBack(frame);
    }
  }

  /// {@return how many bytes were written, perhaps fewer than asked, or the negative of errno}
  ///
  /// The memory cannot be freed under the call: passing it as memory, not as an address, keeps its
  /// arena from being closed. A write from the beginning of the memory needs no slice, so that
  /// nothing is allocated even where the compiler gives up on a chain of calls this long.
  ///
  /// @param from the first byte of `source`
  /// @param length how many
  static long pwrite(int fd, MemorySegment source, long from, long length, long offset) {
    MemorySegment frame = FRAMES.take();
    try {
      while (true) {
        MemorySegment part = from == 0 ? source : source.asSlice(from, length);
        long bytes = (long) Calls.PWRITE.invokeExact(frame, fd, part, length, offset);
        int errno = errno(frame);
        if (bytes >= 0 || errno != EINTR) {
          return bytes >= 0 ? bytes : -errno;
        }
      }
    } catch (Throwable t) {
      throw unexpected(t);
    } finally {
      FRAMES.giveBack(frame);
    }
  }

  /// {@return how many bytes were read, 0 at the end of the file, or the negative of errno}
  static long pread(int fd, MemorySegment target, long offset) {
    MemorySegment frame = FRAMES.take();
    try {
      while (true) {
        long bytes = (long) Calls.PREAD.invokeExact(frame, fd, target, target.byteSize(), offset);
        int errno = errno(frame);
        if (bytes >= 0 || errno != EINTR) {
          return bytes >= 0 ? bytes : -errno;
        }
      }
    } catch (Throwable t) {
      throw unexpected(t);
    } finally {
      FRAMES.giveBack(frame);
    }
  }

  /// {@return 0 or the negative of errno}
  static int fsync(int fd) {
    return ofDescriptor(Calls.FSYNC, fd, true);
  }

  /// {@return 0 or the negative of errno}
  static int fdatasync(int fd) {
    return ofDescriptor(Calls.FDATASYNC, fd, true);
  }

  /// {@return 0 or the negative of errno}
  static int ftruncate(int fd, long bytes) {
    MemorySegment frame = FRAMES.take();
    try {
      while (true) {
        int result = (int) Calls.FTRUNCATE.invokeExact(frame, fd, bytes);
        int errno = errno(frame);
        if (result == 0 || errno != EINTR) {
          return result == 0 ? 0 : -errno;
        }
      }
    } catch (Throwable t) {
      throw unexpected(t);
    } finally {
      FRAMES.giveBack(frame);
    }
  }

  /// {@return 0 or the negative of errno}
  static int close(int fd) {
    // Linux frees the descriptor before anything can interrupt: a second call could hit another
    // file that got the same number.
    return ofDescriptor(Calls.CLOSE, fd, false);
  }

  /// {@return the size of the file in bytes, or the negative of errno}
  ///
  /// Moves the descriptor's position, which nobody uses.
  static long size(int fd) {
    MemorySegment frame = FRAMES.take();
    try {
      long bytes = (long) Calls.LSEEK.invokeExact(frame, fd, 0L, SEEK_END);
      return bytes >= 0 ? bytes : -errno(frame);
    } catch (Throwable t) {
      throw unexpected(t);
    } finally {
      FRAMES.giveBack(frame);
    }
  }

  /// Asks the kernel to drop the clean pages it caches of a file. Pages that are mapped or dirty
  /// stay, and a file system that lives in memory has nothing else.
  ///
  /// @return whether it was asked
  static boolean forgetCached(int fd) {
    try {
      // It answers the error itself, not by errno.
      return (int) Advice.FADVISE.invokeExact(fd, 0L, 0L, Advice.DONT_NEED) == 0;
    } catch (LinkageError unavailable) {
      return false; // a C library without it
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /// {@return the system's words for an error, with its number}
  static String describe(int errno) {
    try {
      MemorySegment text = (MemorySegment) Calls.STRERROR.invokeExact(errno);
      return Calls.text(text) + " (errno " + errno + ")";
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /// {@return the bytes of a path as the file system spells it, ending in NUL}
  ///
  /// Taken from the URI, which keeps them whatever the locale; the characters of the path may not.
  ///
  /// @param rawUriPath the raw path of the URI of an absolute path
  /// @param arena where to put them
  static MemorySegment pathBytes(String rawUriPath, Arena arena) {
    MemorySegment bytes = arena.allocate(rawUriPath.length() + 1L); // zeroed
    long length = 0;
    for (int i = 0; i < rawUriPath.length(); i++) {
      int c = rawUriPath.charAt(i);
      if (c == '%') {
        c = Integer.parseInt(rawUriPath, i + 1, i + 3, 16);
        i += 2;
      }
      bytes.set(JAVA_BYTE, length++, (byte) c);
    }
    return bytes;
  }

  private static int ofDescriptor(MethodHandle call, int fd, boolean again) {
    MemorySegment frame = FRAMES.take();
    try {
      while (true) {
        int result = (int) call.invokeExact(frame, fd);
        int errno = errno(frame);
        if (result == 0 || errno != EINTR || !again) {
          return result == 0 ? 0 : -errno;
        }
      }
    } catch (Throwable t) {
      throw unexpected(t);
    } finally {
      FRAMES.giveBack(frame);
    }
  }

  private static int errno(MemorySegment frame) {
    return frame.get(JAVA_INT, Calls.ERRNO_OFFSET);
  }

  private static RuntimeException unexpected(Throwable thrown) {
    if (thrown instanceof RuntimeException e) {
      return e;
    }
    if (thrown instanceof Error e) {
      throw e;
    }
    return new IllegalStateException(thrown);
  }

  /// Apart from [Calls]: a C library without it can do everything else.
  private static final class Advice {
    /// `POSIX_FADV_DONTNEED`, as Linux numbers it on x86 and ARM.
    static final int DONT_NEED = 4;

    static final MethodHandle FADVISE =
        Calls.find(
            "posix_fadvise",
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));

    private Advice() {}
  }

  /// The handles: static and final, so that the compiler turns them into plain calls. A class of
  /// its own, so that a missing function is found by [Posix#usable()] and not by the class loader.
  private static final class Calls {
    static final long ERRNO_OFFSET =
        Linker.Option.captureStateLayout().byteOffset(PathElement.groupElement("errno"));
    static final MethodHandle OPEN =
        find(
            "open",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT),
            Linker.Option.captureCallState("errno"),
            Linker.Option.firstVariadicArg(2));
    static final MethodHandle PWRITE = transfer("pwrite");
    static final MethodHandle PREAD = transfer("pread");
    static final MethodHandle FSYNC = descriptor("fsync");
    static final MethodHandle FDATASYNC = descriptor("fdatasync");
    static final MethodHandle CLOSE = descriptor("close");
    static final MethodHandle LSEEK =
        find(
            "lseek",
            FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT),
            Linker.Option.captureCallState("errno"));
    static final MethodHandle FTRUNCATE =
        find(
            "ftruncate",
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG),
            Linker.Option.captureCallState("errno"));
    static final MethodHandle STRERROR = find("strerror", FunctionDescriptor.of(ADDRESS, JAVA_INT));

    private Calls() {}

    private static MethodHandle transfer(String name) {
      return find(
          name,
          FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG),
          Linker.Option.captureCallState("errno"));
    }

    private static MethodHandle descriptor(String name) {
      return find(
          name, FunctionDescriptor.of(JAVA_INT, JAVA_INT), Linker.Option.captureCallState("errno"));
    }

    @SuppressWarnings("restricted")
    private static MethodHandle find(
        String name, FunctionDescriptor type, Linker.Option... options) {
      Linker linker = Linker.nativeLinker();
      MemorySegment address =
          linker
              .defaultLookup()
              .find(name)
              .orElseThrow(() -> new NoSuchElementException("no function " + name));
      return linker.downcallHandle(address, type, options);
    }

    @SuppressWarnings("restricted")
    private static String text(MemorySegment pointer) {
      return pointer.equals(MemorySegment.NULL)
          ? "unknown error"
          : pointer.reinterpret(1024).getString(0);
    }
  }
}
