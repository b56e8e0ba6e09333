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
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// All subscriptions of a log: who they are, how far each has durably acknowledged, and the
/// smallest LSN any of them needs. Safe for use by any thread.
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
  private final Map<String, Standing> byName = new TreeMap<>();
  private final List<@Nullable Standing[]> blocks = new ArrayList<>();
  private final TreeSet<Integer> free = new TreeSet<>(); // block · 50 + slot
  private Pending pending = new Pending();
  private long passedLsn; // who needs less was overtaken, and holds nothing
  private long floorLsn; // the smallest LSN needed
  private int atFloor; // by how many

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
    take(found, manifest.current());
  }

  private synchronized void take(FoundSubscriptions found, Manifest log) {
    passedLsn = log.lowWaterLsn();
    for (SubscriptionBlock block : found.blocks()) {
      addBlock(block.generation());
      for (int slot = 0; slot < SubscriptionBlock.SLOTS; slot++) {
        SubscriptionBlock.Slot one = block.slots().get(slot);
        if (one != null) {
          long acked = FoundSubscriptions.isRaised(one.acked(), log) ? passedLsn - 1 : one.acked();
          take(new Standing(one.name(), block.index(), slot, acked));
        }
      }
    }
    recount();
  }

  // A name that stands twice, because damage brought an old copy back, keeps the older ack:
  // delivered twice is better than never.
  private void take(Standing found) {
    Standing other = byName.get(found.name);
    if (other != null && other.acked <= found.acked) {
      return;
    }
    if (other != null) {
      slots(other)[other.slot] = null;
      free.add(other.block * SubscriptionBlock.SLOTS + other.slot);
    }
    byName.put(found.name, found);
    slots(found)[found.slot] = found;
    free.remove(found.block * SubscriptionBlock.SLOTS + found.slot);
  }

  private void addBlock(long generation) {
    int first = blocks.size() * SubscriptionBlock.SLOTS;
    for (int slot = 0; slot < SubscriptionBlock.SLOTS; slot++) {
      free.add(first + slot);
    }
    blocks.add(new Standing[SubscriptionBlock.SLOTS]);
    generations.add(generation);
  }

  private @Nullable Standing[] slots(Standing of) {
    return blocks.get(of.block);
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
    Standing known = byName.get(name);
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
    Integer place = free.pollFirst();
    if (place == null) {
      return null;
    }
    int block = place / SubscriptionBlock.SLOTS;
    Standing made = new Standing(name, block, place % SubscriptionBlock.SLOTS, start - 1);
    made.open = true;
    made.changing = true;
    SharedSync.Turn turn = joinTwice(made);
    byName.put(name, made);
    slots(made)[made.slot] = made;
    recount();
    return new Entered(made, turn);
  }

  private SharedSync.Turn joinTwice(Standing changed) {
    SharedSync.Turn turn = sync.join();
    pending.blocks.set(changed.block);
    pending.twice = true;
    return turn;
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
        byName.remove(entered.standing().name);
        recount();
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
      if (!free.isEmpty()) {
        return;
      }
      if (blocks.size() >= SubscriptionBlock.MAX_BLOCKS) {
        throw new IllegalStateException("there are " + byName.size() + " subscriptions, the most");
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
      Standing known = byName.get(name);
      if (known == null) {
        throw new IllegalArgumentException("there is no subscription " + name);
      }
      if (known.open || known.changing) {
        throw new IllegalStateException(
            "subscription " + name + (known.open ? " is open; close it" : " is being removed"));
      }
      turn = joinTwice(known);
      known.changing = true;
      leaving = known;
    }
    sync.await(turn);
    synchronized (this) {
      byName.remove(name);
      slots(leaving)[leaving.slot] = null;
      free.add(leaving.block * SubscriptionBlock.SLOTS + leaving.slot);
      recount();
    }
    onMoved.run();
  }

  /// Lets somebody else open it.
  synchronized void release(Standing standing) {
    standing.open = false;
  }

  /// {@return all but those that are not durable yet, by name}
  synchronized List<SubscriptionStatus> list(long durableLsn) {
    List<SubscriptionStatus> all = new ArrayList<>();
    for (Standing one : byName.values()) {
      if (!one.changing || !one.open) {
        long acked = one.acked;
        all.add(new SubscriptionStatus(one.name, acked, Math.max(0, durableLsn - acked), one.open));
      }
    }
    return List.copyOf(all);
  }

  // ---- what they need

  /// {@return whether there is none}
  synchronized boolean isEmpty() {
    return byName.isEmpty();
  }

  /// {@return the smallest LSN that any of them needs, [Long#MAX_VALUE] if there is none but such
  /// as were overtaken}
  synchronized long floorLsn() {
    return floorLsn;
  }

  /// {@return whether any of them, overtaken before or not, needs something below an LSN}
  synchronized boolean anyNeeds(long below) {
    return byName.values().stream().anyMatch(one -> one.needs() < below);
  }

  /// Says where the low-water mark is: who needs less was overtaken.
  synchronized void passed(long lsn) {
    passedLsn = lsn;
    if (floorLsn < lsn) {
      recount();
    }
  }

  private void recount() {
    floorLsn = Long.MAX_VALUE;
    atFloor = 0;
    for (Standing one : byName.values()) {
      long needs = one.needs();
      if (needs >= passedLsn && needs <= floorLsn) {
        atFloor = needs == floorLsn ? atFloor + 1 : 1;
        floorLsn = needs;
      }
    }
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
        for (Standing one : blocks.get(block)) {
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
    long before = floorLsn;
    for (Standing one : moved) {
      long needed = one.needs();
      if (one.written > one.acked) {
        one.acked = one.written;
        if (needed < passedLsn || (needed == floorLsn && --atFloor == 0)) {
          recount();
        }
      }
    }
    return floorLsn != before; // up, or one that was overtaken counts again
  }

  private void growNow(List<Growth> growths) throws IOException {
    synchronized (this) {
      if (!free.isEmpty()) {
        return; // a turn before this one did it
      }
    }
    IOException refusal = file.grow();
    if (refusal != null) {
      growths.forEach(growth -> growth.refusal = refusal);
      return;
    }
    synchronized (this) {
      addBlock(2);
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
