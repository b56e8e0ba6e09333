package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.LsnGoneException;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalReader;
import dev.tidemark.wal.storage.Storage;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/// Readers of several tempers beside one log, and what they were shown: one LSN is one record, for
/// all of them, for ever. Safe for use by several threads.
final class Watchers implements AutoCloseable {
  private final Random random;
  private final WalReader reader;
  private final Storage storage;
  // All below is guarded by this.
  private final Map<Long, byte[]> shown = new HashMap<>(); // proven ones
  private final Watcher eager;
  private final Watcher slow;
  private final Watcher ahead;
  private long overtaken;

  private final class Watcher {
    private final boolean beyondPromise;
    private Cursor cursor;
    private long last;
    private boolean gone;

    Watcher(boolean beyondPromise) throws IOException {
      this.beyondPromise = beyondPromise;
      cursor = open(1);
    }

    private Cursor open(long from) throws IOException {
      return beyondPromise ? reader.readUnproven(from) : reader.read(from);
    }

    // At most so many records.
    void look(int most) throws IOException {
      for (int i = 0; i < most; i++) {
        try {
          if (!cursor.next()) {
            return;
          }
        } catch (LsnGoneException e) {
          assertThat(e.firstAvailable()).isGreaterThan(beyondPromise ? 0 : last);
          overtaken++;
          gone = true;
          cursor.close();
          cursor = open(e.firstAvailable());
          last = e.firstAvailable() - 1;
          continue;
        }
        assertThat(cursor.lsn()).isGreaterThan(last);
        last = cursor.lsn();
        if (cursor.isProven()) {
          remember(last, cursor.bytes());
        } else {
          assertThat(beyondPromise).isTrue();
        }
      }
    }
  }

  Watchers(Storage storage, long seed) throws IOException {
    this.storage = storage;
    random = new Random(seed);
    reader = Follow.open(storage);
    eager = new Watcher(false);
    slow = new Watcher(false);
    ahead = new Watcher(true);
  }

  private void remember(long lsn, byte[] bytes) {
    byte[] before = shown.putIfAbsent(lsn, bytes);
    if (before != null && !Arrays.equals(before, bytes)) {
      throw new AssertionError("LSN " + lsn + " was another record before");
    }
  }

  /// All look.
  synchronized void look() {
    try {
      eager.look(Integer.MAX_VALUE);
      slow.look(random.nextInt(8) == 0 ? 1 : 0);
      ahead.look(Integer.MAX_VALUE);
      if (random.nextInt(32) == 0) {
        lookAnew();
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void lookAnew() throws IOException {
    try (WalReader late = Follow.open(storage);
        Cursor cursor = late.read(late.firstLsn())) {
      while (cursor.next()) {
        remember(cursor.lsn(), cursor.bytes());
      }
      assertThat(late.lastLsn()).isGreaterThanOrEqualTo(late.promisedLsn());
    } catch (LsnGoneException _) {
      overtaken++; // between the question and the answer
    }
  }

  /// {@return how often one was overtaken}
  synchronized long overtaken() {
    return overtaken;
  }

  /// {@return how many records were shown}
  synchronized int shown() {
    return shown.size();
  }

  /// Checks what was shown against the log as its owner sees it, of which everything is durable.
  void check(Wal wal) throws IOException {
    Map<Long, byte[]> before;
    synchronized (this) { // and not below: the log's threads may wait for those who look
      before = Map.copyOf(shown);
    }
    TreeMap<Long, byte[]> kept = new TreeMap<>();
    try (Cursor cursor = wal.read()) {
      while (cursor.next()) {
        kept.put(cursor.lsn(), cursor.bytes());
      }
    }
    for (Map.Entry<Long, byte[]> record : before.entrySet()) {
      if (record.getKey() >= wal.firstLsn()) {
        assertThat(kept.get(record.getKey()))
            .as("LSN %s was shown", record.getKey())
            .isEqualTo(record.getValue());
      }
    }
  }

  /// Checks that nobody has missed anything of a log that was closed.
  synchronized void checkAllSeen(Map<Long, byte[]> records) throws IOException {
    slow.look(Integer.MAX_VALUE);
    look();
    for (Map.Entry<Long, byte[]> record : records.entrySet()) {
      assertThat(shown.get(record.getKey()))
          .as("LSN %s was acknowledged", record.getKey())
          .isEqualTo(record.getValue());
    }
    assertThat(eager.gone).as("one that always looked was overtaken").isFalse();
    assertThat(slow.last).isEqualTo(eager.last);
    assertThat(ahead.last).isEqualTo(eager.last);
  }

  @Override
  public synchronized void close() {
    eager.cursor.close();
    slow.cursor.close();
    ahead.cursor.close();
    reader.close();
  }
}
