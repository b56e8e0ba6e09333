package dev.tidemark.ingest.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.ingest.lineprotocol.Slice;
import dev.tidemark.ingest.record.UnreadableRecordException;
import dev.tidemark.sink.ColumnType;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// First wins, durable before visible, and the same columns as of the same LSN for ever.
final class CatalogTest {
  private static final int MAX = 1000;
  private static final Slice CPU = Slice.of("cpu");

  @TempDir Path folder;

  private Wal log() throws Exception {
    return Wal.open(
        folder,
        WalOptions.builder()
            .segmentBytes(1 << 20)
            .stagingBytes(64 << 10)
            .maxBatchBytes(64 << 20)
            .build());
  }

  private static Additions columns(Object... namesAndTypes) {
    Additions additions = new Additions();
    for (int i = 0; i < namesAndTypes.length; i += 2) {
      additions.add(CPU, Slice.of((String) namesAndTypes[i]), (ColumnType) namesAndTypes[i + 1]);
    }
    return additions;
  }

  private static Measurement cpu(Catalog catalog) {
    Measurement cpu = catalog.find("db", "cpu");
    if (cpu == null) {
      throw new AssertionError("no cpu");
    }
    return cpu;
  }

  private static List<String> asOf(Catalog catalog, long lsn) {
    return cpu(catalog).columnsAsOf(lsn).stream().map(CatalogColumn::name).toList();
  }

  @Test
  void whatWasAddedIsThereAfterAnotherOpen() throws Exception {
    try (Wal log = log()) {
      Catalog catalog = Catalog.open(log, MAX);
      assertThat(catalog.add("db", columns("v", ColumnType.FLOAT64, "host", ColumnType.TAG), MAX))
          .isTrue();
      assertThat(catalog.lastLsn()).isEqualTo(log.durableLsn());
    }
    try (Wal log = log()) {
      Catalog catalog = Catalog.open(log, MAX);
      assertThat(asOf(catalog, catalog.lastLsn())).as("tags first").containsExactly("host", "v");
      assertThat(catalog.measurementCount()).isEqualTo(1);
    }
  }

  @Test
  void columnsAsOfAnLsnStayTheSameWhateverComesLater() throws Exception {
    long first;
    try (Wal log = log()) {
      Catalog catalog = Catalog.open(log, MAX);
      catalog.add("db", columns("v", ColumnType.FLOAT64), MAX);
      first = catalog.lastLsn();
      catalog.add("db", columns("host", ColumnType.TAG, "w", ColumnType.INT64), MAX);
      assertThat(asOf(catalog, first)).containsExactly("v");
      assertThat(asOf(catalog, catalog.lastLsn())).containsExactly("host", "v", "w");
    }
    try (Wal log = log()) {
      assertThat(asOf(Catalog.open(log, MAX), first)).containsExactly("v");
    }
  }

  @Test
  void anotherTypeIsNotAddedAndNothingElseOfTheBodyIs() throws Exception {
    try (Wal log = log()) {
      Catalog catalog = Catalog.open(log, MAX);
      catalog.add("db", columns("v", ColumnType.FLOAT64), MAX);
      long before = log.lastLsn();
      assertThat(catalog.add("db", columns("new", ColumnType.TAG, "v", ColumnType.INT64), MAX))
          .isFalse();
      assertThat(log.lastLsn()).isEqualTo(before);
      assertThat(asOf(catalog, Long.MAX_VALUE)).containsExactly("v");
    }
  }

  @Test
  void whatIsThereAlreadyIsNotLoggedAgain() throws Exception {
    try (Wal log = log()) {
      Catalog catalog = Catalog.open(log, MAX);
      catalog.add("db", columns("v", ColumnType.FLOAT64), MAX);
      long before = log.lastLsn();
      assertThat(catalog.add("db", columns("v", ColumnType.FLOAT64), MAX)).isTrue();
      assertThat(log.lastLsn()).isEqualTo(before);
    }
  }

  @Test
  void ofManyWhoComeAtOnceOneWins() throws Exception {
    try (Wal log = log()) {
      Catalog catalog = Catalog.open(log, MAX);
      ColumnType[] types = ColumnType.values();
      AtomicInteger winners = new AtomicInteger();
      CountDownLatch start = new CountDownLatch(1);
      List<Thread> threads =
          Arrays.stream(types)
              .map(
                  type ->
                      Thread.ofVirtual()
                          .start(
                              () -> {
                                try {
                                  start.await();
                                  winners.addAndGet(
                                      catalog.add("db", columns("v", type), MAX) ? 1 : 0);
                                } catch (Exception e) {
                                  throw new AssertionError(e);
                                }
                              }))
              .toList();
      start.countDown();
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(winners).hasValue(1);
    }
  }

  @Test
  void manyColumnsOfOneBodyAreSeveralRecordsThatComeTogether() throws Exception {
    Additions many = new Additions();
    for (int i = 0; i < 900; i++) {
      many.add(CPU, Slice.of("c".repeat(200) + i), ColumnType.FLOAT64);
    }
    try (Wal log = log()) {
      Catalog catalog = Catalog.open(log, MAX);
      catalog.add("db", many, MAX);
      assertThat(log.lastLsn()).isGreaterThan(5);
    }
    try (Wal log = log()) {
      Catalog catalog = Catalog.open(log, MAX);
      assertThat(cpu(catalog).columnCount()).isEqualTo(900);
    }
  }

  @Test
  void limitsAreKept() throws Exception {
    try (Wal log = log()) {
      Catalog catalog = Catalog.open(log, 1);
      assertThat(catalog.add("db", columns("v", ColumnType.FLOAT64, "w", ColumnType.TAG), 1))
          .isFalse();
      assertThat(catalog.add("db", columns("v", ColumnType.FLOAT64), 1)).isTrue();
      assertThat(catalog.add("other", columns("v", ColumnType.FLOAT64), 1)).isFalse();
      assertThat(catalog.measurementsLeft()).isZero();
    }
  }

  @Test
  void aLogThatNeverHeldARecordGetsANewId() throws Exception {
    String one = "1".repeat(32);
    String two = "2".repeat(32);
    String three = "3".repeat(32);
    try (Wal log = log()) {
      Catalog catalog = Catalog.open(log, MAX);
      assertThat(catalog.logId(0, true, one)).isEqualTo(one);
      assertThat(catalog.logId(0, false, two)).isEqualTo(one);
    }
    try (Wal log = log()) {
      Catalog catalog = Catalog.open(log, MAX);
      assertThat(catalog.logId(0, false, two)).isEqualTo(one);
      assertThat(catalog.logId(0, true, three)).as("thrown away and begun anew").isEqualTo(three);
      assertThat(catalog.logId(1, false, two)).isEqualTo(two);
    }
  }

  @Test
  void aRecordThatMakesNoSenseIsRefusedByItsLsn() throws Exception {
    try (Wal log = log()) {
      log.append(new byte[] {9, 1, 0, 0});
      assertThatThrownBy(() -> Catalog.open(log, MAX))
          .isInstanceOf(UnreadableRecordException.class)
          .hasMessageContaining("catalog LSN 1")
          .hasMessageContaining("kind 9");
    }
  }

  @Test
  void aRecordCutShortIsRefusedAtEveryByte() throws Exception {
    byte[] record;
    try (Wal log = log()) {
      Catalog.open(log, MAX)
          .add("db", columns("v", ColumnType.FLOAT64, "host", ColumnType.TAG), MAX);
      try (Cursor cursor = log.read(1)) {
        assertThat(cursor.next()).isTrue();
        record = cursor.bytes();
      }
    }
    for (int length = 0; length < record.length; length++) {
      byte[] cut = Arrays.copyOf(record, length);
      assertThatThrownBy(() -> CatalogLayout.read(cut))
          .isInstanceOf(UnreadableRecordException.class);
    }
    assertThatThrownBy(() -> CatalogLayout.read(Arrays.copyOf(record, record.length + 1)))
        .hasMessageContaining("too many");
  }
}
