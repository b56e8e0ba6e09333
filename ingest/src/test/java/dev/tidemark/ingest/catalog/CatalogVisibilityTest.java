package dev.tidemark.ingest.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.ingest.lineprotocol.Slice;
import dev.tidemark.sink.ColumnType;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a flush relies on when it writes down as of which LSN its files have their columns.
final class CatalogVisibilityTest {
  private static final int MEASUREMENTS = 20_000;

  @TempDir private Path folder;

  @Test
  void whoSeesAColumnThenSeesAnLsnThatHasIt() throws Exception {
    WalOptions options = WalOptions.builder().segmentBytes(1 << 20).stagingBytes(64 << 10).build();
    try (Wal log = Wal.open(folder, options);
        ExecutorService other = Executors.newSingleThreadExecutor()) {
      Catalog catalog = Catalog.open(log, 2 * MEASUREMENTS);
      Additions many = new Additions();
      for (int i = 0; i < MEASUREMENTS; i++) {
        many.add(Slice.of("m" + i), Slice.of("v"), ColumnType.FLOAT64);
      }

      Future<Boolean> added = other.submit(() -> catalog.add("db", many, 10));
      Measurement first;
      long lsn;
      do {
        first = catalog.find("db", "m0");
        lsn = catalog.lastLsn();
      } while (first == null);

      List<CatalogColumn> columns = first.columnsAsOf(lsn);
      assertThat(added.get()).isTrue();
      assertThat(columns).hasSize(1);
    }
  }
}
