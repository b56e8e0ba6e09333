package dev.tidemark.leveldb;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/// The tables of a store at a time. What is newer is in lower levels: of one key, a table of level
/// 0 with a higher number is newer, and in every other level no two tables share a key.
///
/// Immutable but for its pins: as long as it is pinned, none of its tables is removed. Safe for use
/// by any number of threads.
final class Version {
  private final List<List<TableFile>> levels;

  /// One for being the current one, one for each that reads. At 0 it never rises again.
  private final AtomicInteger pins = new AtomicInteger(1);

  private Version(List<List<TableFile>> levels) {
    this.levels = levels;
  }

  /// Puts tables in order.
  ///
  /// @param unordered the tables of each level
  /// @return the version, pinned once
  /// @throws CorruptLevelDbException if two tables of one level, other than 0, share keys
  static Version of(List<? extends Iterable<TableFile>> unordered) throws CorruptLevelDbException {
    List<List<TableFile>> levels = new ArrayList<>();
    for (Iterable<TableFile> tables : unordered) {
      List<TableFile> sorted = new ArrayList<>();
      tables.forEach(sorted::add);
      if (levels.isEmpty()) {
        sorted.sort(Comparator.comparingLong(TableFile::number).reversed());
      } else {
        sorted.sort((a, b) -> InternalKeys.compare(a.smallest(), b.smallest()));
        checkApart(levels.size(), sorted);
      }
      levels.add(List.copyOf(sorted));
    }
    return new Version(List.copyOf(levels));
  }

  private static void checkApart(int level, List<TableFile> sorted) throws CorruptLevelDbException {
    for (int i = 0; i < sorted.size(); i++) {
      TableFile table = sorted.get(i);
      boolean behind =
          i == 0 || InternalKeys.compare(sorted.get(i - 1).largest(), table.smallest()) < 0;
      if (!behind || InternalKeys.compare(table.smallest(), table.largest()) > 0) {
        throw new CorruptLevelDbException(
            "the manifest has tables of level "
                + level
                + " in no order, at table "
                + table.number()
                + ": a search would miss keys. Restore the directory from a copy");
      }
    }
  }

  /// {@return the tables of a level: of level 0 the newest first, of others by their keys}
  List<TableFile> level(int level) {
    return levels.get(level);
  }

  int levels() {
    return levels.size();
  }

  long bytes(int level) {
    return levels.get(level).stream().mapToLong(TableFile::bytes).sum();
  }

  /// {@return those tables of a level that may hold users' keys from one to another}
  List<TableFile> overlapping(int level, byte[] from, byte[] to) {
    return levels.get(level).stream().filter(table -> table.overlaps(from, to)).toList();
  }

  /// {@return which table of a level, other than 0, is the first that ends at or behind a key;
  /// their count if there is none}
  static int search(List<TableFile> tables, byte[] key) {
    int left = 0;
    int right = tables.size();
    while (left < right) {
      int middle = (left + right) >>> 1;
      if (InternalKeys.compare(tables.get(middle).largest(), key) < 0) {
        left = middle + 1;
      } else {
        right = middle;
      }
    }
    return left;
  }

  void addNumbers(Set<Long> numbers) {
    levels.forEach(tables -> tables.forEach(table -> numbers.add(table.number())));
  }

  /// Keeps its tables from being removed.
  ///
  /// @return whether it could be pinned; if not, there is a newer version
  boolean tryPin() {
    int before;
    do {
      before = pins.get();
      if (before == 0) {
        return false;
      }
    } while (!pins.compareAndSet(before, before + 1));
    return true;
  }

  /// Takes a pin back.
  ///
  /// @return whether it was the last
  boolean unpin() {
    int left = pins.decrementAndGet();
    assert left >= 0 : "unpinned too often";
    return left == 0;
  }

  boolean isPinned() {
    return pins.get() > 0;
  }
}
