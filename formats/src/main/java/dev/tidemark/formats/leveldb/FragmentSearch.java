package dev.tidemark.formats.leveldb;

import static dev.tidemark.formats.leveldb.LogLayout.CRC_AT;
import static dev.tidemark.formats.leveldb.LogLayout.HEADER_BYTES;
import static dev.tidemark.formats.leveldb.LogLayout.LENGTH_AT;
import static dev.tidemark.formats.leveldb.LogLayout.TYPE_AT;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/// Looks for whole fragments, whose checksums hold, among bytes of a log of which no header can be
/// trusted. For one thread at a time.
///
/// A look takes a checksum at each position that could be a header, of up to 64 KiB:
/// [#checkedBytes()] is for those who look again and again and want an end to it.
public final class FragmentSearch {
  /// Says what a log can hold.
  @FunctionalInterface
  public interface Headers {
    /// {@return how many bytes the header has that begins here; 0 if the log can have no such
    /// header}
    ///
    /// @param bytes of the log
    /// @param at where the header would begin
    /// @param end where the bytes end, 7 or more behind that
    int bytesAt(byte[] bytes, int at, int end);
  }

  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private final Headers headers;
  private final CRC32C crc = new CRC32C();
  // Owned by the caller's thread.
  private long checkedBytes;

  /// @param headers says what the log can hold
  public FragmentSearch(Headers headers) {
    this.headers = headers;
  }

  /// {@return a search for what LevelDB writes}
  public static FragmentSearch forLevelDb() {
    return new FragmentSearch(
        (bytes, at, end) -> {
          int type = bytes[at + TYPE_AT];
          return type >= LogLayout.FULL && type <= LogLayout.LAST ? HEADER_BYTES : 0;
        });
  }

  /// {@return how many bytes the header says that follow it}
  ///
  /// @param bytes of a log
  /// @param at where the header begins
  public static int statedLength(byte[] bytes, int at) {
    return (short) SHORT.get(bytes, at + LENGTH_AT) & 0xffff;
  }

  /// {@return whether the checksum of a fragment holds}
  ///
  /// @param bytes of a log
  /// @param at where the fragment begins
  /// @param covered how many bytes there are from its type to its end
  public boolean checksumHolds(byte[] bytes, int at, int covered) {
    checkedBytes += covered;
    crc.reset();
    crc.update(bytes, at + TYPE_AT, covered);
    return (int) crc.getValue() == MaskedCrc.unmask((int) INT.get(bytes, at + CRC_AT));
  }

  /// {@return how many bytes the whole fragment has that begins here; 0 if none does}
  ///
  /// @param bytes of a log
  /// @param at where it would begin
  /// @param end where the bytes end
  public int wholeBytes(byte[] bytes, int at, int end) {
    if (at + HEADER_BYTES > end) {
      return 0;
    }
    int header = headers.bytesAt(bytes, at, end);
    int size = header + statedLength(bytes, at);
    return header > 0 && size <= end - at && checksumHolds(bytes, at, size - TYPE_AT) ? size : 0;
  }

  /// {@return where the first whole fragment begins; -1 if there is none}
  ///
  /// @param bytes of a log
  /// @param from where to look first
  /// @param end where the bytes end
  public int first(byte[] bytes, int from, int end) {
    for (int at = from; at + HEADER_BYTES <= end; at++) {
      if (wholeBytes(bytes, at, end) > 0) {
        return at;
      }
    }
    return -1;
  }

  /// {@return where the first chain of whole fragments begins that ends with the bytes; -1 if there
  /// is none} A crash that cuts a file short leaves no such chain, not even amid a record that
  /// holds a log.
  ///
  /// @param bytes of a log
  /// @param from where to look first
  /// @param end where the bytes end, and a file with them
  public int firstOfChain(byte[] bytes, int from, int end) {
    for (int at = from; at + HEADER_BYTES <= end; at++) {
      int next = at;
      for (int size = wholeBytes(bytes, at, end); size > 0; size = wholeBytes(bytes, next, end)) {
        next += size;
      }
      if (next > at && next == end) {
        return at;
      }
    }
    return -1;
  }

  /// {@return how many bytes have been compared with checksums}
  public long checkedBytes() {
    return checkedBytes;
  }
}
