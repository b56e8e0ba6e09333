package dev.tidemark.ingest.lineprotocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DecimalsTest {
  private static final long SEED = 20_261_121;

  @Test
  void anyDigitsAndScaleGiveWhatTheJdkGives() {
    Random random = new Random(SEED);
    int asked = 0;
    int cases = 500_000;
    for (int i = 0; i < cases; i++) {
      long digits = random.nextLong() >>> random.nextInt(64);
      int scale = random.nextInt(-70, 71);
      asked += agrees(digits, scale) ? 0 : 1;
    }
    // Only scales beyond the table, 12 of 141, may be left to the JDK in earnest.
    assertThat(asked).as("left to the JDK, seed " + SEED).isLessThan(cases / 8);
  }

  @Test
  void shortestTextOfAnyDoubleIsDecidedHere() {
    Random random = new Random(SEED);
    int asked = 0;
    for (int i = 0; i < 300_000; i++) {
      double value = random.nextDouble() * Math.pow(10, random.nextInt(-20, 21));
      BigDecimal decimal = new BigDecimal(Double.toString(value));
      asked += agrees(decimal.unscaledValue().longValueExact(), -decimal.scale()) ? 0 : 1;
    }
    assertThat(asked).as("left to the JDK, seed " + SEED).isLessThan(3);
  }

  @Test
  void tiesAndTheirNeighboursAgreeWithTheJdk() {
    Random random = new Random(SEED);
    for (int i = 0; i < 100_000; i++) {
      // Half way between two doubles: 54 bits, the last one set.
      long tie = (1L << 53) | (random.nextLong() & ((1L << 53) - 1)) | 1;
      for (long digits = (tie << 9) - 1; digits <= (tie << 9) + 1; digits++) {
        agrees(digits, 0);
      }
      agrees(tie, 0);
      agrees(tie, random.nextInt(-30, 31));
    }
  }

  @Test
  void extremesOfTheTableAgreeWithTheJdk() {
    long[] digits = {
      0,
      1,
      9,
      10,
      (1L << 53) - 1,
      1L << 53,
      (1L << 53) + 1,
      Long.MAX_VALUE,
      Long.MIN_VALUE,
      -1L,
      -8_446_744_073_709_551_617L
    };
    for (long each : digits) {
      for (int scale = -66; scale <= 66; scale++) {
        agrees(each, scale);
      }
    }
  }

  /// {@return whether it was decided here; fails if it was decided wrongly}
  private static boolean agrees(long digits, int scale) {
    double decided = Decimals.toDouble(digits, scale);
    if (Double.isNaN(decided)) {
      return false;
    }
    String text = new BigInteger(Long.toUnsignedString(digits)) + "e" + scale;
    if (Double.compare(decided, Double.parseDouble(text)) != 0) {
      throw new AssertionError(text + " gave " + decided);
    }
    return true;
  }
}
