package dev.tidemark.ingest.buffer;

import java.util.Arrays;

/// Cells of 64 bits: numbers and booleans.
final class WordCells extends Cells {
  // As in Cells.
  private long[] bits = new long[FIRST_CAPACITY];

  void add(int row, long value) {
    int index = next(row);
    if (index == bits.length) {
      bits = Arrays.copyOf(bits, index * 2);
    }
    bits[index] = value;
  }

  long bits(int index) {
    return bits[index];
  }

  @Override
  long bytes() {
    return super.bytes() + 8L * bits.length;
  }
}
