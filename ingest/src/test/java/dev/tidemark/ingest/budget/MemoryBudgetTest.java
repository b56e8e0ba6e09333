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
  void rowsTakeWhatBodiesLeaveAndBodiesWhatRowsLeave() {
    budget.rows(() -> 6 * MIB);
    assertThat(budget.takeForBody(MIB, 0)).isTrue();
    assertThat(budget.takeForBody(2 * MIB, 0)).isFalse();
    assertThat(budget.fitsRows(7 * MIB)).isTrue();
    assertThat(budget.fitsRows(7 * MIB + 1)).isFalse();
  }

  @Test
  void whereRowsTakeEverythingNotEvenABodyAloneIsLetIn() {
    budget.rows(() -> 8 * MIB);
    assertThat(budget.takeForBody(1, 0)).isFalse();
    assertThat(budget.bodyBytes()).isZero();
  }

  @Test
  void rowsNeverTakeMoreThanOneArrayOfTextHolds() {
    MemoryBudget large = new MemoryBudget(100L << 30);
    assertThat(large.rowLimitBytes()).isEqualTo(1 << 30);
    assertThat(large.fitsRows(1 << 30)).isTrue();
    assertThat(large.fitsRows((1L << 30) + 1)).isFalse();
  }

  @Test
  void aBudgetThatIsTooSmallIsNamed() {
    assertThatThrownBy(() -> new MemoryBudget(65_535)).hasMessageContaining("65535");
  }
}
