package dev.tidemark.wal;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/// Records that become durable together or not at all. Grows as needed and can be cleared and used
/// again.
///
/// For one thread at a time. Payloads are copied as they are added.
public final class Batch {
  private static final int FIRST_CAPACITY = 1024;

  // All fields: owned by the one thread that uses the batch.
  private byte[] bytes = new byte[FIRST_CAPACITY];
  private int[] ends = new int[16];
  private int count;

  /// Creates an empty batch.
  public Batch() {}

  /// Adds a record.
  ///
  /// @param payload its bytes, copied
  /// @return this batch
  /// @throws IllegalArgumentException if the batch would exceed 2 GiB
  public Batch add(byte[] payload) {
    return add(MemorySegment.ofArray(payload));
  }

  /// Adds a record.
  ///
  /// @param payload its bytes, copied; if reading them throws, the batch stays as it was
  /// @return this batch
  /// @throws IllegalArgumentException if the batch would exceed 2 GiB
  public Batch add(MemorySegment payload) {
    int start = payloadBytes();
    if (payload.byteSize() > Integer.MAX_VALUE - 64 - start) {
      throw new IllegalArgumentException(
          "a batch holds less than 2 GiB: " + start + " + " + payload.byteSize());
    }
    int length = (int) payload.byteSize();
    if (start + length > bytes.length) {
      bytes = Arrays.copyOf(bytes, capacityFor(start + length));
    }
    MemorySegment.copy(payload, ValueLayout.JAVA_BYTE, 0, bytes, start, length);
    if (count == ends.length) {
      ends = Arrays.copyOf(ends, count * 2);
    }
    ends[count++] = start + length;
    return this;
  }

  private int capacityFor(int needed) {
    long doubled = Math.max(needed, 2L * bytes.length);
    return (int) Math.min(doubled, Integer.MAX_VALUE - 64);
  }

  /// {@return how many records}
  public int count() {
    return count;
  }

  /// {@return the size of all payloads, in bytes}
  public int payloadBytes() {
    return count == 0 ? 0 : ends[count - 1];
  }

  /// {@return the size of one record's payload, in bytes}
  ///
  /// @param index which, from 0
  public int recordBytes(int index) {
    return ends[index] - start(index);
  }

  /// {@return one record's payload, read-only, valid until the batch changes}
  ///
  /// @param index which, from 0
  public MemorySegment record(int index) {
    return MemorySegment.ofArray(bytes).asSlice(start(index), recordBytes(index)).asReadOnly();
  }

  /// Copies one record's payload, or a part of it, without allocating.
  ///
  /// @param index which, from 0
  /// @param from the first byte of it to copy
  /// @param target where to
  /// @param at the offset in `target`, in bytes
  /// @param length how many bytes
  public void copy(int index, int from, MemorySegment target, long at, int length) {
    MemorySegment.copy(bytes, start(index) + from, target, ValueLayout.JAVA_BYTE, at, length);
  }

  /// Removes all records and keeps the memory.
  public void clear() {
    count = 0;
  }

  private int start(int index) {
    return index == 0 ? 0 : ends[index - 1];
  }
}
