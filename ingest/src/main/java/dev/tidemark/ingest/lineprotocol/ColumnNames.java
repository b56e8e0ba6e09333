package dev.tidemark.ingest.lineprotocol;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.SplittableRandom;

/// Finds the first column of a point whose name is taken: by another column, or by the time.
///
/// A few columns are compared with each other; more go through a hash table, whose hash is keyed so
/// that nobody can choose names that make it slow. Owned by one parser, on its thread.
final class ColumnNames {
  private static final int COMPARED_COLUMNS = 12;
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long KEY = new SplittableRandom().nextLong() | 1;

  // Column + 1, or 0; made for the first wide point.
  private int[] slots = new int[0];
  private int mask;
  private Fault fault = Fault.REFUSED;

  /// {@return the column at fault, in the order of the line, or -1}
  int firstFault(Point point) {
    int columns = point.columnCount();
    boolean isWide = columns > COMPARED_COLUMNS;
    if (isWide) {
      clearSlots(columns);
    }
    for (int column = 0; column < columns; column++) {
      Slice name = point.name(column);
      if (isTime(name)) {
        fault = Fault.NAMED_TIME;
        return column;
      }
      int other = isWide ? put(point, column) : compared(point, column);
      if (other >= 0) {
        fault = clash(point, other, column);
        return column;
      }
    }
    return -1;
  }

  /// {@return what is wrong with the column that was found}
  Fault fault() {
    return fault;
  }

  private static Fault clash(Point point, int other, int column) {
    if (column < point.tagCount()) {
      return Fault.TAG_TWICE;
    }
    return other < point.tagCount() ? Fault.TAG_AND_FIELD : Fault.FIELD_TWICE;
  }

  private static boolean isTime(Slice name) {
    return name.length() == 4
        && name.byteAt(0) == 't'
        && name.byteAt(1) == 'i'
        && name.byteAt(2) == 'm'
        && name.byteAt(3) == 'e';
  }

  private static int compared(Point point, int column) {
    Slice name = point.name(column);
    for (int other = 0; other < column; other++) {
      if (point.name(other).isSame(name)) {
        return other;
      }
    }
    return -1;
  }

  private void clearSlots(int columns) {
    // At most half full.
    int count = 4 * Integer.highestOneBit(columns);
    if (slots.length < count) {
      slots = new int[count];
    } else {
      Arrays.fill(slots, 0, count, 0);
    }
    mask = count - 1;
  }

  private int put(Point point, int column) {
    Slice name = point.name(column);
    int slot = (int) (hash(name) >>> 40) & mask;
    while (slots[slot] != 0) {
      int other = slots[slot] - 1;
      if (point.name(other).isSame(name)) {
        return other;
      }
      slot = (slot + 1) & mask;
    }
    slots[slot] = column + 1;
    return -1;
  }

  private static long hash(Slice name) {
    byte[] bytes = name.array();
    int i = name.offset();
    int end = i + name.length();
    long hash = KEY ^ name.length();
    for (; i + Long.BYTES <= end; i += Long.BYTES) {
      hash = mixed(hash ^ (long) LONGS.get(bytes, i));
    }
    long rest = 0;
    for (; i < end; i++) {
      rest = rest << 8 | (bytes[i] & 0xff);
    }
    return mixed(hash ^ rest);
  }

  // The two halves of a full product with the key, folded: no input difference survives unmixed.
  private static long mixed(long word) {
    return Math.unsignedMultiplyHigh(word, KEY) ^ (word * KEY);
  }
}
