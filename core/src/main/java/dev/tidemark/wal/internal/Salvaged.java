package dev.tidemark.wal.internal;

import dev.tidemark.wal.Hole;
import java.util.ArrayList;
import java.util.List;

/// What opening did about damage.
///
/// @param holes the new holes
/// @param setAside the new names of files that were set aside before the log went on
/// @param nextLsn the next LSN if it was raised, or 0
/// @param manifestRebuilt whether the manifest was rebuilt
/// @param verifiedBytes how many bytes of frames were verified beside those of the newest segment
record Salvaged(
    List<Hole> holes,
    List<String> setAside,
    long nextLsn,
    boolean manifestRebuilt,
    long verifiedBytes) {
  static final Salvaged NOTHING = new Salvaged(List.of(), List.of(), 0, false, 0);

  /// {@return the same after more bytes were verified}
  Salvaged verified(long bytes) {
    return new Salvaged(holes, setAside, nextLsn, manifestRebuilt, bytes);
  }

  /// {@return the same, with more files that were set aside}
  Salvaged andSetAside(List<String> more) {
    List<String> all = new ArrayList<>(setAside);
    all.addAll(more);
    return new Salvaged(holes, all, nextLsn, manifestRebuilt, verifiedBytes);
  }
}
