package dev.tidemark.testkit.disk;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/// Bytes that can be copied without copying: copies share them until one changes. Guarded by the
/// disk it belongs to; copies belong to others and share what is never written again.
final class Image {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private byte[] bytes = new byte[0];
  private int size;
  private boolean shared; // once it was copied, the array is written by nobody
  private long hash;
  private boolean hashed;

  int size() {
    return size;
  }

  byte[] bytes() {
    return Arrays.copyOf(bytes, size);
  }

  Image copy() {
    shared = true;
    Image copy = new Image();
    copy.bytes = bytes;
    copy.size = size;
    copy.shared = true;
    copy.hash = hash;
    copy.hashed = hashed;
    return copy;
  }

  /// {@return those of the bytes from one offset to another that there are}
  byte[] bytes(int from, int to) {
    return from >= size ? new byte[0] : Arrays.copyOfRange(bytes, from, Math.min(to, size));
  }

  int read(long offset, MemorySegment target) {
    if (offset >= size) {
      return 0;
    }
    int count = (int) Math.min(target.byteSize(), size - offset);
    MemorySegment.copy(bytes, (int) offset, target, ValueLayout.JAVA_BYTE, 0, count);
    return count;
  }

  void write(int offset, byte[] source, int from, int length) {
    if (length > 0) {
      own(offset + length);
      System.arraycopy(source, from, bytes, offset, length);
      size = Math.max(size, offset + length);
    }
  }

  void cut(int to) {
    own(to);
    Arrays.fill(bytes, to, bytes.length, (byte) 0);
    size = to;
  }

  void flip(int offset, int bit) {
    own(size);
    bytes[offset] ^= (byte) (1 << bit);
  }

  private void own(int needed) {
    hashed = false;
    if (needed > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(needed, (int) Math.min(1 << 30, bytes.length * 2L)));
    } else if (shared) {
      bytes = bytes.clone();
    }
    shared = false;
  }

  /// {@return a hash of size and bytes, with 64 bits that all depend on all}
  long hash() {
    if (!hashed) {
      hash = hashed();
      hashed = true;
    }
    return hash;
  }

  // Four lanes: a processor goes on with the next while it multiplies.
  private long hashed() {
    long a = size;
    long b = 1;
    long c = 2;
    long d = 3;
    int i = 0;
    for (; i + 32 <= size; i += 32) {
      a = mixed(a ^ (long) LONG.get(bytes, i));
      b = mixed(b ^ (long) LONG.get(bytes, i + 8));
      c = mixed(c ^ (long) LONG.get(bytes, i + 16));
      d = mixed(d ^ (long) LONG.get(bytes, i + 24));
    }
    for (; i < size; i++) {
      a = mixed(a ^ bytes[i]);
    }
    return mixed(mixed(mixed(a ^ b) ^ c) ^ d);
  }

  // The finalizer of MurmurHash3, shortened: public domain.
  static long mixed(long h) {
    long x = (h ^ (h >>> 33)) * 0xff51afd7ed558ccdL;
    return x ^ (x >>> 29);
  }
}
