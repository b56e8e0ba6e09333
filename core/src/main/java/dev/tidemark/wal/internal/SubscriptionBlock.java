package dev.tidemark.wal.internal;

import static dev.tidemark.wal.internal.FrameLayout.INT;
import static dev.tidemark.wal.internal.FrameLayout.LONG;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// A block of the file `subscriptions`: up to 50 of them with their acks. Each block stands twice,
/// and the copies are overwritten in turn, whole: a torn write leaves the other. How many blocks
/// are in use says the manifest; of each of those at least one copy was once durable.
///
/// ```
/// file:   block 0, even | block 0, odd | block 1, even | block 1, odd | …     4096 bytes each
///
///   0                8        12       16                               32
/// +----------------+--------+--------+--------------------------------+
/// | "TIDESUBS"     |version | bytes  | log id, 128 bits               |
/// +----------------+--------+--------+--------------------------------+
///  32               40       44                                        64
/// +----------------+--------+-----------------------------------------+
/// | generation     | block  | zeros                                   |
/// +----------------+--------+-----------------------------------------+
///  64                              64 + 80·i                        4064    4092    4096
/// +-----------+-----------+-------------------------------+--------+-------+
/// | slot 0    | slot 1    | …                     slot 49 | zeros  | CRC   |
/// +-----------+-----------+-------------------------------+--------+-------+
///
/// a slot
///  0                8        12       16                               80
/// +----------------+--------+--------+--------------------------------+
/// | acked LSN      | bytes  | zeros  | name in UTF-8, zeros           |     0 bytes: free
/// |                | of name|        |                                |
/// +----------------+--------+--------+--------------------------------+
/// ```
///
/// @param generation grows by one with every write of this block; the valid copy with the larger
///   one holds. An even one is written to the first copy, an odd one to the second
/// @param slots 50; null where it is free
record SubscriptionBlock(
    long logIdHigh, long logIdLow, int index, long generation, List<@Nullable Slot> slots) {

  /// The size of one copy.
  static final int BYTES = 4096;

  /// How many subscriptions a block holds.
  static final int SLOTS = 50;

  /// How many blocks there may be.
  static final int MAX_BLOCKS = 1024;

  /// The longest name.
  static final int MAX_NAME_BYTES = 64;

  private static final long MAGIC = 0x5342_5553_4544_4954L; // "TIDESUBS"
  private static final int SLOTS_AT = 64;
  private static final int SLOT_BYTES = 80;
  private static final int NAME_LENGTH_AT = 8;
  private static final int NAME_AT = 16;
  private static final int CRC_AT = 4092;

  /// One subscription.
  record Slot(String name, long acked) {}

  /// What stands where a copy is looked for.
  sealed interface Found {
    /// A whole copy of this version.
    record Valid(SubscriptionBlock block) implements Found {}

    /// Anything else.
    record Damaged() implements Found {}

    /// A whole copy of a version this code does not know.
    record TooNew(int version) implements Found {}
  }

  /// {@return where a generation of a block is written, in bytes}
  static long copyAt(int index, long generation) {
    return (2L * index + (generation & 1)) * BYTES;
  }

  /// Begins to write a copy: a block without subscriptions.
  static void begin(MemorySegment target, long idHigh, long idLow, int index, long generation) {
    target.fill((byte) 0);
    target.set(LONG, 0, MAGIC);
    target.set(INT, 8, SegmentHeader.FORMAT_VERSION);
    target.set(INT, 12, BYTES);
    target.set(LONG, 16, idHigh);
    target.set(LONG, 24, idLow);
    target.set(LONG, 32, generation);
    target.set(INT, 40, index);
  }

  /// Puts a subscription into a copy that was begun.
  static void put(MemorySegment target, int slot, byte[] name, long acked) {
    long at = SLOTS_AT + (long) slot * SLOT_BYTES;
    target.set(LONG, at, acked);
    target.set(INT, at + NAME_LENGTH_AT, name.length);
    MemorySegment.copy(name, 0, target, ValueLayout.JAVA_BYTE, at + NAME_AT, name.length);
  }

  /// Ends a copy with its checksum.
  static void end(MemorySegment target) {
    target.set(INT, CRC_AT, checksum(target));
  }

  /// Reads a copy.
  ///
  /// @param index the block it must be
  static Found decode(MemorySegment copy, int index) {
    if (copy.get(LONG, 0) != MAGIC || copy.get(INT, CRC_AT) != checksum(copy)) {
      return new Found.Damaged();
    }
    if (copy.get(INT, 8) != SegmentHeader.FORMAT_VERSION) {
      return new Found.TooNew(copy.get(INT, 8));
    }
    List<@Nullable Slot> slots = new ArrayList<>(SLOTS);
    for (int slot = 0; slot < SLOTS; slot++) {
      long at = SLOTS_AT + (long) slot * SLOT_BYTES;
      int length = copy.get(INT, at + NAME_LENGTH_AT);
      long acked = copy.get(LONG, at);
      String name = length == 0 ? null : decodeName(copy, at + NAME_AT, length);
      if (length != 0 && (name == null || acked < 0 || acked >= FrameLayout.LSNS)) {
        return new Found.Damaged();
      }
      slots.add(name == null ? null : new Slot(name, acked));
    }
    long generation = copy.get(LONG, 32);
    return copy.get(INT, 40) != index || generation <= 0 || generation >= SegmentHeader.NUMBERS
        ? new Found.Damaged()
        : new Found.Valid(
            new SubscriptionBlock(
                copy.get(LONG, 16), copy.get(LONG, 24), index, generation, slots));
  }

  private static @Nullable String decodeName(MemorySegment copy, long at, int length) {
    if (length < 0 || length > MAX_NAME_BYTES) {
      return null;
    }
    byte[] bytes = copy.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException _) {
      return null;
    }
  }

  private static int checksum(MemorySegment copy) {
    CRC32C crc = new CRC32C();
    crc.update(copy.asSlice(0, CRC_AT).asByteBuffer());
    return (int) crc.getValue();
  }
}
