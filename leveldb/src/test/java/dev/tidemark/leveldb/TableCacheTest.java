package dev.tidemark.leveldb;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.testkit.disk.SimulatedDisk;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Tables are open as long as somebody reads them, and few others.
final class TableCacheTest {
  private final SimulatedDisk disk = new SimulatedDisk();

  private static byte[] bytes(String text) {
    return text.getBytes(US_ASCII);
  }

  private static byte[] seek(String user) {
    return InternalKeys.of(bytes(user), 9, InternalKeys.PUT);
  }

  /// A table with one key, its number.
  private TableFile table(int number) throws IOException {
    MemTable keys = new MemTable();
    keys.add(InternalKeys.of(bytes("" + number), 1, InternalKeys.PUT), bytes("value"));
    return NewTable.of(disk, LevelDbOptions.defaults(), number, keys);
  }

  private List<TableFile> tables(int count) throws IOException {
    List<TableFile> tables = new ArrayList<>();
    for (int number = 1; number <= count; number++) {
      tables.add(table(number));
    }
    return tables;
  }

  @Test
  void onlyTablesThatNobodyUsesAreClosedWhenThereAreTooMany() throws IOException {
    List<TableFile> tables = tables(5);
    TableCache cache = new TableCache(disk, 0, 2, null);
    TableCache.Opened used = cache.acquire(tables.getFirst());
    for (TableFile table : tables) {
      assertThat(cache.get(table, seek("" + table.number()))).isNotNull();
    }
    assertThat(disk.openFiles()).as("the one in use, and the last").isEqualTo(2);
    try (TableCursor cursor = used.table().cursor(false, null)) {
      cursor.first();
      assertThat(cursor.valid()).isTrue();
    }
    cache.release(used);
    cache.close();
    assertThat(disk.openFiles()).isZero();
  }

  @Test
  void tableInUseIsClosedByItsLastUser() throws IOException {
    TableFile table = table(1);
    for (boolean all : new boolean[] {false, true}) {
      TableCache cache = new TableCache(disk, 0, 2, null);
      TableCache.Opened one = cache.acquire(table);
      TableCache.Opened two = cache.acquire(table);
      if (all) {
        cache.close();
      } else {
        cache.forget(table.number());
      }
      cache.release(one);
      try (TableCursor cursor = two.table().cursor(false, null)) {
        cursor.first();
        assertThat(cursor.valid()).isTrue();
      }
      cache.release(two);
      assertThat(disk.openFiles()).isZero();
    }
  }

  /// Where the storage can be interrupted, an interrupt closes the file for everybody.
  @Test
  void interruptInAReadIsTheAffairOfWhoWasInterrupted() throws IOException {
    TableFile table = table(1);
    disk.interruptsReachFiles();
    TableCache cache = new TableCache(disk, 0, 2, null);
    TableCache.Opened used = cache.acquire(table);
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> cache.get(table, seek("1")))
        .isInstanceOf(ClosedByInterruptException.class);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(cache.get(table, seek("1"))).isNotNull();
    cache.release(used);
    cache.close();
    assertThat(disk.openFiles()).isZero();
  }

  @Test
  void closedCacheGivesNothing() throws IOException {
    TableFile table = table(1);
    TableCache cache = new TableCache(disk, 0, 2, null);
    cache.close();
    assertThatThrownBy(() -> cache.acquire(table)).isInstanceOf(IllegalStateException.class);
    assertThat(disk.openFiles()).isZero();
  }
}
