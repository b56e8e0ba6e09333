package dev.tidemark.formats.arc;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32;

/// The part of a file that is in memory, from the byte that is looked at onwards. It grows with
/// what was read, never with what a length promises. For one thread at a time.
final class Window implements Closeable {
  private static final int FIRST_BYTES = 64 * 1024;
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private final InputStream in;
  private final CRC32 crc = new CRC32();

  // All owned by the caller's thread.
  private byte[] bytes = new byte[FIRST_BYTES];
  private int begin;
  private int end;
  private long offset;
  private boolean exhausted;

  /// @param in the file from its first byte; closed by [#close()]
  Window(InputStream in) {
    this.in = in;
  }

  /// {@return where in the file the window begins}
  long offset() {
    return offset;
  }

  /// {@return how many bytes are there}
  int available() {
    return end - begin;
  }

  /// Reads until so many bytes are there.
  ///
  /// @param wanted how many
  /// @return whether they are; if not, [#available()] is all that the file has left
  /// @throws IOException if the file cannot be read
  boolean fill(int wanted) throws IOException {
    while (available() < wanted && !exhausted) {
      if (end == bytes.length) {
        makeRoom();
      }
      int read = in.read(bytes, end, bytes.length - end);
      if (read < 0) {
        exhausted = true;
      } else {
        end += read;
      }
    }
    return available() >= wanted;
  }

  /// Leaves bytes behind that are there.
  ///
  /// @param count how many
  void advance(int count) {
    assert count <= available();
    begin += count;
    offset += count;
  }

  int octet(int at) {
    return bytes[begin + at] & 0xff;
  }

  int int32(int at) {
    return (int) INT.get(bytes, begin + at);
  }

  long int64(int at) {
    return (long) LONG.get(bytes, begin + at);
  }

  /// {@return the CRC-32 of some bytes that are there}
  int crc(int at, int length) {
    crc.reset();
    crc.update(bytes, begin + at, length);
    return (int) crc.getValue();
  }

  /// {@return some bytes that are there, good until [#fill] or [#advance] is called}
  ByteBuffer view(int at, int length) {
    return ByteBuffer.wrap(bytes, begin + at, length).slice().asReadOnlyBuffer();
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  /// Drops what was left behind if that is half of all, or else takes more memory: either way as
  /// many bytes as are moved can be read before the next time.
  private void makeRoom() {
    if (begin >= bytes.length / 2) {
      System.arraycopy(bytes, begin, bytes, 0, available());
    } else {
      bytes = Arrays.copyOfRange(bytes, begin, begin + 2 * bytes.length);
    }
    end = available();
    begin = 0;
  }
}
