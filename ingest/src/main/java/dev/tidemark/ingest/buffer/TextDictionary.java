package dev.tidemark.ingest.buffer;

import dev.tidemark.ingest.lineprotocol.Slice;
import dev.tidemark.sink.RowSource;
import java.security.SecureRandom;
import java.util.Arrays;

/// Different texts, numbered from 0 in the order they came. Open addressing over flat arrays: no
/// object per text.
final class TextDictionary {
  private static final long SEED = new SecureRandom().nextLong();

  // All fields as in Cells. A slot of the table holds a code plus 1, or 0.
  private byte[] heap = new byte[64];
  private int[] ends = new int[Cells.FIRST_CAPACITY];
  private int[] hashes = new int[Cells.FIRST_CAPACITY];
  private int[] table = new int[2 * Cells.FIRST_CAPACITY];
  private int used;
  private int count;
  private int last = -1;

  int code(Slice text) {
    if (last >= 0 && isSame(last, text)) {
      return last;
    }
    int hash = hash(text);
    int slot = hash & (table.length - 1);
    while (table[slot] != 0) {
      int code = table[slot] - 1;
      if (hashes[code] == hash && isSame(code, text)) {
        last = code;
        return code;
      }
      slot = (slot + 1) & (table.length - 1);
    }
    last = add(text, hash, slot);
    return last;
  }

  void read(int code, RowSource.Text target) {
    int start = start(code);
    target.utf8(heap, start, ends[code] - start);
  }

  long bytes() {
    return heap.length + 8L * ends.length + 4L * table.length;
  }

  private int add(Slice text, int hash, int slot) {
    int code = count++;
    if (code == ends.length) {
      ends = Arrays.copyOf(ends, code * 2);
      hashes = Arrays.copyOf(hashes, code * 2);
    }
    heap = TextCells.withRoom(heap, used, text.length());
    System.arraycopy(text.array(), text.offset(), heap, used, text.length());
    used += text.length();
    ends[code] = used;
    hashes[code] = hash;
    table[slot] = code + 1;
    if (count * 2 > table.length) {
      rehash();
    }
    return code;
  }

  private void rehash() {
    int[] larger = new int[table.length * 2];
    for (int code = 0; code < count; code++) {
      int slot = hashes[code] & (larger.length - 1);
      while (larger[slot] != 0) {
        slot = (slot + 1) & (larger.length - 1);
      }
      larger[slot] = code + 1;
    }
    table = larger;
  }

  private boolean isSame(int code, Slice text) {
    int start = start(code);
    return Arrays.equals(
        heap, start, ends[code], text.array(), text.offset(), text.offset() + text.length());
  }

  private int start(int code) {
    return code == 0 ? 0 : ends[code - 1];
  }

  // Seeded, so that nobody can choose texts that all fall into one slot.
  private static int hash(Slice text) {
    byte[] bytes = text.array();
    long hash = SEED;
    for (int i = text.offset(), end = i + text.length(); i < end; i++) {
      hash = (hash ^ bytes[i]) * 0x9E3779B97F4A7C15L;
      hash ^= hash >>> 29;
    }
    return (int) (hash ^ (hash >>> 32));
  }
}
