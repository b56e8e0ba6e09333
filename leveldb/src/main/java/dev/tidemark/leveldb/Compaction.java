package dev.tidemark.leveldb;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Which tables to merge: some of one level, and all those of the next one that share keys with
/// them. After google/leveldb, db/version_set.cc, but all of level 0 at once.
///
/// No user's key is in a table that takes part and in one of the same level that does not.
/// Otherwise an older value could come to lie above a newer one, or a deletion go away before what
/// it deletes.
///
/// @param level from which
/// @param inputs the tables of that level
/// @param below the tables of the next
record Compaction(int level, List<TableFile> inputs, List<TableFile> below) {
  /// How many tables of level 0 are merged.
  static final int TRIGGER = 4;

  /// How much level 1 may hold, in bytes; each level below ten times as much.
  private static final long LEVEL_1_BYTES = 10L << 20;

  /// {@return what to merge next, null for nothing}
  ///
  /// @param version the tables
  /// @param versions know where the last compaction of a level ended
  static @Nullable Compaction pick(Version version, Versions versions) {
    if (version.level(0).size() >= TRIGGER) {
      return of(version, 0, version.level(0));
    }
    long most = LEVEL_1_BYTES;
    int fullest = 0;
    double fill = 1;
    for (int level = 1; level < version.levels() - 1; level++) {
      double of = (double) version.bytes(level) / most;
      if (of > fill) {
        fill = of;
        fullest = level;
      }
      most *= 10;
    }
    return fullest == 0 ? null : of(version, fullest, List.of(next(version, fullest, versions)));
  }

  /// {@return whether there is anything to merge}
  static boolean isDue(Version version, Versions versions) {
    return pick(version, versions) != null;
  }

  /// The table behind the one that the last compaction of the level began with, in turn.
  private static TableFile next(Version version, int level, Versions versions) {
    byte[] pointer = versions.compactPointer(level);
    List<TableFile> tables = version.level(level);
    if (pointer != null) {
      for (TableFile table : tables) {
        if (InternalKeys.compare(table.largest(), pointer) > 0) {
          return table;
        }
      }
    }
    return tables.getFirst();
  }

  /// {@return the compaction of some tables with all that must go along}
  static Compaction of(Version version, int level, List<TableFile> some) {
    List<TableFile> inputs = level == 0 ? some : closed(version, level, some);
    List<TableFile> below = version.overlapping(level + 1, smallest(inputs), largest(inputs));
    return new Compaction(
        level, inputs, below.isEmpty() ? below : closed(version, level + 1, below));
  }

  /// Adds tables of the level until none shares a user's key with those outside.
  private static List<TableFile> closed(Version version, int level, List<TableFile> some) {
    List<TableFile> all = some;
    while (true) {
      List<TableFile> more = version.overlapping(level, smallest(all), largest(all));
      if (more.size() == all.size()) {
        return all;
      }
      all = more;
    }
  }

  private static byte[] smallest(List<TableFile> tables) {
    byte[] least = tables.getFirst().smallest();
    for (TableFile table : tables) {
      least = InternalKeys.compare(table.smallest(), least) < 0 ? table.smallest() : least;
    }
    return least;
  }

  private static byte[] largest(List<TableFile> tables) {
    byte[] most = tables.getFirst().largest();
    for (TableFile table : tables) {
      most = InternalKeys.compare(table.largest(), most) > 0 ? table.largest() : most;
    }
    return most;
  }

  boolean isEmpty() {
    return inputs.isEmpty() && below.isEmpty();
  }

  /// {@return where the next compaction of the level begins}
  byte[] end() {
    return largest(inputs);
  }

  /// {@return whether the tables can go one level down as they are}
  boolean isMove() {
    if (!below.isEmpty()) {
      return false;
    }
    for (TableFile a : inputs) {
      for (TableFile b : inputs) {
        if (a.number() != b.number() && a.overlaps(b.smallest(), b.largest())) {
          return false;
        }
      }
    }
    return true;
  }
}
