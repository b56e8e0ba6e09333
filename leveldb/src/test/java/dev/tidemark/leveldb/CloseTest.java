package dev.tidemark.leveldb;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.testkit.disk.Faults;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.wal.storage.ForwardingStorage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/// A store is closed once, whoever asks for it and from where; whoever was told so may open it.
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD) // what hangs here hears no interrupt
final class CloseTest {
  private static final LevelDbOptions SMALL =
      LevelDbOptions.builder().writeBufferBytes(1 << 10).warnings(warning -> {}).build();

  private final SimulatedDisk disk = new SimulatedDisk();
  private final List<Throwable> errors = Collections.synchronizedList(new ArrayList<>());

  private static byte[] bytes(String text) {
    return text.getBytes(US_ASCII);
  }

  private interface Action {
    void run() throws Exception;
  }

  private Thread start(Action action) {
    return Thread.ofPlatform()
        .start(
            () -> {
              try {
                action.run();
              } catch (Exception | AssertionError e) {
                errors.add(e);
              }
            });
  }

  /// {@return what it does in the end, which is to wait, or nothing more}
  private static Thread.State settled(Thread thread) {
    Thread.State state = thread.getState();
    while (state != Thread.State.WAITING && state != Thread.State.TERMINATED) {
      Thread.onSpinWait();
      state = thread.getState();
    }
    return state;
  }

  @Test
  void whoClosesAStoreThatIsBeingClosedWaitsUntilTheLockIsFree() throws Exception {
    CountDownLatch mayUnlock = new CountDownLatch(1);
    AtomicInteger unlocked = new AtomicInteger();
    ForwardingStorage slow =
        new ForwardingStorage(disk) {
          @Override
          public void close() throws IOException {
            try {
              mayUnlock.await();
            } catch (InterruptedException e) {
              throw new IOException(e);
            }
            super.close();
            unlocked.incrementAndGet();
          }
        };
    LevelDb db = LevelDb.open(slow, SMALL);
    Thread first = start(db::close);
    assertThat(settled(first)).isEqualTo(Thread.State.WAITING);
    List<Thread> others = new ArrayList<>();
    AtomicInteger early = new AtomicInteger();
    for (int i = 0; i < 2; i++) {
      others.add(
          start(
              () -> {
                Thread.currentThread().interrupt(); // kept, and does not end the wait
                db.close();
                early.addAndGet(unlocked.get() == 0 || !Thread.interrupted() ? 1 : 0);
              }));
    }
    for (Thread other : others) {
      assertThat(settled(other)).isEqualTo(Thread.State.WAITING);
    }
    mayUnlock.countDown();
    first.join();
    for (Thread other : others) {
      other.join();
    }
    assertThat(early).hasValue(0);
    assertThat(errors).isEmpty();
    db.close(); // once more, when all is over
    assertThat(unlocked).hasValue(1);
    assertThat(disk.openFiles()).isZero();
  }

  @Test
  void failureOfTheFirstIsToldToItAndHoldsUpNobody() throws Exception {
    LevelDb db = LevelDb.open(disk, SMALL);
    db.put(bytes("a"), bytes("1"), WriteOptions.BUFFERED);
    disk.faults().fail(Faults.Operation.SYNC, 1, new IOException("simulated"));
    assertThatThrownBy(db::close).isInstanceOf(IOException.class).hasMessage("simulated");
    Thread second = start(db::close);
    Thread third = start(db::close);
    second.join();
    third.join();
    assertThat(errors).isEmpty();
    assertThat(disk.openFiles()).isZero();
    LevelDb.open(disk, SMALL).close();
  }

  @Test
  void listenerThatIsToldOfAFailedWriteMayCloseTheStore() throws Exception {
    CompletableFuture<LevelDb> store = new CompletableFuture<>();
    AtomicInteger closed = new AtomicInteger();
    LevelDb db = LevelDb.open(disk, closingWhenTold(store, closed));
    store.complete(db);
    disk.faults().fail(Faults.Operation.SYNC, 1, new IOException("simulated"));
    assertThatThrownBy(() -> db.put(bytes("a"), bytes("1")))
        .isInstanceOf(LevelDbFailedException.class)
        .hasMessageContaining("simulated");
    assertThat(closed).hasValue(1);
    assertThat(disk.openFiles()).isZero();
    assertThatThrownBy(() -> db.get(bytes("a"))).isInstanceOf(IllegalStateException.class);
    LevelDb.open(disk, SMALL).close();
  }

  @Test
  void listenerThatIsToldOfAFailureInTheBackgroundMayCloseTheStore() throws Exception {
    CompletableFuture<LevelDb> store = new CompletableFuture<>();
    AtomicInteger closed = new AtomicInteger();
    LevelDb db = LevelDb.open(disk, closingWhenTold(store, closed));
    store.complete(db);
    db.put(bytes("a"), bytes("1"));
    disk.faults().fail(Faults.Operation.SYNC, 1, new IOException("simulated")); // the table's
    assertThatThrownBy(db::flush)
        .isInstanceOfAny(LevelDbFailedException.class, IllegalStateException.class);
    db.close();
    assertThat(closed).hasValue(1);
    awaitNoOpenFile();
    LevelDb.open(disk, SMALL).close();
  }

  private static LevelDbOptions closingWhenTold(
      CompletableFuture<LevelDb> store, AtomicInteger closed) {
    return LevelDbOptions.builder()
        .writeBufferBytes(1 << 10)
        .warnings(
            warning -> {
              try {
                store.join().close();
                closed.incrementAndGet();
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            })
        .build();
  }

  /// The listener is called by the thread that writers wait for.
  @Test
  void listenerInTheBackgroundMayCloseTheStoreWhileAWriterWaitsForRoom() throws Exception {
    CompletableFuture<LevelDb> store = new CompletableFuture<>();
    CompletableFuture<Thread> writer = new CompletableFuture<>();
    CountDownLatch told = new CountDownLatch(1);
    LevelDbOptions options =
        LevelDbOptions.builder()
            .writeBufferBytes(1 << 10)
            .warnings(
                warning -> {
                  try {
                    assertThat(settled(writer.join())).isEqualTo(Thread.State.WAITING);
                    store.join().close();
                  } catch (IOException | AssertionError e) {
                    errors.add(e);
                  }
                  told.countDown();
                })
            .build();
    LevelDb db = LevelDb.open(disk, options);
    store.complete(db);
    disk.faults().fail(Faults.Operation.DELETE, 1, new IOException("simulated")); // of the old log
    AtomicInteger acknowledged = new AtomicInteger();
    CountDownLatch known = new CountDownLatch(1);
    Thread writing =
        start(
            () -> {
              known.await();
              for (int i = 0; ; i++) {
                try {
                  db.put(bytes("key " + i), new byte[500], WriteOptions.BUFFERED);
                } catch (IllegalStateException closed) {
                  return;
                }
                acknowledged.set(i + 1);
              }
            });
    writer.complete(writing);
    known.countDown();
    told.await();
    writing.join();
    db.close();
    assertThat(errors).isEmpty();
    assertThat(disk.openFiles()).isZero();
    try (LevelDb again = LevelDb.open(disk, SMALL)) {
      assertThat(Contents.of(again.cursor())).hasSize(acknowledged.get());
    }
  }

  /// Another may have it open by then.
  @Test
  void nothingIsRemovedOnceAListenerHasClosedTheStore() throws Exception {
    CompletableFuture<LevelDb> store = new CompletableFuture<>();
    CompletableFuture<Thread> background = new CompletableFuture<>();
    LevelDbOptions options =
        LevelDbOptions.builder()
            .warnings(
                warning -> {
                  try {
                    store.join().close();
                    disk.clearOperations();
                    background.complete(Thread.currentThread());
                  } catch (IOException e) {
                    errors.add(e);
                  }
                })
            .build();
    LevelDb db = LevelDb.open(disk, options);
    for (int table = 0; table < 3; table++) {
      db.put(bytes("a"), bytes("" + table));
      db.flush();
    }
    while (disk.fileNames().stream().filter(name -> name.endsWith(".log")).count() > 1) {
      Thread.onSpinWait();
    }
    disk.faults().fail(Faults.Operation.DELETE, 1, new IOException("simulated"));
    store.complete(db);
    try {
      db.compact();
    } catch (IllegalStateException closed) {
      assertThat(closed).hasMessage("memory is closed");
    }
    background.join().join();
    assertThat(errors).isEmpty();
    assertThat(disk.operations()).isEmpty();
    try (LevelDb again = LevelDb.open(disk, SMALL)) {
      assertThat(again.get(bytes("a"))).isEqualTo(bytes("2"));
    }
  }

  @Test
  void listenerMayCloseAStoreThatAnotherIsClosing() throws Exception {
    CompletableFuture<LevelDb> store = new CompletableFuture<>();
    CountDownLatch inTheListener = new CountDownLatch(1);
    CompletableFuture<Thread> closer = new CompletableFuture<>();
    LevelDbOptions options =
        LevelDbOptions.builder()
            .writeBufferBytes(1 << 10)
            .warnings(
                warning -> {
                  try {
                    inTheListener.countDown();
                    assertThat(settled(closer.join())).isEqualTo(Thread.State.WAITING); // for us
                    store.join().close();
                  } catch (IOException | AssertionError e) {
                    errors.add(e);
                  }
                })
            .build();
    LevelDb db = LevelDb.open(disk, options);
    store.complete(db);
    disk.faults().fail(Faults.Operation.DELETE, 1, new IOException("simulated"));
    db.put(bytes("a"), bytes("1"));
    db.flush();
    inTheListener.await();
    closer.complete(start(db::close));
    closer.join().join();
    assertThat(errors).isEmpty();
    assertThat(disk.openFiles()).isZero();
  }

  /// No file is closed while somebody reads it: its number may be another's by then.
  @Test
  void cursorThatIsOpenWhenTheStoreIsClosedFailsAndLeavesNoFileOpen() throws Exception {
    LevelDbOptions blocks =
        LevelDbOptions.builder().compression(false).blockBytes(64).blockCacheBytes(0).build();
    LevelDb db = LevelDb.open(disk, blocks);
    for (int table = 0; table < 2; table++) {
      for (int i = 0; i < 50; i++) {
        db.put(bytes(String.format("%d %03d", table, i)), new byte[50], WriteOptions.BUFFERED);
      }
      db.flush();
    }
    KeyCursor cursor = db.cursor();
    assertThat(cursor.next()).isTrue();
    db.close();
    assertThat(cursor.next()).as("in a table that it has open").isTrue();
    assertThatThrownBy(() -> cursor.seek(bytes("1")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("memory is closed");
    assertThatThrownBy(cursor::next)
        .as("which is not the end of what there is")
        .isInstanceOf(IllegalStateException.class);
    cursor.close();
    assertThat(disk.openFiles()).isZero();
    LevelDb.open(disk, SMALL).close();
  }

  @Test
  void interruptOfTheBackgroundLeavesNobodyWaiting() throws Exception {
    try (LevelDb db = LevelDb.open(disk, SMALL)) {
      for (Thread thread : Thread.getAllStackTraces().keySet()) {
        if (thread.getName().equals("tidemark-leveldb")) {
          settled(thread);
          thread.interrupt();
        }
      }
      for (int i = 0; i < 10; i++) {
        db.put(bytes("key " + i), new byte[500], WriteOptions.BUFFERED);
      }
      db.flush();
      assertThat(Contents.of(db.cursor())).hasSize(10);
    }
  }

  private void awaitNoOpenFile() {
    while (disk.openFiles() > 0) {
      Thread.onSpinWait();
    }
  }
}
