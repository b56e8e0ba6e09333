package dev.tidemark.ingest.buffer;

import dev.tidemark.ingest.lineprotocol.Slice;
import dev.tidemark.sink.RowSource;
import java.util.Arrays;

/// Cells of text that repeats: a number each, and every text once.
final class TagCells extends Cells {
  // As in Cells.
  private int[] codes = new int[FIRST_CAPACITY];
  private final TextDictionary texts = new TextDictionary();

  void add(int row, Slice text) {
    int code = texts.code(text);
    int index = next(row);
    if (index == codes.length) {
      codes = Arrays.copyOf(codes, index * 2);
    }
    codes[index] = code;
  }

  void read(int index, RowSource.Text target) {
    texts.read(codes[index], target);
  }

  @Override
  long bytes() {
    return super.bytes() + 4L * codes.length + texts.bytes();
  }
}
