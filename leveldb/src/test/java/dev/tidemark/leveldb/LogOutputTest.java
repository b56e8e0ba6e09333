package dev.tidemark.leveldb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.formats.Damage;
import dev.tidemark.formats.leveldb.LogLayout;
import dev.tidemark.formats.leveldb.LogReader;
import dev.tidemark.formats.leveldb.LogWriter;
import dev.tidemark.wal.storage.StorageFile;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LogOutputTest {
  private static final int PAGE_BYTES = 4096;
  private static final int BLOCK_BYTES = LogLayout.BLOCK_BYTES;

  /// A file in memory, and all it was told.
  private static final class Tape implements StorageFile {
    final List<byte[]> states = new ArrayList<>();
    byte[] bytes = new byte[0];
    int writes;

    @Override
    public String name() {
      return "000003.log";
    }

    @Override
    public long size() {
      return bytes.length;
    }

    @Override
    public int read(long offset, MemorySegment target) {
      throw new UnsupportedOperationException(); // a log that is written is never read
    }

    /// Page by page, and a kill may come between any two.
    @Override
    public void write(long offset, MemorySegment source) {
      writes++;
      byte[] all = source.toArray(ValueLayout.JAVA_BYTE);
      assertThat(offset).as("leaves no hole").isLessThanOrEqualTo(bytes.length);
      int from = 0;
      while (from < all.length) {
        int at = (int) offset + from;
        int to = Math.min(all.length, from + PAGE_BYTES - at % PAGE_BYTES);
        byte[] next = Arrays.copyOf(bytes, Math.max(bytes.length, at + to - from));
        System.arraycopy(all, from, next, at, to - from);
        bytes = next;
        states.add(next);
        from = to;
      }
    }

    @Override
    public void truncate(long size) {
      bytes = Arrays.copyOf(bytes, (int) size);
    }

    @Override
    public void sync(boolean metadata) {}

    @Override
    public void close() {}
  }

  private final Tape tape = new Tape();

  private static ByteBuffer record(int number, int bytes) {
    byte[] payload = new byte[bytes];
    Arrays.fill(payload, (byte) (1 + number % 255));
    return ByteBuffer.wrap(payload);
  }

  private static int wholeRecords(byte[] file, List<Damage> damage) throws IOException {
    int found = 0;
    try (LogReader reader = new LogReader(new ByteArrayInputStream(file), damage::add)) {
      while (reader.next()) {
        ByteBuffer payload = reader.payload();
        assertThat(payload).isEqualTo(record(found, payload.remaining()));
        found++;
      }
    }
    return found;
  }

  /// Records of all sizes, some with zeros behind them and some without.
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void killBetweenAnyTwoPagesLeavesWholeRecordsAndATornTailAtMost(long seed) throws IOException {
    Random random = new Random(seed);
    int[] sizes = {1, 100, 4_000, 5_000, 33_000, 1_500_000};
    AppendFile log = AppendFile.log(tape, 3, 0);
    List<Damage> damage = new ArrayList<>();
    for (int i = 0; i < 150; i++) {
      int most = sizes[random.nextInt(random.nextInt(20) == 0 ? sizes.length : sizes.length - 1)];
      int begun = Math.max(tape.states.size() - 1, 0);
      log.append(record(i, 1 + random.nextInt(most)), random.nextInt(4) != 0);
      for (byte[] state : tape.states.subList(begun + 1, tape.states.size())) {
        assertThat(wholeRecords(state, damage)).as("record %s", i).isBetween(i, i + 1);
      }
      assertThat(wholeRecords(tape.bytes, damage)).isEqualTo(i + 1);
      tape.states.subList(0, tape.states.size() - 1).clear();
    }
    assertThat(damage).extracting(Damage::kind).containsOnly(Damage.Kind.TORN_TAIL);
  }

  @Test
  void fileGrowsByBlocksWhereItIsSynced() throws IOException {
    AppendFile log = AppendFile.log(tape, 3, 0);
    for (int i = 0; i < 1_000; i++) {
      log.append(record(i, 100), true);
      assertThat(tape.size()).isEqualTo((log.size() + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES);
    }
  }

  @Test
  void trimmedFileIsLevelDbsByteForByte() throws IOException {
    AppendFile log = AppendFile.log(tape, 3, 0);
    ByteArrayOutputStream plain = new ByteArrayOutputStream();
    LogWriter writer = new LogWriter(plain);
    Random random = new Random(8);
    for (int i = 0; i < 300; i++) {
      int bytes = random.nextInt(3_000);
      log.append(record(i, bytes), random.nextBoolean());
      writer.append(record(i, bytes));
    }
    writer.flush();
    log.trim();
    assertThat(tape.bytes).isEqualTo(plain.toByteArray());
  }

  @Test
  void withoutZerosEachRecordIsOneWriteAtTheEnd() throws IOException {
    AppendFile log = AppendFile.log(tape, 3, 0);
    for (int i = 0; i < 500; i++) {
      log.append(record(i, 300));
      assertThat(tape.size()).isEqualTo(log.size());
      assertThat(tape.writes).isEqualTo(i + 1);
    }
  }

  /// A file that somebody else left, and whose end is in the middle of a block.
  @Test
  void logThatWasBegunIsFilledFromWhereItEnds() throws IOException {
    AppendFile begun = AppendFile.log(tape, 3, 0);
    begun.append(record(0, 5_000));
    AppendFile log = AppendFile.log(tape, 3, begun.size());
    log.append(record(1, 100), true);
    log.append(record(2, 40_000), true);
    List<Damage> damage = new ArrayList<>();
    assertThat(wholeRecords(tape.bytes, damage)).isEqualTo(3);
    assertThat(damage).isEmpty();
    assertThat(tape.size()).isEqualTo(2 * BLOCK_BYTES);
  }
}
