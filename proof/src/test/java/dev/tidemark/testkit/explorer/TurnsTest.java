package dev.tidemark.testkit.explorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Every order with so many changes comes once, and none with more.
class TurnsTest {
  private static List<List<Integer>> orders(int changes, int... bounds) {
    Turns turns = new Turns(changes);
    List<List<Integer>> orders = new ArrayList<>();
    do {
      List<Integer> order = new ArrayList<>();
      for (int bound : bounds) {
        order.add(turns.applyAsInt(bound));
      }
      orders.add(order);
    } while (turns.next());
    return orders;
  }

  @Test
  void thePlainestIsTheOnlyOneWithoutChanges() {
    assertThat(orders(0, 2, 3, 2)).containsExactly(List.of(0, 0, 0));
  }

  @Test
  void eachOrderWithOneChangeComesOnce() {
    assertThat(orders(1, 2, 3, 2))
        .containsExactlyInAnyOrder(
            List.of(0, 0, 0),
            List.of(1, 0, 0),
            List.of(0, 1, 0),
            List.of(0, 2, 0),
            List.of(0, 0, 1));
  }

  @Test
  void withAsManyChangesAsPlacesEveryOrderComesOnce() {
    List<List<Integer>> all = orders(4, 2, 3, 2, 3);
    Set<List<Integer>> different = new HashSet<>(all);
    assertThat(all).hasSize(2 * 3 * 2 * 3);
    assertThat(different).hasSameSizeAs(all);
  }

  @Test
  void runThatDoesNotRepeatItselfIsReported() {
    Turns turns = new Turns(1);
    turns.applyAsInt(2);
    turns.applyAsInt(3);
    assertThat(turns.next()).isTrue(); // to differ at the second turn
    assertThatThrownBy(() -> turns.applyAsInt(3))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("turn 0 is among 3, and was among 2");
  }
}
