package dev.tidemark.ingest.buffer;

import dev.tidemark.ingest.lineprotocol.Slice;
import dev.tidemark.sink.RowSource;
import java.util.Arrays;

/// Cells of text that need not repeat, one behind the other.
final class TextCells extends Cells {
  // As in Cells.
  private byte[] heap = new byte[FIRST_CAPACITY];
  private int[] ends = new int[FIRST_CAPACITY];
  private int used;

  void add(int row, Slice text) {
    int index = next(row);
    if (index == ends.length) {
      ends = Arrays.copyOf(ends, index * 2);
    }
    heap = withRoom(heap, used, text.length());
    System.arraycopy(text.array(), text.offset(), heap, used, text.length());
    used += text.length();
    ends[index] = used;
  }

  void read(int index, RowSource.Text target) {
    int start = index == 0 ? 0 : ends[index - 1];
    target.utf8(heap, start, ends[index] - start);
  }

  @Override
  long bytes() {
    return super.bytes() + heap.length + 4L * ends.length;
  }

  static byte[] withRoom(byte[] heap, int used, int needed) {
    if (heap.length - used >= needed) {
      return heap;
    }
    long wanted = Math.max(2L * heap.length, (long) used + needed);
    if ((long) used + needed > Integer.MAX_VALUE - 64) {
      throw new IllegalStateException("a column holds 2 GiB of text: " + used + " + " + needed);
    }
    return Arrays.copyOf(heap, (int) Math.min(wanted, Integer.MAX_VALUE - 64));
  }
}
