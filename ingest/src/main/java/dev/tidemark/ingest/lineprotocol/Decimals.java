package dev.tidemark.ingest.lineprotocol;

import java.math.BigInteger;

/// Turns `digits · 10^scale` into the nearest double, exactly as [Double#parseDouble(String)] does,
/// without allocating; says so where it cannot.
///
/// Two steps. If digits and power are both exact as doubles, one multiplication or division rounds
/// once and is right (Clinger, 1990). Otherwise the product with a power known to 128 bits bounds
/// the true value from both sides; if both bounds round to one double, that is it. Where they do
/// not, a case in 2^60 or an exact tie, the caller asks the JDK.
final class Decimals {
  /// Any number of that many digits fits 64 bits unsigned.
  static final int MAX_DIGITS = 19;

  private static final int MAX_SCALE = 64;
  private static final long EXACT_DIGITS = 1L << 53;
  private static final double[] EXACT_POWERS = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22
  };

  // 10^scale is (high · 2^64 + low) · 2^shift, the 128 bits cut, not rounded, the first of them 1.
  private static final long[] HIGH = new long[2 * MAX_SCALE + 1];
  private static final long[] LOW = new long[2 * MAX_SCALE + 1];
  private static final int[] SHIFT = new int[2 * MAX_SCALE + 1];

  static {
    for (int scale = -MAX_SCALE; scale <= MAX_SCALE; scale++) {
      BigInteger power = BigInteger.TEN.pow(Math.abs(scale));
      int bits = power.bitLength();
      int shift = scale >= 0 ? bits - 128 : -(bits + 127);
      BigInteger cut =
          scale >= 0
              ? power.shiftLeft(128).shiftRight(bits)
              : BigInteger.ONE.shiftLeft(-shift).divide(power);
      assert cut.bitLength() == 128;
      HIGH[scale + MAX_SCALE] = cut.shiftRight(64).longValue();
      LOW[scale + MAX_SCALE] = cut.longValue();
      SHIFT[scale + MAX_SCALE] = shift;
    }
  }

  private Decimals() {}

  /// {@return the nearest double, or NaN if the caller must ask the JDK}
  ///
  /// @param digits the digits, as an unsigned number
  /// @param scale the power of ten to multiply with
  static double toDouble(long digits, int scale) {
    if (digits >= 0 && digits <= EXACT_DIGITS) {
      if (scale == 0 || digits == 0) {
        return (double) digits;
      }
      if (scale < 0 && scale >= -22) {
        return (double) digits / EXACT_POWERS[-scale];
      }
      if (scale > 0 && scale <= 22) {
        return (double) digits * EXACT_POWERS[scale];
      }
    }
    if (scale < -MAX_SCALE || scale > MAX_SCALE) {
      return Double.NaN;
    }
    return bounded(digits, scale);
  }

  private static double bounded(long digits, int scale) {
    int zeros = Long.numberOfLeadingZeros(digits);
    long factor = digits << zeros;
    long powerHigh = HIGH[scale + MAX_SCALE];
    long powerLow = LOW[scale + MAX_SCALE];
    // The upper 128 of the 192 bits of the product. The power was cut, and so is this: the true
    // product is less than two units of `low` above it.
    long middle = Math.unsignedMultiplyHigh(factor, powerLow);
    long low = factor * powerHigh + middle;
    long high = Math.unsignedMultiplyHigh(factor, powerHigh);
    if (Long.compareUnsigned(low, middle) < 0) {
      high++;
    }
    // 53 bits and one to round by; what is below them only decides ties. In doubt is whether the
    // true
    // product reaches half (all that is below is ones, the bit to round by is not set), or exceeds
    // it.
    int spare = high < 0 ? 10 : 9;
    long mantissa = high >>> spare;
    long ones = (1L << spare) - 1;
    long rest = high & ones;
    boolean isRoundedUp = (mantissa & 1) == 1;
    boolean mayReachHalf = !isRoundedUp && rest == ones && (low == -1 || low == -2);
    boolean mayBeHalf = isRoundedUp && rest == 0 && low == 0;
    if (mayReachHalf || mayBeHalf) {
      return Double.NaN;
    }
    long rounded = (mantissa + 1) >>> 1;
    // The value is high · 2^(128 + shift - zeros); the largest scale keeps it far from the ends of
    // the range of doubles, so a carry into the exponent is all that can happen below.
    int exponent = SHIFT[scale + MAX_SCALE] - zeros + 128 + spare + 1;
    return (double) rounded * Double.longBitsToDouble((long) (exponent + 1023) << 52);
  }
}
