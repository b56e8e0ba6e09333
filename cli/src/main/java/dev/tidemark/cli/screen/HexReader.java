package dev.tidemark.cli.screen;

import java.io.Reader;
import java.nio.ByteBuffer;
import java.util.HexFormat;

/// Bytes as hexadecimal digits, made as they are read: all at once they take four times the memory.
/// For one thread.
final class HexReader extends Reader {
  private static final HexFormat HEX = HexFormat.of();

  private final ByteBuffer bytes;
  private long at; // counted in digits

  /// @param bytes from position to limit, which stay
  HexReader(ByteBuffer bytes) {
    this.bytes = bytes.slice();
  }

  @Override
  public int read(char[] target, int from, int count) {
    int digits = (int) Math.min(count, 2L * bytes.limit() - at);
    for (int i = 0; i < digits; i++, at++) {
      byte octet = bytes.get((int) (at >> 1));
      target[from + i] = (at & 1) == 0 ? HEX.toHighHexDigit(octet) : HEX.toLowHexDigit(octet);
    }
    return digits == 0 && count > 0 ? -1 : digits;
  }

  @Override
  public void close() {}
}
