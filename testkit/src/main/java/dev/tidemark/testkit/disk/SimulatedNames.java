package dev.tidemark.testkit.disk;

import dev.tidemark.testkit.disk.Crash.Fate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/// The directory of a [SimulatedDisk]: the names that are seen, those a power cut leaves, and the
/// changes between the two. Guarded by the disk.
final class SimulatedNames {
  /// A change of names that is not durable yet.
  private record Change(long sequence, @Nullable String gone, @Nullable String come, Inode inode) {
    @Override
    public String toString() {
      return gone == null ? "create " + come : come == null ? "delete " + gone : gone + " " + come;
    }
  }

  private final Map<String, Inode> seen = new TreeMap<>();
  private final Map<String, Inode> durable = new TreeMap<>();
  private final List<Change> unsynced = new ArrayList<>();

  @Nullable Inode find(String name) {
    return seen.get(name);
  }

  List<String> list() {
    return new ArrayList<>(seen.keySet());
  }

  /// {@return the bytes of all files together, each counted once}
  long usedBytes() {
    return seen.values().stream().distinct().mapToLong(Inode::size).sum();
  }

  void add(long sequence, String name, Inode inode) {
    change(new Change(sequence, null, name, inode));
  }

  void rename(long sequence, String from, String to, Inode inode) {
    change(new Change(sequence, from, to, inode));
  }

  void remove(long sequence, String name, Inode inode) {
    change(new Change(sequence, name, null, inode));
  }

  /// Adds a name, durable at once.
  void addDurably(String name, Inode inode) {
    seen.put(name, inode);
    durable.put(name, inode);
  }

  void sync() {
    unsynced.clear();
    durable.clear();
    durable.putAll(seen);
  }

  /// {@return all operations that are not durable, files' and names', in no order}
  List<Pending> pending() {
    List<Pending> all = new ArrayList<>();
    Map<Inode, String> files = new HashMap<>();
    durable.forEach((name, inode) -> files.put(inode, name));
    unsynced.forEach(change -> files.putIfAbsent(change.inode, change.toString()));
    files.forEach((inode, name) -> inode.pending(all, name));
    for (Change change : unsynced) {
      all.add(new Pending(change.sequence, change.toString(), -1, 0));
    }
    return all;
  }

  /// {@return a hash of all names and bytes that are durable}
  long durableHash() {
    long hash = durable.size();
    for (Map.Entry<String, Inode> entry : durable.entrySet()) {
      hash = Image.mixed(hash ^ entry.getKey().hashCode());
      hash = Image.mixed(hash ^ entry.getValue().durableHash());
    }
    return hash;
  }

  /// {@return what a crash leaves: copies of the files under the names they then have}
  ///
  /// @param fates what becomes of the operation with a sequence number
  SimulatedNames after(Crash crash, LongFunction<Fate> fates) {
    Map<String, Inode> left = new TreeMap<>(durable);
    List<Change> stillUnsynced = new ArrayList<>();
    for (Change change : unsynced) {
      if (crash.isPowerCut()) {
        arrive(change, fates.apply(change.sequence), left);
      } else {
        stillUnsynced.add(change);
      }
    }
    SimulatedNames next = new SimulatedNames();
    Map<Inode, Inode> copies = new HashMap<>(); // an inode equals itself alone
    left.forEach(
        (name, inode) ->
            next.addDurably(name, copies.computeIfAbsent(inode, each -> each.after(crash, fates))));
    for (Change change : stillUnsynced) {
      Inode copy = copies.computeIfAbsent(change.inode, each -> each.after(crash, fates));
      next.change(new Change(change.sequence, change.gone, change.come, copy));
    }
    return next;
  }

  // A torn rename leaves both names.
  private static void arrive(Change change, Fate fate, Map<String, Inode> names) {
    if (fate.isTorn() && change.come != null) {
      names.put(change.come, change.inode);
    } else if (fate.kept()) {
      apply(change, names);
    }
  }

  private void change(Change change) {
    apply(change, seen);
    unsynced.add(change);
  }

  private static void apply(Change change, Map<String, Inode> names) {
    if (change.gone != null) {
      names.remove(change.gone, change.inode);
    }
    if (change.come != null) {
      names.put(change.come, change.inode);
    }
  }
}
