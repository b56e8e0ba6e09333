package dev.tidemark.formats;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.Checksum;

/// The part of a file that is looked at, from one byte onwards. It moves forward only, and takes
/// memory as bytes are read, never for what a length promises: at most four times what was read and
/// not passed, and 64 KiB. The counterpart of [ByteReader] for what is not in memory yet.
///
/// For one thread at a time.
public final class FileWindow implements Closeable {
  private static final int FIRST_BYTES = 64 << 10;
  private static final int MOST_BYTES = Integer.MAX_VALUE - 8;
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private final InputStream file;

  // All owned by the caller's thread. What was read and not passed is from `from` to `to`; the file
  // ends at `end`, or before, which shows in reading.
  private byte[] bytes = new byte[FIRST_BYTES];
  private int from;
  private int to;
  private long offset;
  private long end;

  /// A window at the beginning of a file.
  ///
  /// @param file at its beginning; closed with this window
  /// @param fileBytes how long it is: of a file that grows meanwhile no more is looked at;
  ///   [Long#MAX_VALUE] if that shows in reading
  public FileWindow(InputStream file, long fileBytes) {
    this.file = file;
    end = fileBytes;
  }

  /// {@return where the window begins in the file}
  public long offset() {
    return offset;
  }

  /// {@return how long the file is, as far as is known}
  public long fileBytes() {
    return end;
  }

  /// {@return how much of the file lies behind the window's beginning, as far as is known}
  public long remaining() {
    return end - offset;
  }

  /// {@return how many bytes were read and not passed} Once [#has] said no to fewer than 2 GiB,
  /// that is all the file has left.
  public int available() {
    return to - from;
  }

  /// {@return whether the file has so many bytes here; they were then read}
  ///
  /// @param count how many, as found in a file: anything
  /// @throws IOException if the file cannot be read
  public boolean has(long count) throws IOException {
    if (count > Math.min(remaining(), MOST_BYTES)) {
      return false;
    }
    while (to - from < count) {
      if (to == bytes.length) {
        makeRoom();
      }
      int room = (int) Math.min(bytes.length - to, end - offset - (to - from));
      int read = file.read(bytes, to, room);
      if (read < 0) { // cut while it is read, or its length was not known
        end = offset + (to - from);
        return false;
      }
      to += read;
    }
    return true;
  }

  /// {@return 8 bits}
  ///
  /// @param at where they are, from the window's beginning; [#has] said they are there, as for all
  ///   below
  public int octet(int at) {
    return bytes[from + at] & 0xff;
  }

  /// {@return 32 bits, the most significant first}
  ///
  /// @param at where they begin
  public int int32BigEndian(int at) {
    return (int) INT.get(bytes, from + at);
  }

  /// {@return 64 bits, the most significant first}
  ///
  /// @param at where they begin
  public long int64BigEndian(int at) {
    return (long) LONG.get(bytes, from + at);
  }

  /// {@return 64 bits, the least significant first}
  ///
  /// @param at where they begin
  public long int64LittleEndian(int at) {
    return Long.reverseBytes(int64BigEndian(at));
  }

  /// {@return the lowest 32 bits of a checksum}
  ///
  /// @param kind computes it, from its beginning
  /// @param at where the bytes begin
  /// @param count how many they are
  public int checksum(Checksum kind, int at, int count) {
    kind.reset();
    kind.update(bytes, from + at, count);
    return (int) kind.getValue();
  }

  /// {@return bytes of the window, as a view that is good until [#has] or [#pass] is called}
  ///
  /// @param at where they begin
  /// @param count how many they are
  public ByteBuffer bytes(int at, int count) {
    return ByteBuffer.wrap(bytes, from + at, count).slice().asReadOnlyBuffer();
  }

  /// Moves the window forward.
  ///
  /// @param count by how many bytes
  public void pass(int count) {
    assert count <= available();
    from += count;
    offset += count;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  // Drops what was passed if that is half of all, or else takes more memory: either way as many
  // bytes as are moved can be read before the next time.
  private void makeRoom() {
    if (from >= bytes.length / 2) {
      System.arraycopy(bytes, from, bytes, 0, available());
    } else {
      byte[] roomy = new byte[(int) Math.min(2L * bytes.length, MOST_BYTES)];
      System.arraycopy(bytes, from, roomy, 0, available());
      bytes = roomy;
    }
    to = available();
    from = 0;
  }
}
