package dev.tidemark.wal.kernel;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tidemark.wal.Batch;
import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.RecoveryReport;
import dev.tidemark.wal.Refusals;
import dev.tidemark.wal.Stall;
import dev.tidemark.wal.SyncPolicy;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalEvents;
import dev.tidemark.wal.WalFailedException;
import dev.tidemark.wal.WalFullException;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.storage.FileStorage;
import dev.tidemark.wal.storage.Host;
import dev.tidemark.wal.storage.Storage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.LockSupport;

/// The program that is killed, or whose disk loses its power, while it does everything with a log
/// that can be done: several threads append in every way, another one does the rest. It says what
/// was acknowledged to it, and what it is about to ask for, a line each:
///
/// | line | says |
/// |---|---|
/// | `opening`, `open LAST FIRST` | before and after, with the last and first LSN |
/// | `ack WRITER OP LSN BEFORE AFTER` | an operation is acknowledged; its last LSN, and by the clock of [System#nanoTime()] a moment before it was begun and one after the ack |
/// | `durable LSN` | was synced on request |
/// | `acking NAME LSN`, `acked NAME LSN` | a subscription |
/// | `dropping LSN`, `dropped FIRST`, `kept` | a truncation; the first LSN afterwards; or that it was refused |
/// | `checking LSN`, `checked LSN` | a checkpoint |
/// | `closing`, `closed` | after it was told `close` |
/// | `failed`, `refused`, `stopped` | a thread was answered that the log has failed, has no space, is closed |
public final class WorkingProgram {
  /// So many appends of one thread are under way at most.
  static final int MOST_UNDER_WAY = 24;

  /// The writer that waits for each record before it appends the next, and works alone in a program
  /// that has only one.
  static final int LONE = 0;

  /// The writer whose appends do not wait; all others do.
  static final int NOT_WAITING = 3;

  /// The bound of the policy `async`.
  static final Duration MAX_DELAY = Duration.ofMillis(100);

  private final Wal wal;
  private final long life;
  private final boolean calm;
  private volatile boolean closing; // set once

  // Half of the lives with `async` sync as seldom as they may: others ask for it all the time.
  private WorkingProgram(Wal wal, long life, String policy) {
    this.wal = wal;
    this.life = life;
    calm = policy.equals("async") && life % 2 == 0;
  }

  private static final class Quiet implements WalEvents {
    @Override
    public void recovered(String log, RecoveryReport report) {}

    @Override
    public void stalled(String log, Stall stall) {}

    @Override
    public void stallEnded(String log, Stall stall) {}

    @Override
    public void refused(String log, Refusals refusals) {}

    @Override
    public void failed(String log, WalFailedException failure) {}
  }

  /// {@return small segments, so that much happens in little time}
  ///
  /// @param policy `fsync`, `fdatasync` or `async`
  static WalOptions options(String policy) {
    SyncPolicy sync =
        switch (policy) {
          case "fsync" -> SyncPolicy.fsync();
          case "async" -> SyncPolicy.async(MAX_DELAY);
          default -> SyncPolicy.fdatasync();
        };
    return WalOptions.builder()
        .segmentBytes(policy.equals("async") ? 1 << 20 : 64 << 10) // sealing one syncs it
        .stagingBytes(32 << 10)
        .maxBatchBytes(1 << 20)
        .sync(sync)
        .events(new Quiet())
        .build();
  }

  /// {@return how the files are reached}
  ///
  /// @param access `native` or `portable`
  static Storage storage(Path directory, String access) throws IOException {
    return access.equals("portable")
        ? FileStorage.openPortable(directory)
        : FileStorage.open(directory);
  }

  /// Works until it is killed or told to close.
  ///
  /// @param arguments directory, sync policy, access, number of this life, and `alone` for one
  ///   thread that appends, `crew` for all, `none` for nobody
  public static void main(String[] arguments) throws Exception {
    Spoken.say("opening");
    try {
      Wal wal =
          Wal.open(
              storage(Path.of(arguments[0]), arguments[2]), Host.system(), options(arguments[1]));
      Spoken.say("open " + wal.recovery().lastLsn() + " " + wal.firstLsn());
      new WorkingProgram(wal, Long.parseLong(arguments[3]), arguments[1]).live(arguments[4]);
    } catch (CorruptWalException e) {
      Spoken.broken(e);
    } catch (IOException e) { // of a disk that has no power any more
      Spoken.say("failed");
    }
  }

  private void live(String crew) throws IOException, InterruptedException {
    List<Thread> all = new ArrayList<>();
    if (!crew.equals("none")) {
      all.add(Thread.ofPlatform().start(() -> append(LONE)));
    }
    if (crew.equals("crew")) {
      all.add(Thread.ofPlatform().start(() -> append(1)));
      all.add(Thread.ofVirtual().start(() -> append(2)));
      all.add(Thread.ofPlatform().start(() -> append(NOT_WAITING)));
      all.add(Thread.ofPlatform().start(this::own));
    }
    try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8))) {
      String _ = in.readLine();
    }
    closing = true;
    Spoken.say("closing");
    wal.close();
    for (Thread thread : all) {
      thread.join();
    }
    Spoken.say("closed");
  }

  private interface Task {
    void run() throws IOException;
  }

  /// {@return whether it is worth going on}
  private boolean done(Task task) {
    try {
      task.run();
      return true;
    } catch (WalFailedException e) {
      Spoken.say("failed");
    } catch (WalFullException e) {
      Spoken.say("refused");
      LockSupport.parkNanos(1_000_000);
      return !closing;
    } catch (IOException e) { // what is not part of appending fails by itself when the disk does
      Spoken.say("failed");
    } catch (IllegalStateException e) {
      Spoken.say("stopped");
      if (!closing) {
        throw e;
      }
    } catch (CompletionException e) {
      Spoken.say("failed");
    }
    return false;
  }

  private void append(int writer) {
    try {
      Task step = writer == NOT_WAITING ? new Burst() : new Waiting(writer);
      while (done(step)) {
        // until it is killed, or the log fails
      }
    } catch (Throwable e) {
      Spoken.broken(e);
    }
  }

  private void own() {
    try {
      Owner owner = new Owner(wal, life, calm);
      while (done(owner::step)) {
        LockSupport.parkNanos(owner.pauseNanos());
      }
    } catch (Throwable e) {
      Spoken.broken(e);
    }
  }

  private final class Waiting implements Task {
    private final int writer;
    private int op;

    Waiting(int writer) {
      this.writer = writer;
    }

    @Override
    public void run() throws IOException {
      int count = Work.count(life, writer, op);
      Batch batch = count == 1 ? null : Work.batch(life, writer, op);
      byte[] record = Work.record(new Work.Id(life, writer, op, 0));
      long before = System.nanoTime();
      long lsn = batch == null ? wal.append(record) : wal.append(batch);
      Spoken.acknowledged(writer, op, lsn, before);
      op++;
    }
  }

  private final class Burst implements Task {
    private int op;

    @Override
    public void run() throws IOException {
      List<CompletableFuture<Void>> told = new ArrayList<>();
      try {
        for (int i = 0; i < MOST_UNDER_WAY; i++) {
          int which = op;
          byte[] record = Work.record(new Work.Id(life, NOT_WAITING, which, 0));
          if (Work.count(life, NOT_WAITING, which) > 1) { // there is no batch that does not wait
            long before = System.nanoTime();
            long lsn = wal.append(Work.batch(life, NOT_WAITING, which));
            Spoken.acknowledged(NOT_WAITING, which, lsn, before);
          } else {
            long before = System.nanoTime();
            told.add(
                wal.appendAsync(MemorySegment.ofArray(record))
                    .thenAccept(lsn -> Spoken.acknowledged(NOT_WAITING, which, lsn, before)));
          }
          op++; // it has its LSN
        }
      } finally {
        CompletableFuture.allOf(told.toArray(CompletableFuture[]::new)).join();
      }
    }
  }
}
