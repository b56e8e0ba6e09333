package dev.tidemark.wal.internal;

import dev.tidemark.wal.Compression;
import java.lang.foreign.MemorySegment;

/// Compresses zeros to half their size, and knows of nothing else. It is on nobody's path.
final class HalvingCodec implements Compression {
  static final int ID = 200;

  @Override
  public int id() {
    return ID;
  }

  @Override
  public String name() {
    return "halving";
  }

  @Override
  public int maxCompressedBytes(int rawBytes) {
    return rawBytes;
  }

  @Override
  public long maxRawBytes(long compressedBytes) {
    return 2 * compressedBytes + 1;
  }

  @Override
  public int compress(MemorySegment source, MemorySegment target) {
    long half = source.byteSize() / 2;
    MemorySegment.copy(source, 0, target, 0, half);
    return (int) half;
  }

  @Override
  public void decompress(MemorySegment source, MemorySegment target) {
    if (source.byteSize() != target.byteSize() / 2) {
      throw new IllegalArgumentException("not half");
    }
    target.fill((byte) 0);
    MemorySegment.copy(source, 0, target, 0, source.byteSize());
  }
}
