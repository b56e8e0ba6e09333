package dev.tidemark.formats.leveldb;

import java.io.IOException;
import java.io.InputStream;

/// The first bytes of a stream. For one thread at a time.
final class BoundedInput extends InputStream {
  private final InputStream in;
  private long left; // owned by the caller's thread

  /// @param in closed with this
  /// @param bytes how many are read of it at most
  BoundedInput(InputStream in, long bytes) {
    this.in = in;
    left = bytes;
  }

  @Override
  public int read() throws IOException {
    int octet = left > 0 ? in.read() : -1;
    left -= octet < 0 ? 0 : 1;
    return octet;
  }

  @Override
  public int read(byte[] target, int from, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    int read = left > 0 ? in.read(target, from, (int) Math.min(length, left)) : -1;
    left -= Math.max(read, 0);
    return read;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
