package dev.tidemark.testkit.explorer;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;

/// Goes through all orders in which threads may take turns that differ from the plainest one, in
/// which whoever runs goes on until it waits and the oldest comes next, at so many places at most.
/// One run at a time, by one thread.
final class Turns implements IntUnaryOperator {
  private final int mostChanges;
  private final List<Integer> taken = new ArrayList<>(); // of this run, what was chosen
  private final List<Integer> bounds = new ArrayList<>(); // of this run, among how many
  private List<Integer> prefix = List.of(); // what this run has to begin with
  private int changes;

  /// @param mostChanges at how many places at most
  Turns(int mostChanges) {
    this.mostChanges = mostChanges;
  }

  @Override
  public int applyAsInt(int bound) {
    int at = taken.size();
    int choice = at < prefix.size() ? Math.min(prefix.get(at), bound - 1) : 0;
    changes += choice == 0 ? 0 : 1;
    taken.add(choice);
    bounds.add(bound);
    return choice;
  }

  /// Begins the next run.
  ///
  /// @return whether there is one
  boolean next() {
    for (int at = taken.size() - 1; at >= 0; at--) {
      changes -= taken.get(at) == 0 ? 0 : 1;
      if (taken.get(at) + 1 < bounds.get(at) && changes < mostChanges) {
        prefix = new ArrayList<>(taken.subList(0, at));
        prefix.add(taken.get(at) + 1);
        begin();
        return true;
      }
    }
    return false;
  }

  private void begin() {
    taken.clear();
    bounds.clear();
    changes = 0;
  }
}
