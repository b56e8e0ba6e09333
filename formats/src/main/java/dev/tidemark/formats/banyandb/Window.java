package dev.tidemark.formats.banyandb;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// The part of a file that is looked at: it moves forward only, and takes memory only as bytes have
/// been read. For one thread at a time.
final class Window implements Closeable {
  private static final int FIRST_BYTES = 64 << 10;
  private static final VarHandle NUMBER =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final InputStream file;

  // All owned by the caller's thread. What was read and not passed is from `from` to `to`; the file
  // ends at `end`, or before, which shows in reading.
  private byte[] bytes = new byte[FIRST_BYTES];
  private int from;
  private int to;
  private long offset;
  private long end;

  /// @param file at its beginning; closed with this window
  /// @param fileBytes how long it is; of a file that grows meanwhile no more is looked at
  Window(InputStream file, long fileBytes) {
    this.file = file;
    end = fileBytes;
  }

  /// {@return where the window begins in the file}
  long offset() {
    return offset;
  }

  /// {@return how long the file is}
  long fileBytes() {
    return end;
  }

  /// {@return how much of the file lies behind the window's beginning}
  long remaining() {
    return end - offset;
  }

  /// {@return whether the file has so many bytes here; they were then read}
  ///
  /// @param count how many
  boolean has(long count) throws IOException {
    if (count > Math.min(remaining(), Integer.MAX_VALUE - 8)) {
      return false;
    }
    while (to - from < count) {
      if (to == bytes.length) {
        makeRoom();
      }
      int room = (int) Math.min(bytes.length - to, end - offset - (to - from));
      int read = file.read(bytes, to, room);
      if (read < 0) { // cut while it is read
        end = offset + (to - from);
        return false;
      }
      to += read;
    }
    return true;
  }

  /// {@return bytes of the window, as a view that is good until it moves or [#has] reads more}
  ///
  /// @param at the first, from the window's beginning
  /// @param count how many, which [#has] said are there
  ByteBuffer bytes(int at, int count) {
    return ByteBuffer.wrap(bytes, from + at, count).slice().asReadOnlyBuffer();
  }

  /// {@return 64 bits, the least significant first}
  ///
  /// @param at where they begin, from the window's beginning; [#has] said they are there
  long number(int at) {
    return (long) NUMBER.get(bytes, from + at);
  }

  /// Moves the window forward.
  ///
  /// @param count by how many bytes, which [#has] said are there
  void pass(int count) {
    from += count;
    offset += count;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  private void makeRoom() {
    long wanted = from > bytes.length / 2 ? bytes.length : 2L * bytes.length;
    byte[] roomy = new byte[(int) Math.min(wanted, Integer.MAX_VALUE - 8)];
    System.arraycopy(bytes, from, roomy, 0, to - from);
    bytes = roomy;
    to -= from;
    from = 0;
  }
}
