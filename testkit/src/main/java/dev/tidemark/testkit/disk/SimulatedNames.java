package dev.tidemark.testkit.disk;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The directory of a [SimulatedDisk]: the names that are seen, those a power cut leaves, and the
/// changes between the two. Guarded by the storage.
final class SimulatedNames {
  /// A change of names that is not durable yet.
  private record Change(@Nullable String gone, @Nullable String come, Inode inode) {}

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

  void add(String name, Inode inode) {
    change(new Change(null, name, inode));
  }

  void rename(String from, String to, Inode inode) {
    change(new Change(from, to, inode));
  }

  void remove(String name, Inode inode) {
    change(new Change(name, null, inode));
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

  /// {@return what a crash leaves: copies of the files under the names they then have}
  SimulatedNames after(Crash crash) {
    Map<String, Inode> left = new TreeMap<>(durable);
    List<Change> stillUnsynced = new ArrayList<>();
    for (Change change : unsynced) {
      if (!crash.isPowerCut()) {
        stillUnsynced.add(change);
      } else if (crash.keepsName()) {
        apply(change, left);
      }
    }
    SimulatedNames next = new SimulatedNames();
    Map<Inode, Inode> copies = new HashMap<>(); // an inode equals itself alone
    left.forEach(
        (name, inode) ->
            next.addDurably(name, copies.computeIfAbsent(inode, each -> each.after(crash))));
    for (Change change : stillUnsynced) {
      Inode copy = copies.computeIfAbsent(change.inode, each -> each.after(crash));
      next.change(new Change(change.gone, change.come, copy));
    }
    return next;
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
