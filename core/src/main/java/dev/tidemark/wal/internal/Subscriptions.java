package dev.tidemark.wal.internal;

import dev.tidemark.wal.SubscriptionStatus;
import dev.tidemark.wal.WalFailedException;
import dev.tidemark.wal.WalFullException;
import dev.tidemark.wal.storage.Host;
import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFullException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// All subscriptions of a log ([Standings]), and how they come, go and move durably. Safe for use
/// by any thread.
///
/// Acks are written block by block, and whatever changed in the meantime goes with the next write
/// ([SharedSync]). Names come and go with two writes, one to each copy of their block, so that no
/// damaged copy brings one back or takes one away.
///
/// Locks: the [LowWater]'s is taken before this one, never after.
final class Subscriptions {
  /// What is to be written next.
  private static final class Pending {
    final BitSet blocks = new BitSet();
    final List<Standing> moved = new ArrayList<>();
    final List<Growth> growths = new ArrayList<>();
    boolean twice;
  }

  /// One caller's wish for another block.
  private static final class Growth {
    @Nullable IOException refusal; // written by the leader before its turn is done
  }

  /// A subscription that was found or made.
  ///
  /// @param turn what makes it durable, or null if it is
  private record Entered(Standing standing, SharedSync.@Nullable Turn turn) {}

  private final SubscriptionFile file; // used by whoever leads a turn
  private final List<Long> generations = new ArrayList<>(); // owned by whoever leads a turn
  private final SharedSync sync;
  private final Runnable onMoved;

  // All below is guarded by this.
  private final Standings standings;
  private Pending pending = new Pending();

  /// @param found what recovery found, and made durable
  /// @param onMoved told on a thread of any caller, without a lock, when the smallest LSN needed
  ///   has risen
  Subscriptions(
      Storage storage,
      ManifestFile manifest,
      FoundSubscriptions found,
      Host host,
      Failure failure,
      Consumer<Throwable> fail,
      Runnable onMoved) {
    this.onMoved = onMoved;
    file = new SubscriptionFile(storage, manifest);
    boolean callersMayLead = storage.uninterruptible();
    sync =
        new SharedSync(host, failure, fail, callersMayLead, "tidemark-subscriptions", this::commit);
    standings = new Standings(found, manifest.current());
    for (SubscriptionBlock block : found.blocks()) {
      generations.add(block.generation() + 1); // SubscriptionFile.proveAgain wrote that too
    }
  }

  // ---- who there is

  /// Opens one, or makes it. The contract is `Wal.subscribe`.
  ///
  /// @param fromLsn where a new one begins, or 0 for the first LSN there is, and then one that
  ///   exists will do
  LogSubscription subscribe(OpenLog log, LowWater lowWater, String name, long fromLsn)
      throws IOException {
    Committer.checkStack(); // an overflow further on would fail the log
    Standing known = openKnown(SubscriptionName.checked(name), fromLsn);
    if (known != null) {
      return new LogSubscription(log, lowWater, this, known);
    }
    sync.start();
    while (true) {
      Entered entered = lowWater.holding(log, fromLsn, start -> enter(name, start, fromLsn));
      if (entered != null) {
        makeDurable(entered);
        return new LogSubscription(log, lowWater, this, entered.standing());
      }
      grow();
    }
  }

  private synchronized @Nullable Standing openKnown(String name, long fromLsn) {
    Standing known = standings.find(name);
    if (known == null) {
      return null;
    }
    if (known.open) {
      throw new IllegalStateException("subscription " + name + " is open already");
    }
    if (known.changing) {
      throw new IllegalStateException("subscription " + name + " is being removed");
    }
    if (fromLsn != 0) {
      throw new IllegalStateException(
          "subscription "
              + name
              + " exists and goes on behind LSN "
              + known.acked
              + "; subscribe without a start, or unsubscribe it first");
    }
    known.open = true;
    return known;
  }

  // Answers null if there is no slot for it.
  private synchronized @Nullable Entered enter(String name, long start, long fromLsn) {
    Standing known = openKnown(name, fromLsn); // somebody else may have made it meanwhile
    if (known != null) {
      return new Entered(known, null);
    }
    if (!standings.hasRoom()) {
      return null;
    }
    SharedSync.Turn turn = sync.join(); // first: it refuses if the log is closed or has failed
    Standing made = standings.add(name, start);
    changeTwice(made);
    return new Entered(made, turn);
  }

  private void changeTwice(Standing changed) {
    pending.blocks.set(changed.block);
    pending.twice = true;
  }

  private void makeDurable(Entered entered) throws WalFailedException {
    SharedSync.Turn turn = entered.turn();
    if (turn == null) {
      return;
    }
    try {
      sync.await(turn);
    } catch (Throwable e) {
      synchronized (this) {
        standings.disown(entered.standing());
      }
      throw e;
    }
    synchronized (this) {
      entered.standing().changing = false;
    }
  }

  private void grow() throws IOException {
    Growth growth = new Growth();
    SharedSync.Turn turn;
    synchronized (this) {
      if (standings.hasRoom()) {
        return;
      }
      if (standings.blockCount() >= SubscriptionBlock.MAX_BLOCKS) {
        throw new IllegalStateException(
            "there are " + standings.count() + " subscriptions, the most");
      }
      turn = sync.join();
      pending.growths.add(growth);
    }
    sync.await(turn);
    IOException refusal = growth.refusal;
    if (refusal instanceof StorageFullException) {
      throw new WalFullException(
          "no space for another subscription: " + refusal.getMessage(), refusal);
    }
    if (refusal != null) {
      throw refusal;
    }
  }

  /// Forgets one. The contract is `Wal.unsubscribe`.
  void unsubscribe(String name) throws IOException {
    Committer.checkStack();
    sync.start();
    Standing leaving;
    SharedSync.Turn turn;
    synchronized (this) {
      Standing known = standings.find(name);
      if (known == null) {
        throw new IllegalArgumentException("there is no subscription " + name);
      }
      if (known.open || known.changing) {
        throw new IllegalStateException(
            "subscription " + name + (known.open ? " is open; close it" : " is being removed"));
      }
      turn = sync.join();
      changeTwice(known);
      known.changing = true;
      leaving = known;
    }
    sync.await(turn);
    synchronized (this) {
      standings.remove(leaving);
    }
    onMoved.run();
  }

  /// Lets somebody else open it.
  synchronized void release(Standing standing) {
    standing.open = false;
  }

  /// {@return all but those that are not durable yet, by name}
  synchronized List<SubscriptionStatus> list(long durableLsn) {
    return standings.list(durableLsn);
  }

  // ---- what they need

  /// {@return whether there is none}
  synchronized boolean isEmpty() {
    return standings.count() == 0;
  }

  /// {@return the smallest LSN that any of them needs, [Long#MAX_VALUE] if there is none but such
  /// as were overtaken}
  synchronized long floorLsn() {
    return standings.floorLsn();
  }

  /// {@return whether any of them, overtaken before or not, needs something below an LSN}
  synchronized boolean anyNeeds(long below) {
    return standings.anyNeeds(below);
  }

  /// Says where the low-water mark is: who needs less was overtaken.
  synchronized void passed(long lsn) {
    standings.passed(lsn);
  }

  // ---- acks

  /// Acknowledges; the contract is `Subscription.ack`, apart from what needs the log.
  void ack(Standing standing, long lsn) throws WalFailedException {
    Committer.checkStack();
    sync.start();
    SharedSync.Turn turn;
    synchronized (this) {
      if (lsn <= standing.acked) {
        return;
      }
      turn =
          sync.join(); // also for an ack that is on its way already: it goes with this turn again
      standing.wanted = Math.max(standing.wanted, lsn);
      pending.blocks.set(standing.block);
      pending.moved.add(standing);
    }
    sync.await(turn);
  }

  // One turn, by whoever leads it.
  private void commit() throws IOException {
    Pending group;
    synchronized (this) {
      group = pending;
      pending = new Pending();
    }
    if (!group.growths.isEmpty()) {
      growNow(group.growths);
    }
    if (group.blocks.isEmpty()) {
      return; // it went with the turn before
    }
    for (int times = group.twice ? 2 : 1; times > 0; times--) {
      write(group.blocks);
    }
    if (publish(group.moved)) {
      onMoved.run();
    }
  }

  private void write(BitSet changed) throws IOException {
    for (int block = changed.nextSetBit(0); block >= 0; block = changed.nextSetBit(block + 1)) {
      long generation = generations.get(block) + 1;
      var target = file.begin(block, generation);
      synchronized (this) {
        for (Standing one : standings.block(block)) {
          boolean leaving = one != null && one.changing && !one.open;
          if (one != null && !leaving) {
            SubscriptionBlock.put(target, one.slot, one.nameBytes, one.wanted);
            one.written = one.wanted;
          }
        }
      }
      file.write(block, generation);
      generations.set(block, generation);
    }
    file.sync();
  }

  private synchronized boolean publish(List<Standing> moved) {
    return standings.publish(moved);
  }

  private void growNow(List<Growth> growths) throws IOException {
    synchronized (this) {
      if (standings.hasRoom()) {
        return; // a turn before this one did it
      }
    }
    IOException refusal = file.grow();
    if (refusal != null) {
      growths.forEach(growth -> growth.refusal = refusal);
      return;
    }
    generations.add(2L);
    synchronized (this) {
      standings.addBlock();
    }
  }

  // ---- the end

  /// Wakes everybody, after the failure was set.
  void wakeAll() {
    sync.wakeAll();
  }

  /// Takes no more acks, makes durable what was taken, and closes the file.
  ///
  /// @param nanos how long to wait for the disk
  /// @return whether nothing is under way any more
  boolean close(long nanos) throws IOException {
    boolean ended = sync.close(nanos);
    if (ended) {
      file.close();
    }
    return ended;
  }
}
