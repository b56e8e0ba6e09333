package dev.tidemark.ingest.lineprotocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PrecisionTest {
  @ParameterizedTest
  @CsvSource({"ns,NANOSECONDS", "us,MICROSECONDS", "ms,MILLISECONDS", "s,SECONDS"})
  void fourWordsAreOfEveryDialect(String word, Precision precision) {
    assertThat(Precision.of(word)).contains(precision);
    assertThat(Precision.ofV1(word)).contains(precision);
  }

  @ParameterizedTest
  @CsvSource({"n,NANOSECONDS", "u,MICROSECONDS", "m,MINUTES", "h,HOURS"})
  void fourWordsAreOfTheOlderDialectOnly(String word, Precision precision) {
    assertThat(Precision.of(word)).isEmpty();
    assertThat(Precision.ofV1(word)).contains(precision);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "NS", "S", "sec", "d", "ns ", "\u00b5s", "minutes"})
  void anythingElseIsNoPrecision(String word) {
    assertThat(Precision.of(word)).isEmpty();
    assertThat(Precision.ofV1(word)).isEmpty();
  }

  @Test
  void unitsAreConverted() {
    assertThat(Precision.NANOSECONDS.toNanos(-7)).isEqualTo(-7);
    assertThat(Precision.MICROSECONDS.toNanos(7)).isEqualTo(7_000);
    assertThat(Precision.MILLISECONDS.toNanos(7)).isEqualTo(7_000_000);
    assertThat(Precision.SECONDS.toNanos(7)).isEqualTo(7_000_000_000L);
    assertThat(Precision.MINUTES.toNanos(7)).isEqualTo(420_000_000_000L);
    assertThat(Precision.HOURS.toNanos(-7)).isEqualTo(-25_200_000_000_000L);
  }

  @ParameterizedTest
  @EnumSource
  void theLargestMomentOfEachUnitFitsAndTheNextDoesNot(Precision precision) {
    long unit = precision.toNanos(1);
    long last = Long.MAX_VALUE / unit;
    long first = Long.MIN_VALUE / unit;
    assertThat(precision.fits(last)).isTrue();
    assertThat(precision.fits(first)).isTrue();
    assertThat(precision.toNanos(last)).isEqualTo(last * unit);
    assertThat(precision.toNanos(first)).isEqualTo(first * unit);
    if (precision != Precision.NANOSECONDS) {
      assertThat(precision.fits(last + 1)).isFalse();
      assertThat(precision.fits(first - 1)).isFalse();
      assertThatThrownBy(() -> precision.toNanos(last + 1)).isInstanceOf(ArithmeticException.class);
      assertThatThrownBy(() -> precision.toNanos(first - 1))
          .isInstanceOf(ArithmeticException.class);
    }
  }
}
