package dev.tidemark.ingest.catalog;

import dev.tidemark.ingest.record.UnreadableRecordException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/// The bytes of a checkpoint of the catalog: the records of its log that still say something, each
/// with the LSN it had, for [Measurement#columnsAsOf(long)] asks for that. Numbers are
/// little-endian. The checkpoint's checksums vouch for the bytes; reading them still bounds every
/// length.
///
/// ```
/// head                        record, times               end
///  0 kind 3      u8            0 length      u32           0 zero        u32
///  1 version 1   u8            4 LSN         u64           4 records     u64
///  2 zero        u16          12 record as in the log
///  4 zero        u32               (CatalogLayout)
///  8 LSN         u64
/// ```
///
/// Those of one measurement stand together and in the order of their LSNs.
final class CatalogSnapshot {
  private static final byte SNAPSHOT = 3;
  private static final byte VERSION = 1;
  private static final int HEAD_BYTES = 16;
  private static final int PREFIX_BYTES = 12;

  private CatalogSnapshot() {}

  // ---- writing

  /// Writes what was known as of an LSN; more may come meanwhile.
  ///
  /// @param lsn at most the last that is published
  /// @param isStopped asked now and then whether to give up
  /// @throws IOException if it cannot be written, or was to give up
  static void write(
      Measurements measurements, long lsn, OutputStream target, BooleanSupplier isStopped)
      throws IOException {
    target.write(bytes(HEAD_BYTES).put(SNAPSHOT).put(VERSION).putLong(8, lsn).array());
    long records = 0;
    for (Map.Entry<Integer, Measurements.LogId> shard : measurements.logIds().entrySet()) {
      Measurements.LogId id = shard.getValue();
      if (id.lsn() <= lsn) { // a younger one is in the log behind this
        write(
            CatalogLayout.bytes(new CatalogLayout.ShardLog(shard.getKey(), id.id())),
            id.lsn(),
            target);
        records++;
      }
    }
    for (Measurement measurement : measurements.all()) {
      if (isStopped.getAsBoolean()) {
        throw new IOException("the catalog is being closed");
      }
      records += write(measurement, lsn, target);
    }
    target.write(bytes(PREFIX_BYTES).putInt(0).putLong(records).array());
  }

  // Columns of one LSN came in one record, so they fit into one.
  private static long write(Measurement measurement, long lsn, OutputStream target)
      throws IOException {
    List<NewColumn> together = new ArrayList<>();
    long records = 0;
    long at = 0;
    for (CatalogColumn column : measurement.columns()) {
      if (column.catalogLsn() > lsn) {
        break;
      }
      if (column.catalogLsn() != at && !together.isEmpty()) {
        write(measurement, together, at, target);
        together.clear();
        records++;
      }
      at = column.catalogLsn();
      together.add(new NewColumn(column.key(), column.type()));
    }
    if (!together.isEmpty()) {
      write(measurement, together, at, target);
      records++;
    }
    return records;
  }

  private static void write(
      Measurement measurement, List<NewColumn> columns, long lsn, OutputStream target)
      throws IOException {
    write(
        CatalogLayout.bytes(
            new CatalogLayout.Columns(
                measurement.database(), measurement.name(), List.copyOf(columns))),
        lsn,
        target);
  }

  private static void write(byte[] record, long lsn, OutputStream target) throws IOException {
    assert record.length <= CatalogLayout.MAX_RECORD_BYTES : record.length;
    target.write(bytes(PREFIX_BYTES).putInt(record.length).putLong(lsn).array());
    target.write(record);
  }

  private static ByteBuffer bytes(int count) {
    return ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
  }

  // ---- reading

  /// Reads a snapshot to its end.
  ///
  /// @param lsn the LSN of its checkpoint
  /// @param into takes everything in; empty before
  /// @throws UnreadableRecordException if it makes no sense
  /// @throws IOException if it cannot be read
  static void read(InputStream in, long lsn, Measurements into) throws IOException {
    ByteBuffer head = next(in, HEAD_BYTES);
    if (head.get(0) != SNAPSHOT || head.get(1) > VERSION || head.get(1) < 1) {
      throw new UnreadableRecordException(
          "the checkpoint of the catalog has kind "
              + head.get(0)
              + " and version "
              + head.get(1)
              + ", which is not known here");
    }
    if (head.getLong(8) != lsn) {
      throw new UnreadableRecordException(
          "the checkpoint of the catalog at LSN " + lsn + " says LSN " + head.getLong(8));
    }
    long records = 0;
    ByteBuffer prefix = next(in, PREFIX_BYTES);
    while (prefix.getInt(0) != 0) {
      readRecord(in, prefix.getInt(0), prefix.getLong(4), lsn, into);
      records++;
      prefix = next(in, PREFIX_BYTES);
    }
    if (prefix.getLong(4) != records || in.read() >= 0) {
      throw new UnreadableRecordException(
          "the checkpoint of the catalog says "
              + prefix.getLong(4)
              + " records, and has "
              + records
              + ", or more bytes behind them");
    }
    into.published(lsn);
  }

  private static void readRecord(
      InputStream in, int length, long recordLsn, long lsn, Measurements into) throws IOException {
    if (length < 0 || length > CatalogLayout.MAX_RECORD_BYTES || recordLsn < 1 || recordLsn > lsn) {
      throw new UnreadableRecordException(
          "the checkpoint of the catalog at LSN "
              + lsn
              + " has a record of "
              + Integer.toUnsignedString(length)
              + " bytes and LSN "
              + recordLsn);
    }
    into.replay(recordLsn, next(in, length).array());
  }

  private static ByteBuffer next(InputStream in, int count) throws IOException {
    byte[] bytes = in.readNBytes(count);
    if (bytes.length < count) {
      throw new UnreadableRecordException("the checkpoint of the catalog is cut short");
    }
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
