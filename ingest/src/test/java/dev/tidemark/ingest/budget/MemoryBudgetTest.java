package dev.tidemark.ingest.budget;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/// Who gets memory and who does not.
final class MemoryBudgetTest {
  private static final long MIB = 1 << 20;

  private final MemoryBudget budget = new MemoryBudget(8 * MIB);

  @Test
  void bodiesTogetherTakeHalf() {
    assertThat(budget.takeForBody(3 * MIB, 0)).isTrue();
    assertThat(budget.takeForBody(2 * MIB, 0)).isFalse();
    assertThat(budget.takeForBody(MIB, 0)).isTrue();
    assertThat(budget.takeForBody(1, 0)).isFalse();
    budget.giveFromBody(MIB);
    assertThat(budget.takeForBody(1, 0)).isTrue();
    assertThat(budget.usedBytes()).isEqualTo(3 * MIB + 1);
  }

  @Test
  void aBodyThatIsAloneMayGrowBeyondThat() {
    assertThat(budget.takeForBody(4 * MIB, 0)).isTrue();
    assertThat(budget.takeForBody(5 * MIB, 4 * MIB)).isTrue();
    assertThat(budget.takeForBody(1, 0)).isFalse();
    assertThat(budget.bodyBytes()).isEqualTo(9 * MIB);
  }

  @Test
  void rowsHaveTheOtherHalfWhateverBodiesTake() {
    budget.rows(() -> 6 * MIB);
    assertThat(budget.rowLimitBytes()).isEqualTo(4 * MIB);
    assertThat(budget.takeForBody(4 * MIB, 0)).isTrue();
    assertThat(budget.usedBytes()).isEqualTo(10 * MIB);
  }

  @Test
  void rowsNeverTakeMoreThanOneArrayOfTextHolds() {
    assertThat(new MemoryBudget(100L << 30).rowLimitBytes()).isEqualTo(1 << 30);
  }

  @Test
  void aBudgetThatIsTooSmallIsNamed() {
    assertThatThrownBy(() -> new MemoryBudget(65_535)).hasMessageContaining("65535");
  }
}
