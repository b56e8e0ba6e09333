package dev.tidemark.ingest.catalog;

import dev.tidemark.ingest.lineprotocol.Slice;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Finds columns quickly where lines look like the line before: the column at a place is probably
/// the one that was there last time. For one thread.
public final class ColumnGuess {
  // Owned by the thread that uses this.
  private @Nullable Measurement measurement;
  private @Nullable CatalogColumn[] byPlace = new @Nullable CatalogColumn[16];

  /// Creates one that knows nothing yet.
  public ColumnGuess() {}

  /// {@return the column of a name, or null}
  ///
  /// @param of the measurement
  /// @param key the name; may be lent
  /// @param place where in its line it stands, from 0
  public @Nullable CatalogColumn find(Measurement of, Slice key, int place) {
    if (measurement != of) {
      measurement = of;
      Arrays.fill(byPlace, null);
    }
    if (place >= byPlace.length) {
      byPlace = Arrays.copyOf(byPlace, Math.max(place + 1, byPlace.length * 2));
    }
    CatalogColumn guess = byPlace[place];
    if (guess == null || !guess.key().isSame(key)) {
      guess = of.column(key);
      byPlace[place] = guess;
    }
    return guess;
  }
}
