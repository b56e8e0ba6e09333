package dev.tidemark.wal.storage;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.tidemark.wal.WalLockedException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The exclusive lock of a directory: a system lock on one of its files against other processes,
/// and a registry against this one, because system locks are blind to their own process and closing
/// any descriptor of a locked file releases it.
///
/// The file stays when the lock is released: removing it would let two processes lock two files of
/// one name.
final class DirectoryLock implements Closeable {
  private static final ConcurrentMap<Path, DirectoryLock> HELD = new ConcurrentHashMap<>();

  /// Channels of lock files that other code of this process has locked. Closing one would release
  /// that code's lock, so they stay open for the next attempt: at most one for a file.
  private static final ConcurrentMap<Path, FileChannel> LEFT_OPEN = new ConcurrentHashMap<>();

  private static final Pattern PID = Pattern.compile("pid ([0-9]{1,19})\n");
  private static final int OWNER_BYTES = 128;

  private final Path file;

  /// Written once, by the thread that takes the lock, before it hands this out.
  private @Nullable FileChannel channel;

  private DirectoryLock(Path file) {
    this.file = file;
  }

  /// Takes the lock of a directory.
  ///
  /// @param directory the directory, which exists
  /// @param name of the file to lock, which is made if there is none. Only into one named `lock` is
  ///   written who the owner is: another one is a foreign program's, which would not do the same
  /// @return the lock, to be closed
  /// @throws WalLockedException if somebody has it
  /// @throws IOException if the storage fails
  static DirectoryLock take(Path directory, String name) throws IOException {
    Path real = directory.toRealPath().resolve(name);
    DirectoryLock lock = new DirectoryLock(real);
    if (HELD.putIfAbsent(real, lock) != null) {
      throw lockedHere(directory);
    }
    // A pending interrupt would close the channel under our hands; it is not about this.
    boolean interrupted = Thread.interrupted();
    try {
      lock.channel = lock.lockFile(directory);
      return lock;
    } finally {
      if (lock.channel == null) {
        HELD.remove(real, lock);
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private FileChannel lockFile(Path shown) throws IOException {
    FileChannel left = LEFT_OPEN.remove(file);
    FileChannel opened = left == null ? open(file) : left;
    boolean keep = false;
    try {
      FileLock taken = opened.tryLock();
      if (taken == null) {
        throw lockedElsewhere(shown, opened);
      }
      keep = true;
      if (file.endsWith(StorageArguments.LOCK)) {
        writeOwner(opened);
      }
      return opened;
    } catch (OverlappingFileLockException e) {
      // Another copy of this class, or another path to the same directory.
      LEFT_OPEN.put(file, opened); // only the holder of our place in HELD comes here
      keep = true;
      throw lockedHere(shown);
    } finally {
      if (!keep) {
        opened.close();
      }
    }
  }

  private static FileChannel open(Path file) throws IOException {
    return FileChannel.open(
        file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  /// For people and for error messages only; the lock holds without it, and a full disk must not
  /// keep a log from being opened.
  private static void writeOwner(FileChannel channel) {
    ProcessHandle self = ProcessHandle.current();
    String started = self.info().startInstant().map(Object::toString).orElse("unknown");
    byte[] owner = ("pid " + self.pid() + "\nstarted " + started + "\n").getBytes(US_ASCII);
    try {
      channel.write(ByteBuffer.wrap(owner), 0);
      channel.truncate(owner.length);
    } catch (IOException unwritten) {
      // See above.
    }
  }

  private static WalLockedException lockedElsewhere(Path directory, FileChannel channel) {
    String owner = "another process, which has not left its id";
    ByteBuffer text = ByteBuffer.allocate(OWNER_BYTES);
    try {
      channel.read(text, 0);
      Matcher matcher = PID.matcher(new String(text.array(), 0, text.position(), US_ASCII));
      if (matcher.lookingAt()) {
        owner = "process " + matcher.group(1);
      }
    } catch (IOException unreadable) {
      // The message says less then.
    }
    return new WalLockedException(directory + " is locked by " + owner);
  }

  private static WalLockedException lockedHere(Path directory) {
    return new WalLockedException(
        directory + " is locked by this process (" + ProcessHandle.current().pid() + ")");
  }

  /// Releases the lock. Idempotent.
  @Override
  public void close() throws IOException {
    FileChannel held = channel;
    if (held != null && held.isOpen()) {
      try {
        held.close();
      } finally {
        HELD.remove(file, this);
      }
    }
  }
}
