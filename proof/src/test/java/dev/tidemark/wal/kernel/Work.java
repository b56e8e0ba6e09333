package dev.tidemark.wal.kernel;

import dev.tidemark.wal.Batch;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// What is appended: each record says which one it is, and all its bytes follow from that. So
/// whoever reads it can tell it from every other, and from one that was changed or cut short.
///
/// A writer does its operations in order; an operation appends one record, or a batch.
final class Work {
  /// Names a record.
  ///
  /// @param life a number no other process that wrote to this log has
  /// @param writer which thread of it
  /// @param op which of the operations of that thread, from 0
  /// @param index which record of that operation, from 0
  record Id(long life, int writer, int op, int index) {
    /// {@return how many records the operation appends, together}
    int count() {
      return Work.count(life, writer, op);
    }
  }

  private static final int HEADER_BYTES = 20;

  private Work() {}

  // One long is a whole life of numbers (the finaliser of SplitMix64).
  private static long mix(long a, long b) {
    long z = a + (b + 1) * 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  private static int below(long random, int bound) {
    return (int) Long.remainderUnsigned(random, bound);
  }

  private static long random(long life, int writer, int op) {
    return mix(mix(life, writer), op);
  }

  /// {@return how many records an operation appends, together}
  static int count(long life, int writer, int op) {
    long random = random(life, writer, op);
    return switch (kind(random)) {
      case SINGLE, LARGE -> 1;
      case BATCH -> 2 + below(mix(random, 1), 11);
      case LARGE_BATCH, FRAMES -> 40;
    };
  }

  private enum Kind {
    SINGLE,
    LARGE,
    BATCH,
    /// Larger than a segment: it gets its own.
    LARGE_BATCH,
    /// Larger than a frame.
    FRAMES
  }

  private static Kind kind(long random) {
    int of100 = below(random, 100);
    if (of100 < 72) {
      return Kind.SINGLE;
    }
    if (of100 < 82) {
      return Kind.LARGE;
    }
    return of100 < 96 ? Kind.BATCH : of100 < 99 ? Kind.LARGE_BATCH : Kind.FRAMES;
  }

  private static int bytes(long random, int index) {
    return switch (kind(random)) {
      case SINGLE -> below(mix(random, 2), 700);
      case LARGE -> 700 + below(mix(random, 2), 7000);
      case BATCH -> below(mix(random, 2L + index), 600);
      case LARGE_BATCH -> 2000 + below(mix(random, 2L + index), 100);
      case FRAMES -> 8000 + below(mix(random, 2L + index), 100);
    };
  }

  /// {@return a record, byte for byte}
  static byte[] record(Id id) {
    long random = random(id.life, id.writer, id.op);
    byte[] record = new byte[HEADER_BYTES + bytes(random, id.index)];
    ByteBuffer all = ByteBuffer.wrap(record);
    all.putLong(id.life).putInt(id.writer).putInt(id.op).putInt(id.index);
    long fill = mix(random, ~id.index);
    for (int i = HEADER_BYTES; i < record.length; i++) {
      record[i] = (byte) ((fill >>> ((i & 7) * 8)) + i);
    }
    return record;
  }

  /// {@return all records of an operation}
  static Batch batch(long life, int writer, int op) {
    Batch batch = new Batch();
    for (int i = 0; i < count(life, writer, op); i++) {
      batch.add(record(new Id(life, writer, op, i)));
    }
    return batch;
  }

  /// {@return which record this is, or null if it is none, byte for byte}
  static @Nullable Id idOf(byte[] record) {
    if (record.length < HEADER_BYTES) {
      return null;
    }
    ByteBuffer all = ByteBuffer.wrap(record);
    Id id = new Id(all.getLong(), all.getInt(), all.getInt(), all.getInt());
    boolean whole =
        id.op >= 0 && id.index >= 0 && id.index < id.count() && Arrays.equals(record, record(id));
    return whole ? id : null;
  }

  /// {@return what a checkpoint at an LSN holds}
  static byte[] snapshot(long lsn) {
    byte[] bytes = new byte[1000 + below(mix(lsn, 0), 200_000)];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (i * 7L + lsn);
    }
    return bytes;
  }
}
