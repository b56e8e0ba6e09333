package dev.tidemark.ingest.lineprotocol;

import java.util.Optional;

/// The unit of the timestamps in a body. Immutable.
public enum Precision {
  /// Billionths of a second: the default of every dialect.
  NANOSECONDS(1L),
  /// Millionths of a second.
  MICROSECONDS(1_000L),
  /// Thousandths of a second.
  MILLISECONDS(1_000_000L),
  /// Seconds.
  SECONDS(1_000_000_000L),
  /// Minutes, in the older dialect only.
  MINUTES(60 * 1_000_000_000L),
  /// Hours, in the older dialect only.
  HOURS(3_600 * 1_000_000_000L);

  private final long unitNanos;

  Precision(long unitNanos) {
    this.unitNanos = unitNanos;
  }

  /// Reads a precision as every dialect writes it: `ns`, `us`, `ms` or `s`.
  ///
  /// @param name the word, case matters
  /// @return the precision; empty if the word is none of the four
  public static Optional<Precision> of(String name) {
    return switch (name) {
      case "ns" -> Optional.of(NANOSECONDS);
      case "us" -> Optional.of(MICROSECONDS);
      case "ms" -> Optional.of(MILLISECONDS);
      case "s" -> Optional.of(SECONDS);
      default -> Optional.empty();
    };
  }

  /// Reads a precision as InfluxDB 1 writes it: the words of [#of(String)] and `n`, `u`, `m`
  /// (minutes) and `h`.
  ///
  /// @param name the word, case matters
  /// @return the precision; empty if the word is none of the eight
  public static Optional<Precision> ofV1(String name) {
    return switch (name) {
      case "n" -> Optional.of(NANOSECONDS);
      case "u" -> Optional.of(MICROSECONDS);
      case "m" -> Optional.of(MINUTES);
      case "h" -> Optional.of(HOURS);
      default -> of(name);
    };
  }

  /// {@return whether a timestamp of this unit can be told in nanoseconds}
  ///
  /// @param value the timestamp, in this unit since 1970
  public boolean fits(long value) {
    return value <= Long.MAX_VALUE / unitNanos && value >= Long.MIN_VALUE / unitNanos;
  }

  /// Converts a timestamp.
  ///
  /// @param value the timestamp, in this unit since 1970
  /// @return the same moment in nanoseconds since 1970
  /// @throws ArithmeticException if it lies outside the years 1677 to 2262; [#fits(long)] tells
  public long toNanos(long value) {
    return Math.multiplyExact(value, unitNanos);
  }
}
