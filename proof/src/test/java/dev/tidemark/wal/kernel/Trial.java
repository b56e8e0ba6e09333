package dev.tidemark.wal.kernel;

import dev.tidemark.wal.Wal;
import dev.tidemark.wal.internal.Child;
import dev.tidemark.wal.storage.Host;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/// Logs that live through one blow after the other: a program works, is struck at a random moment,
/// perhaps another is struck while it recovers; then the log is opened here and held against all
/// that was said. For one thread.
final class Trial {
  private static final int LIVES_OF_A_LOG = 6;
  private static final int MOST_ACKS = 200;
  private static final long FIRST_GUESS_NANOS = 60_000_000;
  private static final long CLOSE_NANOS = 8_000_000;

  // What only the page cache holds is found by the recovery, and must not be lost behind it.
  private static final String KILLS_BEFORE_A_CUT = "kills before a power cut";

  private enum Moment {
    OPENING,
    WORKING,
    CLOSING
  }

  private final Blow blow;
  private final String policy;
  private final String access;
  private final Random random;
  private final Tally tally;
  private Ledger ledger;
  private Path log; // never used again under this name: what was removed may come back with a cut
  private int lives;
  private long openNanos = FIRST_GUESS_NANOS; // about how long it takes a program

  /// @param policy as [WorkingProgram#options] knows it
  /// @param access as [WorkingProgram#storage] knows it
  /// @param tally takes the counts
  Trial(Blow blow, String policy, String access, long seed, Tally tally) {
    this.blow = blow;
    this.policy = policy;
    this.access = access;
    this.tally = tally;
    random = new Random(seed);
    ledger = new Ledger(tally);
    log = newLog();
  }

  private Path newLog() {
    return blow.root().resolve("log-" + Long.toHexString(random.nextLong()));
  }

  /// One life of a log, and its recovery.
  void round() throws IOException, InterruptedException {
    if (lives++ == LIVES_OF_A_LOG) {
      RealDisk.remove(log);
      log = newLog();
      lives = 1;
      ledger = new Ledger(tally);
    }
    int of8 = random.nextInt(8);
    Moment moment = of8 == 0 ? Moment.CLOSING : of8 == 1 ? Moment.OPENING : Moment.WORKING;
    String crew = random.nextInt(4) == 0 ? "alone" : "crew";
    live(lives == 1 && random.nextInt(3) == 0 ? Moment.OPENING : moment, crew);
    while (random.nextInt(4) == 0) {
      live(Moment.OPENING, "none");
    }
    recover();
  }

  private void live(Moment moment, String crew) throws IOException, InterruptedException {
    long life = random.nextLong();
    boolean powerStays = blow.strikesHere() && random.nextInt(4) == 0;
    String struck = powerStays ? KILLS_BEFORE_A_CUT : blow.counted();
    try (Child child =
        Child.of(WorkingProgram.class, log.toString(), policy, access, Long.toString(life), crew)) {
      Heard heard = ledger.listen(child, life);
      awaitMoment(moment, child, heard);
      if (!heard.isClosing()) {
        heard.checkHealthy();
      }
      if (!powerStays) {
        blow.strike(child, random);
        if (blow.strikesHere() && moment == Moment.WORKING && random.nextInt(3) == 0) {
          heard.await("the log finds out", () -> heard.failed);
        }
      }
      child.kill();
      heard.awaitEnd();
      int _ = child.exitCode();
      tally.count(struck + " " + when(heard, crew));
    }
    tally.count(struck);
    if (!powerStays) {
      blow.recover();
    }
  }

  private void awaitMoment(Moment moment, Child child, Heard heard) throws InterruptedException {
    heard.await("it begins", () -> heard.opening);
    if (moment == Moment.OPENING) {
      LockSupport.parkNanos(random.nextLong(openNanos));
      return;
    }
    long begun = System.nanoTime();
    heard.await("it has opened the log", () -> heard.open);
    openNanos = (3 * openNanos + System.nanoTime() - begun) / 4 + 1;
    int acks = 1 + random.nextInt(MOST_ACKS);
    heard.await("it has worked", () -> heard.acks.size() >= acks);
    if (policy.equals("async")) { // long enough for what is bounded by a time
      LockSupport.parkNanos(random.nextLong(3 * WorkingProgram.MAX_DELAY.toNanos()));
    }
    if (moment == Moment.CLOSING) {
      child.tell("close");
      heard.await("it closes", () -> heard.closing);
      LockSupport.parkNanos(random.nextLong(CLOSE_NANOS));
    }
  }

  private static String when(Heard heard, String crew) {
    if (!heard.open) {
      return "while a log is opened";
    }
    if (heard.closing) {
      return heard.closed ? "after a log was closed" : "while a log is closed";
    }
    return crew.equals("none") ? "right after a log was opened" : "while a log is appended to";
  }

  private void recover() throws IOException {
    Picture first;
    boolean struck = false;
    Wal wal = open();
    try {
      first = ledger.check(wal, blow.loss(policy));
      if (blow.strikesHere()) {
        blow.strikeHere(random);
        struck = true;
        tally.count(blow.counted());
        tally.count(blow.counted() + " right after a log was opened");
      }
    } finally {
      close(wal, struck);
    }
    blow.recover();
    try (Wal again = open()) {
      first.checkSame(Picture.of(again));
    }
  }

  private static void close(Wal wal, boolean struck) throws IOException {
    try {
      wal.close();
    } catch (IOException e) {
      if (!struck) {
        throw e;
      }
    }
  }

  private Wal open() throws IOException {
    return Wal.open(
        WorkingProgram.storage(log, access), Host.system(), WorkingProgram.options(policy));
  }

  @Override
  public String toString() {
    return policy + ", " + access;
  }
}
