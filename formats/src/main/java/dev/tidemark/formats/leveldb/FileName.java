package dev.tidemark.formats.leveldb;

import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The name of a file in a LevelDB directory that has a number, after google/leveldb,
/// db/filename.cc: numbers are decimal, of six digits or more where LevelDB writes them and of any
/// where it reads them, and one number is never given to two files of whatever kind. Numbers of
/// more than 18 digits, which LevelDB reads up to 2^64-1, are no names here.
///
/// @param kind what the file is
/// @param number its number
public record FileName(Kind kind, long number) {
  /// Holds the name of the manifest in use.
  public static final String CURRENT = "CURRENT";

  /// Is locked by whoever has the directory open.
  public static final String LOCK = "LOCK";

  // As many digits as always fit 63 bits.
  private static final Pattern NAME =
      Pattern.compile("([0-9]{1,18})\\.(log|ldb|sst|dbtmp)|MANIFEST-([0-9]{1,18})");

  /// What a file is.
  public enum Kind {
    /// A log of write batches.
    LOG,

    /// A table, under either of the two names that tables may have.
    TABLE,

    /// A log of version edits.
    MANIFEST,

    /// A file that is to be renamed.
    TEMPORARY
  }

  /// {@return what a name says; null if no such file has it}
  ///
  /// @param name without any folder before it, as found: anything
  public static @Nullable FileName parse(String name) {
    Matcher matcher = NAME.matcher(name);
    if (!matcher.matches()) {
      return null;
    }
    if (matcher.group(3) != null) {
      return new FileName(Kind.MANIFEST, Long.parseLong(matcher.group(3)));
    }
    Kind kind =
        switch (matcher.group(2)) {
          case "log" -> Kind.LOG;
          case "dbtmp" -> Kind.TEMPORARY;
          default -> Kind.TABLE;
        };
    return new FileName(kind, Long.parseLong(matcher.group(1)));
  }

  /// {@return whether this is the name of a log}
  ///
  /// @param file only its last name matters
  public static boolean isLog(Path file) {
    return is(Kind.LOG, file);
  }

  /// {@return whether this is the name of a manifest}
  ///
  /// @param file only its last name matters
  public static boolean isManifest(Path file) {
    return is(Kind.MANIFEST, file);
  }

  /// {@return the number of a log}
  ///
  /// @param log a file for which [#isLog] holds
  public static long number(Path log) {
    FileName name = of(log);
    if (name == null || name.kind != Kind.LOG) {
      throw new IllegalArgumentException(log + " is not the name of a log");
    }
    return name.number;
  }

  /// {@return the name of a log}
  ///
  /// @param number its number
  public static String log(long number) {
    return String.format(Locale.ROOT, "%06d.log", number);
  }

  /// {@return the name of a table}
  ///
  /// @param number its number
  public static String table(long number) {
    return String.format(Locale.ROOT, "%06d.ldb", number);
  }

  /// {@return the name that a table had before LevelDB 1.14}
  ///
  /// @param number its number
  public static String oldTable(long number) {
    return String.format(Locale.ROOT, "%06d.sst", number);
  }

  /// {@return the name of a manifest}
  ///
  /// @param number its number
  public static String manifest(long number) {
    return String.format(Locale.ROOT, "MANIFEST-%06d", number);
  }

  /// {@return the name of a file that is to be renamed}
  ///
  /// @param number its number
  public static String temporary(long number) {
    return String.format(Locale.ROOT, "%06d.dbtmp", number);
  }

  private static boolean is(Kind kind, Path file) {
    FileName name = of(file);
    return name != null && name.kind == kind;
  }

  private static @Nullable FileName of(Path file) {
    Path last = file.getFileName();
    return last == null ? null : parse(last.toString());
  }
}
