package dev.tidemark.wal.kernel;

import dev.tidemark.wal.Subscription;
import dev.tidemark.wal.Wal;
import java.io.IOException;
import java.util.Random;

/// The thread of [WorkingProgram] that does with a log what is not appending.
final class Owner {
  /// Whose acks hold the low-water mark.
  static final String[] NAMES = {"red", "blue"};

  private final Wal wal;
  private final Random random;
  private final boolean calm;

  /// @param calm whether it asks seldom for anything
  Owner(Wal wal, long life, boolean calm) {
    this.wal = wal;
    random = new Random(life);
    this.calm = calm;
  }

  long pauseNanos() {
    return calm ? random.nextInt(400_000_000) : random.nextInt(4_000_000);
  }

  void step() throws IOException {
    switch (random.nextInt(12)) {
      case 0, 1 -> wal.rotate();
      case 2, 3 -> Spoken.say("durable " + wal.sync());
      case 4 -> awaitDurable();
      case 5, 6, 7 -> ack(NAMES[random.nextInt(NAMES.length)]);
      case 8 -> checkpoint();
      default -> truncate();
    }
  }

  private void awaitDurable() throws IOException {
    long lsn = wal.lastLsn();
    wal.awaitDurable(lsn);
    Spoken.say("durable " + lsn);
  }

  // Not far behind, so that the mark can rise.
  private void ack(String name) throws IOException {
    try (Subscription subscription = wal.subscribe(name)) {
      long durable = wal.durableLsn();
      long lsn = Math.max(subscription.acked(), durable - random.nextInt(50));
      if (lsn <= durable) {
        Spoken.say("acking " + name + " " + lsn);
        subscription.ack(lsn);
        Spoken.say("acked " + name + " " + lsn);
      }
    }
  }

  private void checkpoint() throws IOException {
    long lsn = wal.lastLsn();
    Spoken.say("checking " + lsn);
    wal.checkpoint(lsn, target -> target.write(Work.snapshot(lsn)));
    Spoken.say("checked " + lsn);
  }

  // Never beyond the checkpoint that is kept, which is the one before the newest at the least.
  private void truncate() throws IOException {
    long lsn = Math.max(1, wal.durableLsn() - random.nextInt(200));
    Spoken.say("dropping " + lsn);
    try {
      wal.truncateBefore(lsn);
    } catch (IllegalArgumentException beyondTheCheckpoint) {
      Spoken.say("kept");
      return;
    }
    Spoken.say("dropped " + wal.firstLsn());
  }
}
