package dev.tidemark.wal.kernel;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// A file system of the kernel in an image file, mounted for a test, whose power can be cut. Only
/// root of a Linux with loop devices has one.
///
/// ```
/// what the test writes ─► ext4 or xfs ─► loop device ─► image
///                                                        └─ lies, if there is a write cache, on another
///                                                           ext4, whose page cache is that cache
/// ```
///
/// A cut of the file system loses what it had not handed to its device. A cut below it loses what
/// the device had taken and not been told to flush, too; before it is mounted again the device
/// answers `EIO`.
///
/// For one thread. What a dead run left mounted is cleared away before the first is made.
final class RealDisk implements AutoCloseable {
  /// Which file system, how it is mounted, and whether its device has a write cache that is lost.
  enum Kind {
    /// As most systems mount it.
    EXT4("ext4", "", 64, false),
    /// Without order between bytes and the metadata that leads to them.
    EXT4_WRITEBACK("ext4", ",data=writeback", 64, false),
    /// With the bytes of files in the journal.
    EXT4_JOURNAL("ext4", ",data=journal", 64, false),
    /// On a device with a write cache.
    EXT4_CACHED("ext4", "", 64, true),
    /// As most systems mount it; there is none below 300 MiB.
    XFS("xfs", "", 320, false),
    /// On a device with a write cache.
    XFS_CACHED("xfs", "", 320, true);

    private final String fileSystem;
    private final String options;
    private final int mebibytes;

    /// Whether a cut can be made below the file system.
    final boolean cached;

    Kind(String fileSystem, String options, int mebibytes, boolean cached) {
      this.fileSystem = fileSystem;
      this.options = options;
      this.mebibytes = mebibytes;
      this.cached = cached;
    }
  }

  private static final String PREFIX = "tidemark-disk-";
  private static final Pattern OWNER = Pattern.compile(PREFIX + "([0-9]{1,10})-[0-9]+");
  private static final AtomicInteger COUNT = new AtomicInteger();
  private static final String BALLAST = "ballast";
  private static final long PAGE_BYTES = 4096;

  private final Kind kind;
  private final Path folder;
  private final Path image;
  private final Path mount;
  private final Path imageBelow;
  private final Path mountBelow;
  private boolean mounted; // owned by the one thread
  private boolean mountedBelow; // owned by the one thread

  private RealDisk(Kind kind, Path folder) {
    this.kind = kind;
    this.folder = folder;
    mount = folder.resolve("mount");
    mountBelow = folder.resolve("below");
    imageBelow = folder.resolve("image-below");
    image = (kind.cached ? mountBelow : folder).resolve("image");
  }

  /// {@return a disk, empty and mounted, or nothing where none can be had, and then a line on
  /// stdout says what is not proven}
  ///
  /// @param mebibytes how large, 0 for what its kind needs
  static Optional<RealDisk> mounted(Kind kind, int mebibytes, String claim) throws IOException {
    clearLeftovers();
    String name = PREFIX + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet();
    Path folder = Path.of(System.getProperty("java.io.tmpdir"), name);
    RealDisk disk = new RealDisk(kind, folder);
    String error;
    try {
      error = disk.format(mebibytes == 0 ? kind.mebibytes : mebibytes);
    } catch (IOException | RuntimeException e) {
      disk.close();
      throw e;
    }
    if (!error.isEmpty()) {
      disk.close();
      System.out.println(
          "SKIPPED, so not proven: " + claim + ". No " + kind + " can be mounted here: " + error);
      return Optional.empty();
    }
    return Optional.of(disk);
  }

  private String format(int mebibytes) throws IOException {
    Files.createDirectories(mount);
    String error = "";
    if (kind.cached) {
      Files.createDirectories(mountBelow);
      sized(imageBelow, mebibytes + 64L);
      error = make("ext4", imageBelow);
      error = error.isEmpty() ? mountBelow() : error;
    }
    if (!error.isEmpty()) {
      return error;
    }
    sized(image, mebibytes);
    if (kind.cached) { // no write to it may depend on metadata of the file system below
      zero(image, mebibytes);
    }
    error = make(kind.fileSystem, image);
    return error.isEmpty() ? mountIt() : error;
  }

  private static void sized(Path file, long mebibytes) throws IOException {
    try (RandomAccessFile made = new RandomAccessFile(file.toFile(), "rw")) {
      made.setLength(mebibytes << 20);
    }
  }

  private static void zero(Path file, int mebibytes) throws IOException {
    byte[] zeros = new byte[1 << 20];
    try (RandomAccessFile made = new RandomAccessFile(file.toFile(), "rw")) {
      for (int i = 0; i < mebibytes; i++) {
        made.write(zeros);
      }
      made.getFD().sync();
    }
  }

  private static String make(String fileSystem, Path image) throws IOException {
    return fileSystem.equals("xfs")
        ? Command.run(List.of("mkfs.xfs", "-q", "-f", "-K", "" + image))
        : Command.run(List.of("mkfs.ext4", "-q", "-F", "-m", "0", "-E", "nodiscard", "" + image));
  }

  private String mountIt() throws IOException {
    String options = "loop" + kind.options;
    String error =
        Command.run(List.of("mount", "-t", kind.fileSystem, "-o", options, "" + image, "" + mount));
    mounted = error.isEmpty();
    return error;
  }

  private String mountBelow() throws IOException {
    String error =
        Command.run(List.of("mount", "-t", "ext4", "-o", "loop", "" + imageBelow, "" + mountBelow));
    mountedBelow = error.isEmpty();
    return error;
  }

  /// {@return the directory in which its files are}
  Path root() {
    return mount;
  }

  /// Cuts the power of the file system.
  ///
  /// @param journalFirst whether its journal still gets to the disk
  void cut(boolean journalFirst) throws IOException {
    KernelCalls.goDown(mount, journalFirst);
  }

  /// Cuts the power of the disk below the file system: its cache is lost.
  void cutBelow() throws IOException {
    KernelCalls.goDown(mountBelow, false);
  }

  /// Brings some of what is only in the page cache to the disk, page by page as chance has it, as
  /// the kernel may at any time.
  void writeSomeBack(Random random) throws IOException {
    if (kind.cached) { // of the disk's cache
      writeBack(image, random, 256);
      return;
    }
    List<Path> segments;
    try (Stream<Path> files = Files.walk(mount)) {
      segments = files.filter(some -> some.toString().endsWith(".wal")).toList();
    }
    for (Path segment : segments) {
      try {
        writeBack(segment, random, 4);
      } catch (IOException _) {
        // It got another name meanwhile.
      }
    }
  }

  private static void writeBack(Path file, Random random, int pages) throws IOException {
    long bytes = Files.size(file);
    for (long at = 0; at < bytes; at += PAGE_BYTES * (1 + random.nextInt(pages))) {
      KernelCalls.writeBack(file, at, PAGE_BYTES);
    }
  }

  /// Unmounts it and mounts it again, as a machine does that starts after its power was cut. Nobody
  /// may have a file of it open.
  void mountAgain() throws IOException {
    unmount();
    String error = kind.cached ? mountBelow() : "";
    error = error.isEmpty() ? mountIt() : error;
    if (!error.isEmpty()) {
      throw new IOException("cannot be mounted again: " + error);
    }
  }

  /// Takes every byte that is left.
  void fill() throws IOException {
    for (int bytes = 1 << 20; bytes >= 1; bytes /= 16) {
      byte[] zeros = new byte[bytes];
      try (RandomAccessFile ballast = new RandomAccessFile(mount.resolve(BALLAST).toFile(), "rw")) {
        ballast.seek(ballast.length());
        while (true) {
          ballast.write(zeros);
        }
      } catch (IOException full) {
        if (!String.valueOf(full.getMessage()).contains("No space")) {
          throw full;
        }
      }
    }
  }

  /// Gives back what [#fill] took.
  void free() throws IOException {
    Files.delete(mount.resolve(BALLAST));
  }

  private void unmount() throws IOException {
    if (mounted) {
      unmount(mount);
      mounted = false;
    }
    if (mountedBelow) {
      unmount(mountBelow);
      mountedBelow = false;
    }
  }

  // A killed process may take a moment to let go of its files.
  private static void unmount(Path mount) throws IOException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (true) {
      String error = Command.run(List.of("umount", "" + mount));
      if (error.isEmpty()) {
        return;
      }
      if (System.nanoTime() > deadline) {
        String _ = Command.run(List.of("umount", "-l", "" + mount));
        throw new IOException(mount + " cannot be unmounted: " + error);
      }
      LockSupport.parkNanos(5_000_000);
    }
  }

  @Override
  public void close() throws IOException {
    unmount();
    remove(folder);
  }

  // ---- what dead runs left

  private static synchronized void clearLeftovers() throws IOException {
    Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(temporary, PREFIX + "*")) {
      for (Path folder : folders) {
        Matcher name = OWNER.matcher(String.valueOf(folder.getFileName()));
        if (name.matches() && ProcessHandle.of(Long.parseLong(name.group(1))).isEmpty()) {
          String mounts = Files.readString(Path.of("/proc/self/mounts"), StandardCharsets.UTF_8);
          for (String inner : List.of("mount", "below")) {
            if (mounts.contains(" " + folder.resolve(inner) + " ")) {
              unmount(folder.resolve(inner));
            }
          }
          remove(folder);
        }
      }
    }
  }

  /// Removes all that is in a folder.
  static void removeAllIn(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        if (!path.equals(folder)) {
          Files.deleteIfExists(path);
        }
      }
    }
  }

  /// Removes a folder and all that is in it.
  static void remove(Path folder) throws IOException {
    removeAllIn(folder);
    Files.delete(folder);
  }
}
