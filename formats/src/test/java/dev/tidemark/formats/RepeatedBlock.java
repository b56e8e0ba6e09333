package dev.tidemark.formats;

import java.io.InputStream;
import java.util.Objects;

/// A file that is far larger than memory: one block again and again between two others. Owned by
/// the test's thread.
public final class RepeatedBlock extends InputStream {
  private final byte[] first;
  private final byte[] middle;
  private final byte[] last;
  private final long times;
  private long at;

  /// @param first is read once
  /// @param middle is read again and again
  /// @param times how often
  /// @param last is read once
  public RepeatedBlock(byte[] first, byte[] middle, long times, byte[] last) {
    this.first = first.clone();
    this.middle = middle.clone();
    this.last = last.clone();
    this.times = times;
  }

  @Override
  public int read() {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int from, int length) {
    Objects.checkFromIndexSize(from, length, bytes.length);
    long behind = first.length + times * middle.length;
    byte[] part = at < first.length ? first : at < behind ? middle : last;
    long begin =
        at < first.length ? 0 : at < behind ? at - (at - first.length) % middle.length : behind;
    int offset = (int) (at - begin);
    int count = Math.min(length, part.length - offset);
    if (count <= 0) {
      return -1;
    }
    System.arraycopy(part, offset, bytes, from, count);
    at += count;
    return count;
  }
}
