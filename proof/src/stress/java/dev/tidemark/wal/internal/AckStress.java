package dev.tidemark.wal.internal;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.tidemark.wal.Batch;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.Subscription;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/// A whole log, one for all samples of a run, in files that no disk holds up: what callers see of
/// the durable LSN and of acks.
public class AckStress {
  private static final int RECORDS_AT_ONCE = 1000;
  private static final Batch RECORDS = records();
  private static final Path DIRECTORY = directory();
  private static final Wal WAL;
  private static final Subscription SUBSCRIPTION;

  // Guarded by the class.
  private static long lastTaken;

  static {
    try {
      WAL = Wal.open(DIRECTORY, WalOptions.builder().segmentBytes(1 << 20).build());
      SUBSCRIPTION = WAL.subscribe("stress");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Runtime.getRuntime().addShutdownHook(new Thread(AckStress::delete));
  }

  private static Batch records() {
    Batch batch = new Batch();
    for (int i = 0; i < RECORDS_AT_ONCE; i++) {
      batch.add(new byte[0]);
    }
    return batch;
  }

  private static Path directory() {
    try {
      Path memory = Path.of("/dev/shm");
      return Files.isWritable(memory)
          ? Files.createTempDirectory(memory, "tidemark-stress")
          : Files.createTempDirectory("tidemark-stress");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete() {
    try (Stream<Path> files = Files.walk(DIRECTORY)) {
      List<Path> all = files.sorted(Comparator.reverseOrder()).toList();
      for (Path file : all) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | UncheckedIOException _) {
      // Something is still being written; the system clears its temporary files.
    }
  }

  // An LSN that is durable, and so is the next; nobody else gets either.
  private static synchronized long two() {
    try {
      lastTaken += 2;
      if (lastTaken > WAL.durableLsn()) {
        WAL.append(RECORDS);
        WAL.truncateBefore(Math.max(1, WAL.durableLsn() - 100 * RECORDS_AT_ONCE));
        lastTaken = WAL.durableLsn() - RECORDS_AT_ONCE + 2;
      }
      return lastTaken - 1;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int ack(long lsn) {
    try {
      SUBSCRIPTION.ack(lsn);
      return SUBSCRIPTION.acked() >= lsn ? 1 : 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int append(long above) {
    try {
      long appended = WAL.append(new byte[8]);
      return appended > above && WAL.durableLsn() >= appended ? 1 : 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int read(long lsn) {
    try (Cursor cursor = WAL.read(lsn)) {
      return cursor.next() && cursor.lsn() == lsn ? 1 : 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Would catch an ack that returns before the write it went with, or goes with none.
  @JCStressTest
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "each holds when its call returns")
  @Outcome(expect = FORBIDDEN, desc = "an ack that returned does not hold")
  @State
  public static class AckHoldsWhenItReturns {
    private final long lsn = two();

    @Actor
    public void first(II_Result r) {
      r.r1 = ack(lsn);
    }

    @Actor
    public void second(II_Result r) {
      r.r2 = ack(lsn + 1);
    }
  }

  /// Would catch an ack that is overtaken by an older one.
  @JCStressTest
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "it stays or grows")
  @Outcome(expect = FORBIDDEN, desc = "it falls")
  @State
  public static class AckedNeverFalls {
    private final long lsn = two();

    @Actor
    public void acknowledging(II_Result r) {
      r.r1 = ack(lsn) & ack(lsn + 1);
    }

    @Actor
    public void reader(II_Result r) {
      long first = SUBSCRIPTION.acked();
      int holds = ack(lsn); // also from here: two at a time
      r.r2 = SUBSCRIPTION.acked() >= first ? holds : 0;
    }
  }

  /// Would catch a durable LSN that is shown before the record can be read, and an append that
  /// returns before its record is durable.
  @JCStressTest
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "durable means readable")
  @Outcome(expect = FORBIDDEN, desc = "not durable on return, or durable and not there")
  @State
  public static class DurableRecordIsReadable {
    private final long lsn = two();

    @Actor
    public void appender(II_Result r) {
      r.r1 = append(lsn);
    }

    @Actor
    public void reader(II_Result r) {
      r.r2 = read(WAL.durableLsn());
    }
  }
}
