package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.Wal;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Cursors while segments come and go under them.
@Timeout(30)
class CursorRaceTest {
  private final SimulatedDisk storage = new SimulatedDisk();

  @Test
  void segmentRemovedUnderACursorAtItsEndIsNotCorruption() throws IOException {
    try (Wal wal = Logs.open(storage)) {
      Logs.append(wal, 1, 3);
      try (Cursor cursor = wal.read(1)) {
        while (cursor.next()) {
          // to the end of the segment
        }
        wal.rotate();
        Logs.append(wal, 4, 5);
        wal.truncateBefore(4);
        assertThat(wal.segments()).hasSize(1);
        assertNext(cursor, 4);
        assertNext(cursor, 5);
        assertThat(cursor.next()).isFalse();
      }
    }
  }

  @Test
  void segmentRemovedBeforeACursorOpenedItIsNotMissed() throws IOException {
    try (Wal wal = Logs.open(storage)) {
      Logs.append(wal, 1, 3);
      try (Cursor cursor = wal.read(4)) {
        wal.rotate();
        Logs.append(wal, 4, 4);
        wal.rotate();
        wal.truncateBefore(4);
        assertNext(cursor, 4);
        Logs.append(wal, 5, 5);
        assertNext(cursor, 5);
      }
    }
  }

  private static void assertNext(Cursor cursor, long lsn) throws IOException {
    assertThat(cursor.next()).isTrue();
    assertThat(cursor.lsn()).isEqualTo(lsn);
    assertThat(cursor.bytes()).isEqualTo(Logs.record(lsn));
  }
}
