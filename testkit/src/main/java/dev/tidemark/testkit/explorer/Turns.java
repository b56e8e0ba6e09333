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
  private List<Integer> prefixBounds =
      List.of(); // and among how many, if it repeats the one before
  private int changes;

  /// @param mostChanges at how many places at most
  Turns(int mostChanges) {
    this.mostChanges = mostChanges;
  }

  /// @throws IllegalStateException if the run is not repeatable: up to the place where it is to
  ///   differ from the one before, it already differs
  @Override
  public int applyAsInt(int bound) {
    int at = taken.size();
    if (at < prefixBounds.size() && bound != prefixBounds.get(at)) {
      throw new IllegalStateException(
          "turn " + at + " is among " + bound + ", and was among " + prefixBounds.get(at));
    }
    int choice = at < prefix.size() ? prefix.get(at) : 0;
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
        prefixBounds = new ArrayList<>(bounds.subList(0, at + 1));
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
