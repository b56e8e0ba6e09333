package dev.tidemark.formats.banyandb;

import dev.tidemark.formats.ByteReader;
import dev.tidemark.formats.FormatException;
import io.airlift.compress.v3.snappy.SnappyDecompressor;
import io.airlift.compress.v3.snappy.SnappyJavaDecompressor;
import java.nio.ByteBuffer;

/// What one batch holds of one series: timestamps, and a value for each. It is the payload of a
/// record, taken apart; "log entry" is BanyanDB's own name for it.
///
/// Immutable as far as the bytes are that it was decoded from: its series is a view of them. Safe
/// for any number of threads.
public final class LogEntry {
  private static final SnappyDecompressor SNAPPY = new SnappyJavaDecompressor(); // has no state

  // No element of a Snappy block stands for more: 3 bytes say "copy 64".
  private static final int MOST_RAW_BYTES = 64;
  private static final int PER_BLOCK_BYTES = 3;

  private final ByteBuffer series;
  private final long[] timestamps;
  private final byte[] values;
  private final int[] valueOffsets;

  private LogEntry(ByteBuffer series, long[] timestamps, byte[] values, int[] valueOffsets) {
    this.series = series;
    this.timestamps = timestamps;
    this.values = values;
    this.valueOffsets = valueOffsets;
  }

  /// Decodes an entry. Takes memory for its values, at most 22 times the length of their block, and
  /// 12 bytes for each timestamp, of which no entry has more than 524,217.
  ///
  /// @param payload from position to limit, which stay
  /// @return the entry
  /// @throws FormatException if it is not what BanyanDB writes
  public static LogEntry decode(ByteBuffer payload) throws FormatException {
    Parts parts = Parts.of(payload, payload.remaining());
    long[] timestamps = new long[(int) parts.count];
    TimestampReader stream = new TimestampReader(parts.timestamps);
    for (int i = 0; i < timestamps.length; i++) {
      timestamps[i] = stream.next();
    }
    byte[] values = unpacked(parts);
    return new LogEntry(parts.series, timestamps, values, offsets(values, timestamps.length));
  }

  /// Checks what can be checked before all of an entry has been read.
  ///
  /// @param beginning the first bytes of the payload, at least 140,000 if it has so many
  /// @param payloadBytes how long the payload is
  /// @throws FormatException if [#decode] is sure to refuse it
  static void precheck(ByteBuffer beginning, long payloadBytes) throws FormatException {
    Parts _ = Parts.of(beginning, payloadBytes);
  }

  /// {@return the bytes of the series' name}
  public ByteBuffer series() {
    return series.duplicate();
  }

  /// {@return how many timestamps there are, and values}
  public int count() {
    return timestamps.length;
  }

  /// {@return a timestamp in nanoseconds since 1970}
  ///
  /// @param index from 0 to [#count()] - 1
  public long timestampNanos(int index) {
    return timestamps[index];
  }

  /// {@return a value, as a view that nobody may write to}
  ///
  /// @param index from 0 to [#count()] - 1
  public ByteBuffer value(int index) {
    int from = valueOffsets[index] + BatchLayout.VALUE_LENGTH_BYTES;
    int to = valueOffsets[index + 1];
    return ByteBuffer.wrap(values, from, to - from).slice().asReadOnlyBuffer();
  }

  private static byte[] unpacked(Parts parts) throws FormatException {
    byte[] block = new byte[parts.block.remaining()];
    parts.block.get(0, block);
    byte[] values = new byte[parts.valuesBytes];
    if (values.length == 0) {
      // The library looks at nothing if there is no room.
      if (parts.block.remaining() > parts.blockLengthBytes) {
        throw new FormatException("values have bytes behind their end", parts.blockOffset);
      }
      return values;
    }
    int unpacked;
    try {
      unpacked = SNAPPY.decompress(block, 0, block.length, values, 0, values.length);
    } catch (RuntimeException malformed) { // the library has several
      throw new FormatException(
          "values are no Snappy block (" + malformed.getMessage() + ")", parts.blockOffset);
    }
    if (unpacked != values.length) {
      throw new FormatException("values are a Snappy block cut short", parts.blockOffset);
    }
    return values;
  }

  private static int[] offsets(byte[] values, int count) throws FormatException {
    int[] offsets = new int[count + 1];
    ByteReader reader = ByteReader.of(ByteBuffer.wrap(values));
    for (int i = 0; i < count; i++) {
      offsets[i] = reader.offset();
      ByteBuffer _ = reader.bytes(reader.short16LittleEndian("a value's length"), "a value");
    }
    if (reader.hasRemaining()) {
      throw reader.wrong("values do not match the series' count of " + count);
    }
    offsets[count] = reader.offset();
    return offsets;
  }

  /// The parts of a payload, of whose block of values perhaps only the beginning is there.
  private record Parts(
      ByteBuffer series,
      long count,
      ByteBuffer timestamps,
      ByteBuffer block,
      int blockOffset,
      int blockLengthBytes,
      int valuesBytes) {

    static Parts of(ByteBuffer bytes, long payloadBytes) throws FormatException {
      ByteReader reader = ByteReader.of(bytes);
      ByteBuffer series = reader.bytes(reader.short16LittleEndian("a series' length"), "a series");
      long count = reader.int32LittleEndian("a count");
      int timestampBytes = reader.short16LittleEndian("the timestamps' length");
      if (count > TimestampReader.most(timestampBytes)) {
        throw reader.wrong(count + " timestamps in " + timestampBytes + " bytes");
      }
      ByteBuffer timestamps = reader.bytes(timestampBytes, "timestamps");
      int blockOffset = reader.offset();
      long blockBytes = payloadBytes - blockOffset;
      long valuesBytes = reader.varint32("the values' length");
      int blockLengthBytes = reader.offset() - blockOffset;
      if (valuesBytes < BatchLayout.VALUE_LENGTH_BYTES * count
          || valuesBytes > (BatchLayout.VALUE_LENGTH_BYTES + BatchLayout.MAX_SHORT) * count
          || valuesBytes > (blockBytes - blockLengthBytes) * MOST_RAW_BYTES / PER_BLOCK_BYTES
          || valuesBytes > Integer.MAX_VALUE - 8) {
        throw new FormatException(
            "values of "
                + valuesBytes
                + " bytes, of which there are "
                + count
                + ", in a Snappy block of "
                + blockBytes,
            blockOffset);
      }
      ByteBuffer block =
          bytes.slice(bytes.position() + blockOffset, bytes.remaining() - blockOffset);
      return new Parts(
          series, count, timestamps, block, blockOffset, blockLengthBytes, (int) valuesBytes);
    }
  }
}
