package dev.tidemark.testkit.explorer;

import java.util.Locale;

/// How much an [Explorer] has seen so far.
///
/// @param sequences sequences of calls that were made
/// @param moments at which the machine was stopped
/// @param states different ones that were recovered: of what is durable and what is owed
/// @param recoveries logs that were opened after a crash, some of the same state
/// @param nanos how long it took
public record Exploration(long sequences, long moments, long states, long recoveries, long nanos) {

  /// {@return the same figures with a thousands separator}
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%,d sequences, %,d moments, %,d states, %,d recoveries in %,d s",
        sequences,
        moments,
        states,
        recoveries,
        nanos / 1_000_000_000L);
  }
}
