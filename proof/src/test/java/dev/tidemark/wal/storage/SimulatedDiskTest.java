package dev.tidemark.wal.storage;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.testkit.contract.StorageContract;
import dev.tidemark.testkit.disk.Crash;
import dev.tidemark.testkit.disk.Faults;
import dev.tidemark.testkit.disk.Faults.AfterFailedSync;
import dev.tidemark.testkit.disk.SimulatedDisk;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SimulatedDiskTest extends StorageContract {
  private final SimulatedDisk memory = new SimulatedDisk();

  @Override
  protected Storage open() {
    return memory;
  }

  @Override
  protected Storage again() {
    return memory;
  }

  private static String text(byte[] bytes) {
    return new String(bytes, US_ASCII);
  }

  private StorageFile durable(String name, String content) throws IOException {
    StorageFile file = memory.create(name);
    file.write(0, memory(content));
    file.sync(false);
    memory.syncDirectory();
    return file;
  }

  @Test
  void powerCutLosesWhatWasNotSynced() throws IOException {
    StorageFile file = durable("a", "synced");
    file.write(0, memory("SYN"));
    memory.create("b");
    memory.rename("a", "c");
    SimulatedDisk after = memory.crash(Crash.losingUnsynced());
    assertThat(after.list()).containsExactly("a");
    assertThat(text(after.bytes("a"))).isEqualTo("synced");
    assertThat(text(memory.bytes("c"))).as("the storage itself").isEqualTo("SYNced");
  }

  @Test
  void processKillLosesNothingAndProvesNothing() throws IOException {
    StorageFile file = durable("a", "synced");
    file.write(0, memory("SYN"));
    memory.rename("a", "b");
    SimulatedDisk after = memory.crash(Crash.keepingAll());
    assertThat(after.list()).containsExactly("b");
    assertThat(text(after.bytes("b"))).isEqualTo("SYNced");
    SimulatedDisk later = after.crash(Crash.losingUnsynced());
    assertThat(later.list()).containsExactly("a");
    assertThat(text(later.bytes("a"))).isEqualTo("synced");
    file.write(0, memory("zzz"));
    assertThat(text(after.bytes("b"))).as("an old file's write").isEqualTo("SYNced");
  }

  @Test
  void cutIsDurableOnceItIsSynced() throws IOException {
    StorageFile file = durable("a", "synced");
    file.truncate(3);
    assertThat(text(memory.bytes("a"))).isEqualTo("syn");
    assertThat(text(memory.crash(Crash.losingUnsynced()).bytes("a"))).isEqualTo("synced");
    Set<String> fates = new HashSet<>();
    for (int seed = 0; seed < 50; seed++) {
      fates.add(text(memory.crash(Crash.random(seed)).bytes("a")));
    }
    assertThat(fates).containsExactlyInAnyOrder("syn", "synced");
    file.sync(true);
    assertThat(text(memory.crash(Crash.losingUnsynced()).bytes("a"))).isEqualTo("syn");
  }

  @Test
  void tornWriteIsFoundInEveryState() throws IOException {
    StorageFile file = durable("a", "-".repeat(1536));
    file.write(384, memory("x".repeat(768))); // touches three sectors
    memory.create("b");
    Set<String> contents = new HashSet<>();
    Set<Integer> names = new HashSet<>();
    for (int seed = 0; seed < 200; seed++) {
      BitSet kept = new BitSet();
      kept.set(0);
      kept.set(1, seed % 2 == 0);
      Crash crash = Crash.keeping(kept, Crash.Tear.SECTORS, Crash.Fill.OLD, seed);
      SimulatedDisk after = memory.crash(crash);
      String content = text(after.bytes("a"));
      contents.add("" + content.charAt(400) + content.charAt(600) + content.charAt(1100));
      assertThat(content.substring(0, 384) + content.substring(1152)).containsPattern("^-{768}$");
      names.add(after.list().size());
      assertThat(text(memory.crash(crash).bytes("a"))).isEqualTo(content);
    }
    assertThat(contents)
        .containsExactlyInAnyOrder("---", "--x", "-x-", "-xx", "x--", "x-x", "xx-", "xxx");
    assertThat(names).containsExactlyInAnyOrder(1, 2);
  }

  @Test
  void failedSyncCanForgetWhatReadsStillShow() throws IOException {
    StorageFile file = durable("a", "old");
    memory.faults().failedSyncsForget();
    memory.faults().fail(Faults.Operation.SYNC, 1, new IOException("disk"));
    file.write(0, memory("new"));
    assertThatThrownBy(() -> file.sync(false)).hasMessage("disk");
    file.sync(false);
    assertThat(text(memory.bytes("a"))).isEqualTo("new");
    assertThat(text(memory.durableBytes("a"))).isEqualTo("old");
  }

  // A file of "-" over two pages, of which a failed sync was to make two pieces durable.
  private StorageFile afterFailedSync(AfterFailedSync what) throws IOException {
    StorageFile file = durable("a", "-".repeat(8192));
    memory.faults().afterFailedSync(what);
    memory.faults().fail(Faults.Operation.SYNC, 1, new IOException("disk"));
    file.write(100, memory("new"));
    file.write(5000, memory("new"));
    assertThatThrownBy(() -> file.sync(false)).hasMessage("disk");
    return file;
  }

  private String durableAt(int... offsets) {
    byte[] bytes = memory.durableBytes("a");
    StringBuilder shown = new StringBuilder();
    for (int offset : offsets) {
      shown.append(text(Arrays.copyOfRange(bytes, offset, offset + 3))).append(' ');
    }
    return shown.toString();
  }

  @Test
  void nextWriteToAPageTakesWhatWasForgottenOfItWithIt() throws IOException {
    StorageFile file = afterFailedSync(AfterFailedSync.FORGOTTEN);
    file.write(2000, memory("abc"));
    file.sync(false);
    assertThat(durableAt(100, 2000, 5000)).isEqualTo("new abc --- ");
    assertThat(read(file, 5000, 3)).isEqualTo("new");
  }

  @Test
  void nextWriteTakesNoMoreThanItsBlocksWithItWhereThoseAreKnownToBeClean() throws IOException {
    StorageFile file = afterFailedSync(AfterFailedSync.FORGOTTEN_BY_BLOCK);
    file.write(2000, memory("abc"));
    file.write(5100, memory("abc"));
    file.sync(false);
    assertThat(durableAt(100, 2000, 5000, 5100)).isEqualTo("--- abc new abc ");
    assertThat(read(file, 100, 3)).isEqualTo("new");
  }

  @Test
  void whatIsEvictedIsShownForSoManyReadsAndThenMixesWithNewWrites() throws IOException {
    memory.faults().evictAfter(2);
    StorageFile file = afterFailedSync(AfterFailedSync.EVICTED);
    StorageFile killed = memory.crash(Crash.keepingAll()).openForRead("a");
    for (StorageFile each : List.of(file, killed)) {
      assertThat(read(each, 100, 3)).isEqualTo("new");
      assertThat(read(each, 5000, 3)).isEqualTo("new");
      assertThat(read(each, 100, 3)).isEqualTo("---");
      assertThat(read(each, 5000, 3)).isEqualTo("---");
    }
    file.write(101, memory("X"));
    file.sync(false);
    assertThat(durableAt(100, 5000)).isEqualTo("-X- --- ");
  }

  @Test
  void whatIsWrittenToAPageBeforeItIsEvictedTakesItWithIt() throws IOException {
    StorageFile file = afterFailedSync(AfterFailedSync.EVICTED);
    file.write(2000, memory("abc"));
    assertThat(read(file, 5000, 3)).isEqualTo("new");
    assertThat(read(file, 5000, 3)).isEqualTo("---");
    file.sync(false);
    assertThat(durableAt(100, 2000, 5000)).isEqualTo("new abc --- ");
  }

  @Test
  void whatIsDroppedIsNotReadAgainAndNewWritesMixWithWhatWasThere() throws IOException {
    StorageFile file = afterFailedSync(AfterFailedSync.DROPPED);
    assertThat(read(file, 100, 3)).isEqualTo("---");
    file.write(101, memory("X"));
    file.sync(false);
    assertThat(durableAt(100, 5000)).isEqualTo("-X- --- ");
  }

  @Test
  void callsFailAsPlanned() throws IOException {
    StorageFile file = durable("a", "old");
    memory.faults().fail(Faults.Operation.WRITE, 2, new IOException("once"));
    memory.faults().failForEver(Faults.Operation.READ, 1, new IOException("always"));
    file.write(0, memory("1"));
    assertThatThrownBy(() -> file.write(0, memory("2"))).hasMessage("once");
    file.write(0, memory("3"));
    assertThatThrownBy(() -> read(file, 0, 1)).hasMessage("always");
    assertThatThrownBy(() -> read(file, 0, 1)).hasMessage("always");
    memory.faults().clear();
    memory.faults().tear(1, 2, new IOException("torn"));
    assertThatThrownBy(() -> file.write(0, memory("XYZ"))).hasMessage("torn");
    assertThat(read(file, 0, 9)).isEqualTo("XYd");
  }

  @Test
  void fullDiskTakesWhatFits() throws IOException {
    memory.capacity(10);
    StorageFile file = durable("a", "12345678");
    assertThatThrownBy(() -> file.write(6, memory("abcdefgh")))
        .isInstanceOf(StorageFullException.class);
    assertThat(text(memory.bytes("a"))).isEqualTo("123456abcd");
    file.write(0, memory("overwrite"));
    assertThat(memory.usableBytes()).isZero();
    memory.delete("a");
    assertThat(memory.usableBytes()).isEqualTo(10);
  }

  @Test
  void heldSyncCoversOnlyWhatWasWrittenBeforeIt() throws Exception {
    StorageFile file = durable("a", "....");
    memory.holdSyncs();
    file.write(0, memory("1"));
    Thread syncing =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    file.sync(false);
                  } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                  }
                });
    memory.awaitHeldSyncs(1);
    file.write(1, memory("2"));
    assertThat(text(memory.durableBytes("a"))).isEqualTo("....");
    memory.releaseSyncs();
    syncing.join();
    assertThat(text(memory.durableBytes("a"))).isEqualTo("1...");
    assertThat(text(memory.bytes("a"))).isEqualTo("12..");
  }

  @Test
  void operationsAreWrittenDownInOrder() throws IOException {
    StorageFile file = memory.create("a");
    file.write(256, memory("abc"));
    file.sync(false);
    file.sync(true);
    memory.faults().fail(Faults.Operation.SYNC_DIRECTORY, 1, new IOException("no"));
    assertThatThrownBy(memory::syncDirectory).hasMessage("no");
    memory.syncDirectory();
    memory.rename("a", "b");
    memory.delete("b");
    assertThat(memory.operations())
        .containsExactly(
            "create a",
            "write a 256+3",
            "sync a",
            "sync a metadata",
            "syncdir failed",
            "syncdir",
            "rename a b",
            "delete b");
  }

  @Test
  void interruptClosesAFileForEverybodyIfAsked() throws IOException {
    memory.interruptsReachFiles();
    assertThat(memory.crash(Crash.losingUnsynced()).uninterruptible()).isFalse();
    StorageFile file = durable("a", "abc");
    StorageFile other = memory.open("a");
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> file.sync(false)).isInstanceOf(ClosedByInterruptException.class);
    assertThat(Thread.interrupted()).isTrue();
    assertThatThrownBy(file::size).isInstanceOf(ClosedChannelException.class);
    assertThat(other.size()).isEqualTo(3);
  }

  @Test
  void damageIsDurable() throws IOException {
    durable("a", "abc");
    memory.flip("a", 1, 0);
    memory.truncate("a", 2);
    memory.replace("b", "new".getBytes(US_ASCII));
    SimulatedDisk after = memory.crash(Crash.losingUnsynced());
    assertThat(text(after.bytes("a"))).isEqualTo("ac");
    assertThat(text(after.bytes("b"))).isEqualTo("new");
  }
}
