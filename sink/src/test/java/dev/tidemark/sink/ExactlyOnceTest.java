package dev.tidemark.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A file that is there is either the one to be written, and stays, or an alarm, and stays.
class ExactlyOnceTest {
  @TempDir Path root;
  private LocalSink sink;
  private Rows rows;
  private Path file;

  @BeforeEach
  void open() throws IOException {
    sink = LocalSink.open(root);
    rows = Rows.three(100);
    file = root.resolve(rows.identity().relativePath());
  }

  @AfterEach
  void close() throws IOException {
    sink.close();
  }

  private Stored write() throws IOException {
    return sink.write(rows.identity(), rows.schema(), rows);
  }

  /// Writes some file and puts it where ours belongs.
  private void occupy(FileIdentity id, Rows others) throws IOException {
    Path elsewhere = root.resolve("elsewhere");
    try (LocalSink other = LocalSink.open(elsewhere)) {
      Stored stored = other.write(id, others.schema(), others);
      Files.createDirectories(file.getParent());
      Files.move(elsewhere.resolve(stored.relativePath()), file);
    }
  }

  private void expectConflict(String... inMessage) throws IOException {
    byte[] before = Files.readAllBytes(file);
    assertThatThrownBy(this::write)
        .isInstanceOf(SinkConflictException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("100 rows of nab/cpu")
        .hasMessageContaining("Move it away")
        .hasMessageContainingAll(inMessage);
    assertThat(Files.readAllBytes(file)).isEqualTo(before);
    assertThat(file.resolveSibling(file.getFileName() + ".tmp")).doesNotExist();
  }

  @Test
  void theSameFileIsKeptUntouched() throws IOException {
    Stored first = write();
    byte[] bytes = Files.readAllBytes(file);
    FileTime written = FileTime.fromMillis(1_000_000);
    Files.setLastModifiedTime(file, written);

    Stored second = write();

    assertThat(second).isEqualTo(new Stored(first.relativePath(), 100, first.bytes(), true));
    assertThat(Files.readAllBytes(file)).isEqualTo(bytes);
    assertThat(Files.getLastModifiedTime(file)).isEqualTo(written);
  }

  @Test
  void aFileOfFewerRowsIsAConflict() throws IOException {
    occupy(rows.identity(), Rows.three(99));
    expectConflict("holds 99 rows of nab/cpu");
  }

  @Test
  void aFileOfMoreRowsIsAConflict() throws IOException {
    occupy(rows.identity(), Rows.three(101));
    expectConflict("holds 101 rows of nab/cpu");
  }

  @Test
  void aFileOfAnotherIdentityIsAConflictInEveryPart() throws IOException {
    String otherLog = "f".repeat(32);
    FileIdentity[] others = {
      new FileIdentity(otherLog, 0, "nab", "cpu", 1, 100, 0),
      new FileIdentity(Rows.LOG_ID, 1, "nab", "cpu", 1, 100, 0),
      new FileIdentity(Rows.LOG_ID, 0, "nba", "cpu", 1, 100, 0),
      new FileIdentity(Rows.LOG_ID, 0, "nab", "mem", 1, 100, 0),
      new FileIdentity(Rows.LOG_ID, 0, "nab", "cpu", 2, 100, 0),
      new FileIdentity(Rows.LOG_ID, 0, "nab", "cpu", 1, 101, 0),
    };
    for (FileIdentity other : others) {
      occupy(other, rows);
      expectConflict("log " + other.logId() + ", shard " + other.shard());
      Files.delete(file);
    }
    Rows later = Rows.of(Rows.tag("host"));
    for (int row = 0; row < 100; row++) {
      later.add(FileIdentity.HOUR_NANOS, "h");
    }
    occupy(new FileIdentity(Rows.LOG_ID, 0, "nab", "cpu", 1, 100, 1), later);
    expectConflict("hour 1)");
  }

  @Test
  void anEmptyFileIsAConflict() throws IOException {
    Files.createDirectories(file.getParent());
    Files.createFile(file);
    expectConflict("0 bytes");
  }

  @Test
  void aCutFileIsAConflictAtEveryLength() throws IOException {
    write();
    byte[] whole = Files.readAllBytes(file);
    for (int length = whole.length - 1; length >= 0; length -= 1 + length / 50) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertThatThrownBy(this::write)
          .as("cut to %d bytes", length)
          .isInstanceOf(SinkConflictException.class);
    }
  }

  @Test
  void aFooterLengthThatCannotBeIsAConflict() throws IOException {
    write();
    byte[] whole = Files.readAllBytes(file);
    for (int length : new int[] {0, -1, Integer.MIN_VALUE, Integer.MAX_VALUE, whole.length}) {
      byte[] bytes = whole.clone();
      for (int i = 0; i < 4; i++) {
        bytes[bytes.length - 8 + i] = (byte) (length >> (8 * i));
      }
      Files.write(file, bytes);
      expectConflict("impossible length (" + length + ")");
    }
  }

  @Test
  void aDamagedFooterNeverEndsInAnythingButAnAnswer() throws IOException {
    write();
    byte[] whole = Files.readAllBytes(file);
    int footer = footerLength(whole);
    long seed = 42;
    Random random = new Random(seed);
    int refused = 0;
    for (int offset = whole.length - 8 - footer; offset < whole.length; offset++) {
      byte[] bytes = whole.clone();
      bytes[offset] ^= (byte) (1 << random.nextInt(8));
      Files.write(file, bytes);
      try {
        assertThat(write().kept()).isTrue(); // a part of the footer that states nothing of ours
      } catch (SinkConflictException e) {
        refused++;
      }
    }
    assertThat(refused).as("seed %d", seed).isGreaterThan(200);
  }

  private static int footerLength(byte[] file) {
    int length = 0;
    for (int i = 0; i < 4; i++) {
      length |= (file[file.length - 8 + i] & 0xff) << (8 * i);
    }
    return length;
  }

  @Test
  void aDirectoryOrALinkOfThatNameIsAConflict() throws IOException {
    Files.createDirectories(file);
    assertThatThrownBy(this::write)
        .isInstanceOf(SinkConflictException.class)
        .hasMessageContaining("not a regular file");
    Files.delete(file);

    Path target = Files.writeString(root.resolve("target"), "precious");
    Files.createSymbolicLink(file, target);
    assertThatThrownBy(this::write)
        .isInstanceOf(SinkConflictException.class)
        .hasMessageContaining("not a regular file");
    assertThat(target).hasContent("precious");
  }

  @Test
  void somethingElseInTheWayOfADirectoryIsNamed() throws IOException {
    Path inTheWay = Files.writeString(root.resolve("nab"), "");
    assertThatThrownBy(this::write)
        .isInstanceOf(IOException.class)
        .hasMessageContaining(inTheWay.toString());
    assertThat(inTheWay).exists();
  }

  @Test
  void aLinkWhereTheTemporaryFileBelongsIsNotFollowed() throws IOException {
    Path target = Files.writeString(root.resolve("target"), "precious");
    Files.createDirectories(file.getParent());
    Files.createSymbolicLink(file.resolveSibling(file.getFileName() + ".tmp"), target);

    assertThatThrownBy(this::write).isInstanceOf(IOException.class);
    assertThat(target).hasContent("precious");
  }

  @Test
  void temporaryFilesAreRemovedAtOpenAndNothingElse(@TempDir Path outside) throws IOException {
    write();
    Path hour = root.resolve("nab/cpu/1970/01/01/00");
    Files.writeString(hour.resolve("x.parquet.tmp"), "half");
    Files.writeString(root.resolve("y.tmp"), "half");
    Files.writeString(hour.resolve("notes.txt"), "mine");
    Files.createDirectory(hour.resolve("directory.tmp"));
    Path deep = Files.createDirectories(hour.resolve("too/deep")).resolve("z.tmp");
    Files.writeString(deep, "not of a sink");
    Files.writeString(outside.resolve("w.tmp"), "not ours");
    Files.createSymbolicLink(root.resolve("link"), outside);

    try (LocalSink again = LocalSink.open(root)) {
      assertThat(again.removedAtOpen()).isEqualTo(2);
    }

    try (Stream<Path> left = Files.list(hour)) {
      assertThat(left.map(p -> p.getFileName().toString()))
          .containsExactlyInAnyOrder(
              file.getFileName().toString(), "notes.txt", "directory.tmp", "too");
    }
    assertThat(root.resolve("y.tmp")).doesNotExist();
    assertThat(deep).exists();
    assertThat(outside.resolve("w.tmp")).exists();
    Files.delete(root.resolve("link"));
  }

  @Test
  void rowsThatDoNotBelongAreRefusedBeforeAnythingIsWritten() {
    FileIdentity id = rows.identity();
    Rows none = Rows.of(Rows.tag("host"));
    assertThatIllegalArgumentException().isThrownBy(() -> sink.write(id, none.schema(), none));
    Rows late = Rows.of(Rows.tag("host")).add(0, "a").add(FileIdentity.HOUR_NANOS, "b");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> sink.write(id, late.schema(), late))
        .withMessageContaining("row 1")
        .withMessageContaining("3600000000000");
    assertThat(root).isEmptyDirectory();
  }

  @Test
  void aSourceThatThrowsLeavesNothing() throws IOException {
    Rows broken = Rows.of(Rows.field("v", ColumnType.INT64)).add(0, 1L).add(0, "not a number");
    assertThatThrownBy(() -> sink.write(broken.identity(), broken.schema(), broken))
        .isInstanceOf(ClassCastException.class);
    try (Stream<Path> paths = Files.walk(root)) {
      assertThat(paths.filter(Files::isRegularFile)).isEmpty();
    }
  }

  @Test
  void aClosedSinkRefuses() throws IOException {
    sink.close();
    sink.close();
    assertThatIllegalStateException().isThrownBy(this::write).withMessageContaining("closed");
  }

  @Test
  void twoWritesOfOneFileDoNotOverlap() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    WatchedDisk disk = new WatchedDisk(root);
    disk.beforeWrite(
        () -> {
          inside.countDown();
          try {
            goOn.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
    try (LocalSink slow = LocalSink.open(root, disk);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Stored> first = threads.submit(() -> slow.write(rows.identity(), rows.schema(), rows));
      inside.await();
      assertThatIllegalStateException()
          .isThrownBy(() -> slow.write(rows.identity(), rows.schema(), rows))
          .withMessageContaining("another thread");
      goOn.countDown();
      assertThat(first.get().kept()).isFalse();
      assertThat(slow.write(rows.identity(), rows.schema(), rows).kept()).isTrue();
    }
  }

  @Test
  void manyThreadsWriteManyFiles() throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?>[] all = new Future<?>[64];
      for (int i = 0; i < all.length; i++) {
        int from = i + 1;
        Rows some = Rows.three(50);
        all[i] =
            threads.submit(
                () ->
                    sink.write(
                        new FileIdentity(Rows.LOG_ID, 0, "nab", "m" + from % 4, from, 99, 0),
                        some.schema(),
                        some));
      }
      for (Future<?> one : all) {
        one.get();
      }
    }
    assertThat(Duck.one(root.resolve("nab/*/**/*.parquet"), "select count(*) from FILE"))
        .isEqualTo("3200");
  }
}
