package dev.tidemark.wal.internal;

import dev.tidemark.wal.SubscriptionStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Which subscriptions there are, in which slot of which block each stands, and the smallest LSN
/// any of them needs. Writes nothing.
///
/// Guarded, with the [Standing]s in it, by the [Subscriptions] it belongs to.
final class Standings {
  private final Map<String, Standing> byName = new TreeMap<>();
  private final List<@Nullable Standing[]> blocks = new ArrayList<>();
  private final TreeSet<Integer> free = new TreeSet<>(); // block · 50 + slot
  private long passedLsn; // who needs less was overtaken, and holds nothing
  private long floorLsn; // the smallest LSN needed
  private int atFloor; // by how many

  /// @param found what recovery found, and made durable
  /// @param log its low-water mark
  Standings(FoundSubscriptions found, Manifest log) {
    passedLsn = log.lowWaterLsn();
    for (SubscriptionBlock block : found.blocks()) {
      addBlock();
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
      vacate(other);
    }
    byName.put(found.name, found);
    slots(found)[found.slot] = found;
    free.remove(found.block * SubscriptionBlock.SLOTS + found.slot);
  }

  private void vacate(Standing leaving) {
    slots(leaving)[leaving.slot] = null;
    free.add(leaving.block * SubscriptionBlock.SLOTS + leaving.slot);
  }

  private @Nullable Standing[] slots(Standing of) {
    return blocks.get(of.block);
  }

  // ---- who there is

  /// Adds a block of free slots.
  void addBlock() {
    int first = blocks.size() * SubscriptionBlock.SLOTS;
    for (int slot = 0; slot < SubscriptionBlock.SLOTS; slot++) {
      free.add(first + slot);
    }
    blocks.add(new Standing[SubscriptionBlock.SLOTS]);
  }

  /// {@return how many blocks there are}
  int blockCount() {
    return blocks.size();
  }

  /// {@return whether there is a free slot}
  boolean hasRoom() {
    return !free.isEmpty();
  }

  /// {@return the slots of a block; null where one is free}
  @Nullable Standing[] block(int index) {
    return blocks.get(index);
  }

  /// {@return how many there are}
  int count() {
    return byName.size();
  }

  /// {@return the one of a name, or null}
  @Nullable Standing find(String name) {
    return byName.get(name);
  }

  /// Makes one, open and changing until it is durable. There must be room.
  ///
  /// @param start the first LSN it needs
  Standing add(String name, long start) {
    Integer place = free.pollFirst();
    if (place == null) {
      throw new NoSuchElementException("no slot is free for subscription " + name);
    }
    int block = place / SubscriptionBlock.SLOTS;
    Standing made = new Standing(name, block, place % SubscriptionBlock.SLOTS, start - 1);
    made.open = true;
    made.changing = true;
    byName.put(name, made);
    slots(made)[made.slot] = made;
    recount();
    return made;
  }

  /// Forgets the name of one that nobody knows to be on disk; its slot is not given to another.
  void disown(Standing made) {
    byName.remove(made.name);
    recount();
  }

  /// Forgets one that is no longer on disk.
  void remove(Standing leaving) {
    byName.remove(leaving.name);
    vacate(leaving);
    recount();
  }

  /// {@return all but those that are not durable yet, by name}
  List<SubscriptionStatus> list(long durableLsn) {
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

  /// {@return the smallest LSN that any of them needs, [Long#MAX_VALUE] if there is none but such
  /// as were overtaken}
  long floorLsn() {
    return floorLsn;
  }

  /// {@return whether any of them, overtaken before or not, needs something below an LSN}
  boolean anyNeeds(long below) {
    return byName.values().stream().anyMatch(one -> one.needs() < below);
  }

  /// Says where the low-water mark is: who needs less was overtaken.
  void passed(long lsn) {
    passedLsn = lsn;
    if (floorLsn < lsn) {
      recount();
    }
  }

  /// Takes over the acks that were written.
  ///
  /// @return whether the smallest LSN needed is another now: up, or one that was overtaken counts
  ///   again
  boolean publish(List<Standing> moved) {
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
    return floorLsn != before;
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
}
