package dev.tidemark.leveldb;

import dev.tidemark.formats.leveldb.LogLayout;
import dev.tidemark.formats.leveldb.MaskedCrc;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/// Looks for anything whole behind damage at the end of a log file: what a write that was torn
/// never has, and what was written, synced and damaged later mostly does.
final class FragmentScan {
  /// More than one edit of a manifest takes; a look at every byte must end soon.
  private static final int MOST_BYTES = 64 << 10;

  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);

  private FragmentScan() {}

  /// {@return whether a fragment whose checksum holds begins behind an offset, or there is too much
  /// to look}
  static boolean findsWhole(StorageFile file, long offset) throws IOException {
    long left = file.size() - offset;
    if (left > MOST_BYTES) {
      return true;
    }
    if (left <= LogLayout.HEADER_BYTES) {
      return false;
    }
    byte[] bytes;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(left);
      int got = file.read(offset, memory);
      bytes = memory.asSlice(0, got).toArray(ValueLayout.JAVA_BYTE);
    }
    for (int at = 1; at + LogLayout.HEADER_BYTES <= bytes.length; at++) {
      if (isWhole(bytes, at)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isWhole(byte[] bytes, int at) {
    int typeAt = at + LogLayout.HEADER_BYTES - 1;
    int length = (short) SHORT.get(bytes, typeAt - 2) & 0xffff;
    if (length > bytes.length - at - LogLayout.HEADER_BYTES || bytes[typeAt] == 0) {
      return false;
    }
    CRC32C crc = new CRC32C();
    crc.update(bytes, typeAt, 1 + length);
    return (int) crc.getValue() == MaskedCrc.unmask((int) INT.get(bytes, at));
  }
}
