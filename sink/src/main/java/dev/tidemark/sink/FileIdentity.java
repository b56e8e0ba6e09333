package dev.tidemark.sink;

import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.regex.Pattern;

/// What a file holds: the rows of one measurement and one hour that one range of one log gave.
///
/// Two files of the same identity hold the same rows, so the identity is the name. Every part is
/// checked here, so that no name made of it can leave the directory it is meant for. Immutable.
///
/// @param logId the id of the log the rows come from: 32 lower-case hexadecimal digits
/// @param shard which shard's log that is, 0 to 9,999
/// @param database the database: a letter, then letters, digits, `_` and `-`; at most 64
/// @param measurement the measurement: of the same characters; at most 128
/// @param fromLsn the first LSN of the range, at least 1
/// @param toLsn the last LSN of the range, at least `fromLsn`
/// @param hourEpoch the hour all rows lie in: whole hours since 1970-01-01T00:00 UTC, negative
///   before that
public record FileIdentity(
    String logId,
    int shard,
    String database,
    String measurement,
    long fromLsn,
    long toLsn,
    long hourEpoch) {

  /// Nanoseconds in an hour.
  public static final long HOUR_NANOS = 3_600_000_000_000L;

  /// How every final name ends.
  public static final String SUFFIX = ".parquet";

  /// The largest shard number.
  public static final int MAX_SHARD = 9_999;

  private static final Pattern LOG_ID = Pattern.compile("[0-9a-f]{32}");
  private static final Pattern DATABASE = Pattern.compile("[a-zA-Z][a-zA-Z0-9_-]{0,63}");
  private static final Pattern MEASUREMENT = Pattern.compile("[a-zA-Z][a-zA-Z0-9_-]{0,127}");

  /// Checks every part.
  ///
  /// @throws IllegalArgumentException if a part is not as described above
  public FileIdentity {
    require(LOG_ID.matcher(logId).matches(), "log id", logId);
    require(shard >= 0 && shard <= MAX_SHARD, "shard", shard);
    require(DATABASE.matcher(database).matches(), "database", database);
    require(MEASUREMENT.matcher(measurement).matches(), "measurement", measurement);
    require(fromLsn >= 1, "first LSN", fromLsn);
    require(toLsn >= fromLsn, "last LSN (the first is " + fromLsn + ")", toLsn);
    require(
        hourEpoch >= hourOf(Long.MIN_VALUE) && hourEpoch <= hourOf(Long.MAX_VALUE),
        "hour",
        hourEpoch);
  }

  private static void require(boolean ok, String what, Object value) {
    if (!ok) {
      throw new IllegalArgumentException("not a " + what + " of a file: \"" + value + "\"");
    }
  }

  /// Finds the hour of a time.
  ///
  /// @param timeNanos nanoseconds since 1970-01-01T00:00 UTC, any `long`
  /// @return whole hours since then, rounded down
  public static long hourOf(long timeNanos) {
    return Math.floorDiv(timeNanos, HOUR_NANOS);
  }

  /// {@return where the file lies below the root: `{database}/{measurement}/{YYYY}/{MM}/{DD}/{HH}/`
  /// and [#fileName], in UTC, with `/` between the parts}
  public String relativePath() {
    LocalDateTime hour = LocalDateTime.ofEpochSecond(hourEpoch * 3600, 0, ZoneOffset.UTC);
    return String.format(
        Locale.ROOT,
        "%s/%s/%04d/%02d/%02d/%02d/%s",
        database,
        measurement,
        hour.getYear(),
        hour.getMonthValue(),
        hour.getDayOfMonth(),
        hour.getHour(),
        fileName());
  }

  /// {@return the last part of the name: `{logId}-{shard}-{from}-{to}.parquet`, the shard in four
  /// digits}
  public String fileName() {
    return String.format(Locale.ROOT, "%s-%04d-%d-%d%s", logId, shard, fromLsn, toLsn, SUFFIX);
  }
}
