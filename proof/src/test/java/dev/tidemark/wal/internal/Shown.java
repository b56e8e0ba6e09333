package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.LsnGoneException;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalReader;
import dev.tidemark.wal.storage.Storage;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;

/// What a reader is shown of a log that nobody has open, to be held against what a recovery makes
/// of it.
///
/// @param proven by LSN
/// @param whole the last LSN it is shown on request, promised or not; 0 if there is none
record Shown(Map<Long, byte[]> proven, long whole) {

  static Shown by(Storage storage) throws IOException {
    try (WalReader reader = Follow.open(storage)) {
      long first = reader.firstLsn();
      while (true) {
        try {
          return from(reader, first);
        } catch (LsnGoneException moved) { // whoever has the log open raised the mark meanwhile
          first = moved.firstAvailable();
        }
      }
    }
  }

  private static Shown from(WalReader reader, long first) throws IOException {
    TreeMap<Long, byte[]> proven = new TreeMap<>();
    long whole = 0;
    long promised = 0;
    try (Cursor cursor = reader.read(first);
        Cursor ahead = reader.readUnproven(first)) {
      while (cursor.next()) {
        proven.put(cursor.lsn(), cursor.bytes());
      }
      while (ahead.next()) {
        whole = ahead.lsn();
        if (ahead.isProven() && whole > promised) { // to ask is to read the files again
          // The promise may stand in a header whose own records are torn: a cursor is not that far.
          promised = reader.promisedLsn();
          assertThat(whole).as("proven").isLessThanOrEqualTo(promised);
        }
      }
    }
    return new Shown(proven, whole);
  }

  /// Checks that the recovery has kept what was shown, and that a reader beside it is shown just
  /// that.
  void checkKept(Storage storage, Wal wal) throws IOException {
    TreeMap<Long, byte[]> kept = new TreeMap<>();
    try (Cursor cursor = wal.read()) {
      while (cursor.next()) {
        kept.put(cursor.lsn(), cursor.bytes());
      }
    }
    for (Map.Entry<Long, byte[]> record : proven.entrySet()) {
      if (record.getKey() < wal.firstLsn()) {
        continue; // a holder of the low-water mark moved on when the log was opened
      }
      assertThat(kept.get(record.getKey()))
          .as("LSN %s", record.getKey())
          .isEqualTo(record.getValue());
    }
    if (!kept.isEmpty()) {
      assertThat(whole).as("shown on request").isEqualTo(kept.lastKey());
    }
    Shown now = by(storage);
    long first = wal.firstLsn(); // the mark may rise at any time
    assertThat(now.proven.keySet().stream().filter(lsn -> lsn >= first))
        .containsExactlyElementsOf(kept.tailMap(first).keySet());
  }
}
