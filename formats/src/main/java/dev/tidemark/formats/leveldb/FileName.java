package dev.tidemark.formats.leveldb;

import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The names of the files in a LevelDB directory, after google/leveldb, db/filename.cc: numbers are
/// decimal, of six digits or more, and all kinds of files share them.
public final class FileName {
  /// Names the manifest in use.
  public static final String CURRENT = "CURRENT";

  // As many digits as always fit 63 bits.
  private static final Pattern LOG = Pattern.compile("(\\d{1,18})\\.log");
  private static final Pattern MANIFEST = Pattern.compile("MANIFEST-(\\d{1,18})");

  private FileName() {}

  /// {@return whether this is the name of a log}
  ///
  /// @param file only its last name matters
  public static boolean isLog(Path file) {
    return matches(LOG, file);
  }

  /// {@return whether this is the name of a manifest}
  ///
  /// @param file only its last name matters
  public static boolean isManifest(Path file) {
    return matches(MANIFEST, file);
  }

  /// {@return the number of a log}
  ///
  /// @param log a file for which [#isLog] holds
  public static long number(Path log) {
    Matcher name = LOG.matcher(log.getFileName().toString());
    if (!name.matches()) {
      throw new IllegalArgumentException(log + " is not the name of a log");
    }
    return Long.parseLong(name.group(1));
  }

  /// {@return the name of a log}
  ///
  /// @param number its number
  public static String log(long number) {
    return String.format(Locale.ROOT, "%06d.log", number);
  }

  /// {@return the name of a manifest}
  ///
  /// @param number its number
  public static String manifest(long number) {
    return String.format(Locale.ROOT, "MANIFEST-%06d", number);
  }

  /// {@return whether this is the name of a manifest, without any folder before it}
  ///
  /// @param name as it stands in `CURRENT`: anything
  static boolean isManifest(String name) {
    return MANIFEST.matcher(name).matches();
  }

  private static boolean matches(Pattern pattern, Path file) {
    Path name = file.getFileName();
    return name != null && pattern.matcher(name.toString()).matches();
  }
}
