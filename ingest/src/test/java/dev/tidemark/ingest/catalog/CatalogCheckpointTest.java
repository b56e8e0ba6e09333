package dev.tidemark.ingest.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.ingest.PassingWal;
import dev.tidemark.ingest.lineprotocol.Slice;
import dev.tidemark.ingest.record.UnreadableRecordException;
import dev.tidemark.sink.ColumnType;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.host.FakeHost;
import dev.tidemark.wal.Checkpoint;
import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.SnapshotWriter;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalFullException;
import dev.tidemark.wal.WalOptions;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// When a checkpoint is taken, what it holds, and what is not believed of it.
@Timeout(60)
final class CatalogCheckpointTest {
  private static final int SEGMENT = 4096;
  private static final WalOptions OPTIONS =
      WalOptions.builder().segmentBytes(SEGMENT).stagingBytes(1024).build();
  private static final long BEHIND_BYTES = 4 * SEGMENT;

  private final SimulatedDisk storage = new SimulatedDisk();

  private static Catalog open(Wal log, Executor worker) throws IOException {
    return Catalog.open(log, 100_000, BEHIND_BYTES, worker);
  }

  private Wal log() throws IOException {
    return Wal.open(storage, new FakeHost(1), OPTIONS);
  }

  private static void add(Catalog catalog, int from, int to) throws IOException {
    for (int i = from; i < to; i++) {
      Additions additions = new Additions();
      additions.add(Slice.of("m" + i), Slice.of("a-column-with-a-name"), ColumnType.FLOAT64);
      assertThat(catalog.add("db", additions, 10)).isTrue();
    }
  }

  private static byte[] snapshot(Catalog catalog, long lsn) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CatalogSnapshot.write(catalog.measurements(), lsn, bytes, () -> false);
    return bytes.toByteArray();
  }

  private static void read(byte[] snapshot, long lsn) throws IOException {
    CatalogSnapshot.read(new ByteArrayInputStream(snapshot), lsn, new Measurements());
  }

  @Test
  void theFolderStaysAsLargeAsWhatThereIs() throws IOException {
    long most = 0;
    try (Wal log = log();
        Catalog catalog = open(log, Runnable::run)) {
      for (int i = 0; i < 3000; i += 10) {
        add(catalog, i, i + 10);
        long known = snapshot(catalog, catalog.lastLsn()).length;
        long allowed = 3 * known + BEHIND_BYTES + 12 * SEGMENT;
        assertThat(storage.usedBytes()).as("after " + i).isLessThan(allowed);
        most = Math.max(most, storage.usedBytes());
      }
    }
    System.out.println("catalog: " + most + " bytes at most");
  }

  @Test
  void startsThatAddLittleDoNotMakeTheFolderGrow() throws IOException {
    for (int start = 0; start < 60; start++) {
      try (Wal log = log();
          Catalog catalog = open(log, Runnable::run)) {
        add(catalog, start, start + 1);
      }
      assertThat(storage.usedBytes()).isLessThan(BEHIND_BYTES + 12 * SEGMENT);
    }
    try (Wal log = log()) {
      assertThat(log.segments().size()).isLessThan(8);
    }
  }

  @Test
  void aStartReadsWhatIsBehindTheCheckpointOnly() throws IOException {
    String before;
    try (Wal log = log();
        Catalog catalog = open(log, Runnable::run)) {
      add(catalog, 0, 1000);
      before = CatalogCrashTest.described(catalog);
    }
    try (Wal log = log();
        Catalog catalog = open(log, Runnable::run)) {
      assertThat(log.firstLsn()).isGreaterThan(500);
      assertThat(CatalogCrashTest.described(catalog)).isEqualTo(before);
    }
  }

  @Test
  void whatComesWhileItIsTakenIsBehindIt() throws IOException {
    Queue<Runnable> jobs = new ArrayDeque<>();
    String before;
    try (Wal log = log();
        Catalog catalog = open(log, jobs::add)) {
      add(catalog, 0, 400);
      assertThat(jobs).as("one at a time").hasSize(1);
      assertThat(log.checkpoint()).isEmpty();
      long lsn = catalog.lastLsn();
      byte[] then = snapshot(catalog, lsn);
      catalog.logId(0, true, "1".repeat(32));
      Additions more = new Additions();
      more.add(Slice.of("m1"), Slice.of("later"), ColumnType.TAG);
      assertThat(catalog.add("db", more, 10)).isTrue();
      assertThat(snapshot(catalog, lsn)).as("as of the same LSN").hasSameSizeAs(then);
      jobs.remove().run();
      assertThat(log.checkpoint().orElseThrow().lsn()).isEqualTo(catalog.lastLsn());
      add(catalog, 400, 420);
      before = CatalogCrashTest.described(catalog);
    }
    try (Wal log = log();
        Catalog catalog = open(log, jobs::add)) {
      assertThat(CatalogCrashTest.described(catalog)).isEqualTo(before);
    }
  }

  @Test
  void oneThatCannotBeTakenIsTriedAgainWithTheNextSegment() throws IOException {
    List<Long> triedAt = new ArrayList<>();
    try (Wal log = log()) {
      Wal refusing =
          new PassingWal(log) {
            @Override
            public Checkpoint checkpoint(long lsn, SnapshotWriter snapshot) throws IOException {
              triedAt.add(log.segments().getLast().number());
              if (triedAt.size() <= 2) {
                throw new WalFullException("no space for the checkpoint");
              }
              return super.checkpoint(lsn, snapshot);
            }
          };
      Catalog catalog = open(refusing, Runnable::run);
      int next = 0;
      while (log.checkpoint().isEmpty()) {
        add(catalog, next, ++next);
        assertThat(next).isLessThan(1000);
      }
      long first = triedAt.getFirst();
      assertThat(triedAt).containsExactly(first, first + 1, first + 2);
    }
  }

  @Test
  void noneIsTakenOnceItIsClosed() throws IOException {
    Queue<Runnable> jobs = new ArrayDeque<>();
    try (Wal log = log()) {
      Catalog catalog = open(log, jobs::add);
      add(catalog, 0, 400);
      assertThat(jobs).hasSize(1);
      Thread closer = Thread.ofPlatform().start(() -> closed(catalog));
      while (closer.getState() != Thread.State.TIMED_WAITING) {
        Thread.onSpinWait();
      }
      jobs.remove().run();
      assertThat(log.checkpoint()).isEmpty();
      catalog.close();
      add(catalog, 400, 500);
      assertThat(jobs).isEmpty();
    }
  }

  private static void closed(Catalog catalog) {
    try {
      catalog.close();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aDamagedOneThatWasReliedOnIsRefused() throws IOException {
    try (Wal log = log();
        Catalog catalog = open(log, Runnable::run)) {
      add(catalog, 0, 1000);
    }
    String name =
        storage.list().stream().filter(n -> n.startsWith("checkpoint-")).findFirst().orElseThrow();
    storage.flip(name, storage.bytes(name).length / 2, 3);
    assertThatThrownBy(
            () -> {
              try (Wal log = log()) {
                open(log, Runnable::run);
              }
            })
        .isInstanceOf(CorruptWalException.class)
        .hasMessageContaining(name);
  }

  // The checksums vouch for the bytes; should they not, nothing is believed that is out of bounds.
  @Test
  void noLengthOrNumberOfASnapshotIsTrusted() throws IOException {
    byte[] good;
    long lsn;
    try (Wal log = log();
        Catalog catalog = open(log, Runnable::run)) {
      catalog.logId(0, true, "1".repeat(32));
      add(catalog, 0, 5);
      lsn = catalog.lastLsn();
      good = snapshot(catalog, lsn);
    }
    read(good, lsn);
    for (int length = 0; length < good.length; length++) {
      byte[] cut = Arrays.copyOf(good, length);
      assertThatThrownBy(() -> read(cut, lsn))
          .as("cut to " + length)
          .isInstanceOf(UnreadableRecordException.class);
    }
    assertRefused(Arrays.copyOf(good, good.length + 1), lsn, "more bytes behind");
    assertRefused(with(good, 0, (byte) 9), lsn, "kind 9");
    assertRefused(with(good, 1, (byte) 2), lsn, "version 2");
    assertRefused(withInt(good, 16, -1), lsn, "record of 4294967295 bytes");
    assertRefused(
        withInt(good, 16, CatalogLayout.MAX_RECORD_BYTES + 1),
        lsn,
        "record of " + (CatalogLayout.MAX_RECORD_BYTES + 1));
    assertRefused(withInt(good, 16, CatalogLayout.MAX_RECORD_BYTES), lsn, "cut short");
    assertRefused(withLong(good, 20, lsn + 1), lsn, "LSN " + (lsn + 1));
    assertRefused(withLong(good, 20, 0), lsn, "LSN 0");
    assertRefused(withLong(good, good.length - 8, 7), lsn, "says 7 records, and has 6");
    assertRefused(good, lsn + 1, "says LSN " + lsn);
  }

  private static void assertRefused(byte[] snapshot, long lsn, String reason) {
    assertThatThrownBy(() -> read(snapshot, lsn))
        .isInstanceOf(UnreadableRecordException.class)
        .hasMessageContaining(reason);
  }

  private static byte[] with(byte[] bytes, int at, byte value) {
    byte[] changed = bytes.clone();
    changed[at] = value;
    return changed;
  }

  private static byte[] withInt(byte[] bytes, int at, int value) {
    byte[] changed = bytes.clone();
    ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN).putInt(at, value);
    return changed;
  }

  private static byte[] withLong(byte[] bytes, int at, long value) {
    byte[] changed = bytes.clone();
    ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN).putLong(at, value);
    return changed;
  }
}
