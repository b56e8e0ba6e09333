package dev.tidemark.wal.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tidemark.wal.Batch;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/// The program that writes in [FollowerProcessTest]: appends, rotates, truncates when it is told
/// to, and is killed. Each record says which LSN it has, so whoever reads it can tell it from every
/// other.
///
/// Out: `open LAST NEXT` when it has recovered, `acked LSN` now and then, `closed LSN`. In:
/// `truncate LSN`, `stop`.
final class FollowedWriter {
  static final WalOptions OPTIONS =
      WalOptions.builder()
          .segmentBytes(64 << 10)
          .stagingBytes(64 << 10)
          .maxBatchBytes(1 << 20)
          .build();

  private static final int HEADER_BYTES = 20;

  private final Wal wal;
  private final int life;
  private final Random random;
  private final PrintStream out = new PrintStream(System.out, false, UTF_8);
  private volatile boolean stopped; // set once

  private FollowedWriter(Wal wal, int life) {
    this.wal = wal;
    this.life = life;
    random = new Random(life);
  }

  /// Writes until it is killed or stopped.
  ///
  /// @param arguments directory, number of this life
  public static void main(String[] arguments) throws Exception {
    Wal wal = Wal.open(Path.of(arguments[0]), OPTIONS);
    FollowedWriter writer = new FollowedWriter(wal, Integer.parseInt(arguments[1]));
    writer.say("open " + wal.recovery().lastLsn() + " " + (wal.lastLsn() + 1));
    Thread.ofPlatform().daemon().start(writer::listen);
    while (!writer.stopped) {
      writer.write();
    }
    wal.close();
    writer.say("closed " + wal.lastLsn());
  }

  private void say(String line) {
    out.println(line);
    out.flush();
  }

  private void listen() {
    try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8))) {
      String line;
      while ((line = in.readLine()) != null) {
        String[] words = line.split(" ", -1);
        if (words[0].equals("truncate")) {
          long lsn = Long.parseLong(words[1]);
          wal.awaitDurable(lsn); // a reader may know before the log says so
          wal.truncateBefore(lsn + 1);
        } else {
          stopped = true;
          return;
        }
      }
    } catch (Throwable e) {
      e.printStackTrace(); // the test that started this program shows it
      Runtime.getRuntime().halt(3);
    }
  }

  private void write() throws IOException {
    switch (random.nextInt(40)) {
      case 0 -> wal.rotate();
      case 1 -> batch(2 + random.nextInt(20), 300);
      case 2 -> batch(40, 9000); // several frames, larger than a segment
      default -> burst(1 + random.nextInt(40));
    }
    say("acked " + wal.lastLsn());
  }

  private void burst(int count) throws IOException {
    CompletableFuture<Long> last = CompletableFuture.completedFuture(0L);
    for (int i = 0; i < count; i++) {
      byte[] record = record(wal.lastLsn() + 1, life, 0, 1, random.nextInt(300));
      last = wal.appendAsync(MemorySegment.ofArray(record));
    }
    long _ = last.join();
  }

  private void batch(int count, int bytes) throws IOException {
    Batch batch = new Batch();
    long first = wal.lastLsn() + 1;
    for (int i = 0; i < count; i++) {
      batch.add(record(first + i, life, i, count, bytes));
    }
    wal.append(batch);
  }

  private static byte[] record(long lsn, int life, int index, int count, int bytes) {
    byte[] record = new byte[HEADER_BYTES + bytes];
    ByteBuffer.wrap(record).putLong(lsn).putInt(life).putInt(index).putInt(count);
    for (int i = HEADER_BYTES; i < record.length; i++) {
      record[i] = (byte) (lsn * 31 + life + i);
    }
    return record;
  }

  /// Checks that a record is the one that was written for an LSN, byte for byte.
  ///
  /// @return whether a batch ends with it
  static boolean check(long lsn, byte[] record) {
    ByteBuffer header = ByteBuffer.wrap(record);
    long named = header.getLong();
    int life = header.getInt();
    int index = header.getInt();
    int count = header.getInt();
    byte[] expected = record(lsn, life, index, count, record.length - HEADER_BYTES);
    if (named != lsn || !java.util.Arrays.equals(record, expected)) {
      throw new AssertionError("LSN " + lsn + " is not what was written: it names " + named);
    }
    return index == count - 1;
  }
}
