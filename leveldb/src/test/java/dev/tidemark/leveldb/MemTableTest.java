package dev.tidemark.leveldb;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class MemTableTest {
  private final MemTable table = new MemTable();

  private static byte[] key(int number, long sequence) {
    return InternalKeys.of(user(number), sequence, InternalKeys.PUT);
  }

  private static byte[] user(int number) {
    return new byte[] {(byte) (number >>> 16), (byte) (number >>> 8), (byte) number};
  }

  /// Every key that is added comes between the one that is looked for and the one before it.
  @Test
  void keyIsFoundWhileOthersAreAddedRightBeforeIt() throws InterruptedException {
    int keys = 200_000;
    table.add(key(keys, 1), new byte[] {7});
    byte[] seek = key(keys, InternalKeys.MAX_SEQUENCE);
    AtomicBoolean ended = new AtomicBoolean();
    AtomicLong searches = new AtomicLong();
    AtomicLong missed = new AtomicLong();
    Thread reader =
        Thread.ofPlatform()
            .start(
                () -> {
                  while (!ended.get()) {
                    Found found = table.get(seek);
                    missed.addAndGet(found == null ? 1 : 0);
                    searches.incrementAndGet();
                  }
                });
    while (searches.get() == 0) {
      Thread.onSpinWait();
    }
    for (int i = 0; i < keys; i++) {
      table.add(key(i, i + 2), new byte[1]);
    }
    ended.set(true);
    reader.join();
    assertThat(missed).as("of %s searches", searches).hasValue(0);
  }

  /// Keys come in no order; whatever was there before is found, and walked over in order.
  @Test
  void whatWasAddedBeforeIsFoundAndWalkedOverWhileMoreIsAdded() throws InterruptedException {
    int keys = 60_000;
    AtomicInteger added = new AtomicInteger();
    AtomicLong wrong = new AtomicLong();
    List<Thread> readers = new ArrayList<>();
    for (int r = 0; r < 2; r++) {
      Random random = new Random(r);
      readers.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      for (int there = 0; there < keys; there = added.get()) {
                        if (there > 0) {
                          wrong.addAndGet(wrongs(spread(random.nextInt(there))));
                        }
                      }
                    } catch (IOException | RuntimeException e) {
                      wrong.incrementAndGet();
                    }
                  }));
    }
    for (int i = 0; i < keys; i++) {
      table.add(key(spread(i), 1), new byte[1]);
      added.set(i + 1);
    }
    for (Thread reader : readers) {
      reader.join();
    }
    assertThat(wrong).hasValue(0);
  }

  /// {@return the i-th of many numbers in no order, each once}
  private static int spread(int i) {
    return i * 0x9e3779b1 & 0xffffff;
  }

  /// A walk of some keys from one that is there.
  private int wrongs(int number) throws IOException {
    int wrongs = table.get(key(number, 1)) == null ? 1 : 0;
    SortedCursor cursor = table.cursor();
    cursor.seek(key(number, 1));
    byte[] last = user(number);
    wrongs += cursor.valid() && InternalKeys.compareToUser(cursor.key(), last) == 0 ? 0 : 1;
    for (int steps = 0; steps < 8 && cursor.valid(); steps++, cursor.next()) {
      byte[] found = cursor.key();
      wrongs += steps > 0 && InternalKeys.compareToUser(found, last) <= 0 ? 1 : 0;
      last = InternalKeys.userKey(found);
    }
    return wrongs;
  }

  /// Of a key's values the one is found that was the newest at the time.
  @Test
  void findsWhatAMapFindsAsOfEveryTime() {
    Random random = new Random(5);
    TreeMap<Integer, TreeMap<Long, Byte>> map = new TreeMap<>();
    for (long sequence = 1; sequence <= 5_000; sequence++) {
      int number = random.nextInt(200);
      byte value = (byte) random.nextInt();
      table.add(key(number, sequence), new byte[] {value});
      map.computeIfAbsent(number, _ -> new TreeMap<>()).put(sequence, value);
    }
    for (int i = 0; i < 20_000; i++) {
      int number = random.nextInt(210);
      long sequence = random.nextInt(5_100);
      Map.Entry<Long, Byte> known = map.getOrDefault(number, new TreeMap<>()).floorEntry(sequence);
      Found found = table.get(key(number, sequence));
      assertThat(found == null ? null : found.value()[0])
          .as("key %s as of %s", number, sequence)
          .isEqualTo(known == null ? null : known.getValue());
    }
  }

  @Test
  void emptyTableFindsNothing() {
    assertThat(table.get(key(1, 1))).isNull();
    assertThat(table.isEmpty()).isTrue();
  }
}
