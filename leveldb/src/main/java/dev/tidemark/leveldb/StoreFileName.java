package dev.tidemark.leveldb;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The name of a file that belongs to a store, after google/leveldb, db/filename.cc. One number is
/// never given to two files.
///
/// @param kind what it is
/// @param number of the file
record StoreFileName(Kind kind, long number) {
  /// Holds the name of the manifest.
  static final String CURRENT = "CURRENT";

  /// Is locked by whoever has the store open.
  static final String LOCK = "LOCK";

  /// As many digits as always fit 63 bits.
  private static final Pattern NAME =
      Pattern.compile("([0-9]{1,18})\\.(log|ldb|sst|dbtmp)|MANIFEST-([0-9]{1,18})");

  /// What a file is.
  enum Kind {
    LOG,
    TABLE,
    MANIFEST,
    TEMPORARY
  }

  /// {@return what a name says; null if it is not a name of LevelDB's that has a number}
  static @Nullable StoreFileName parse(String name) {
    Matcher matcher = NAME.matcher(name);
    if (!matcher.matches()) {
      return null;
    }
    if (matcher.group(3) != null) {
      return new StoreFileName(Kind.MANIFEST, Long.parseLong(matcher.group(3)));
    }
    Kind kind =
        switch (matcher.group(2)) {
          case "log" -> Kind.LOG;
          case "dbtmp" -> Kind.TEMPORARY;
          default -> Kind.TABLE;
        };
    return new StoreFileName(kind, Long.parseLong(matcher.group(1)));
  }

  static String log(long number) {
    return String.format(Locale.ROOT, "%06d.log", number);
  }

  static String table(long number) {
    return String.format(Locale.ROOT, "%06d.ldb", number);
  }

  /// The name that tables had before LevelDB 1.14.
  static String oldTable(long number) {
    return String.format(Locale.ROOT, "%06d.sst", number);
  }

  static String manifest(long number) {
    return String.format(Locale.ROOT, "MANIFEST-%06d", number);
  }

  static String temporary(long number) {
    return String.format(Locale.ROOT, "%06d.dbtmp", number);
  }
}
