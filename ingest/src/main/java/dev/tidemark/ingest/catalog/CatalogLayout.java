package dev.tidemark.ingest.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tidemark.ingest.lineprotocol.Slice;
import dev.tidemark.ingest.record.UnreadableRecordException;
import dev.tidemark.sink.Column;
import dev.tidemark.sink.ColumnType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/// The bytes of the records in the catalog log. Numbers are little-endian, texts UTF-8. The log's
/// checksums vouch for the bytes; reading them still bounds every length.
///
/// ```
/// SHARD_LOG                    COLUMNS
///  0 kind 1      u8             0 kind 2       u8
///  1 version 1   u8             1 version 1    u8
///  2 shard      u16             2 columns     u16
///  4 log id      16 bytes       4 database     u8 length, bytes
///                                 measurement  u8 length, bytes
///                                 columns times:  type u8, name u16 length, bytes
/// ```
///
/// A type is 1 to 6: tag, string, float64, int64, uint64, boolean. New columns of one request that
/// do not fit one record are several records of one batch.
final class CatalogLayout {
  static final byte SHARD_LOG = 1;
  static final byte COLUMNS = 2;
  private static final byte VERSION = 1;
  private static final int SHARD_LOG_BYTES = 20;
  private static final int TEXTS = 4;
  private static final int MAX_COLUMN_BYTES = 3 + 0xFFFF;

  /// The longest record: one that is full but for a byte, and a column more.
  static final int MAX_RECORD_BYTES =
      TEXTS + 2 * (1 + 0xFF) + Catalog.RECORD_BYTES + MAX_COLUMN_BYTES;

  // By index: the type's number on disk less one. Never reordered.
  private static final ColumnType[] TYPES = {
    ColumnType.TAG,
    ColumnType.STRING,
    ColumnType.FLOAT64,
    ColumnType.INT64,
    ColumnType.UINT64,
    ColumnType.BOOLEAN
  };

  /// A record, read.
  sealed interface CatalogRecord {}

  /// The log of a shard has this id from here on.
  record ShardLog(int shard, String logId) implements CatalogRecord {}

  /// A measurement has these columns too.
  record Columns(String database, String measurement, List<NewColumn> columns)
      implements CatalogRecord {}

  private CatalogLayout() {}

  static byte[] bytes(ShardLog record) {
    byte[] bytes = new byte[SHARD_LOG_BYTES];
    ByteBuffer out = start(bytes, SHARD_LOG).putShort((short) record.shard());
    out.put(HexFormat.of().parseHex(record.logId()));
    assert !out.hasRemaining() : record;
    return bytes;
  }

  static byte[] bytes(Columns record) {
    byte[] database = record.database().getBytes(UTF_8);
    byte[] measurement = record.measurement().getBytes(UTF_8);
    int length = TEXTS + 2 + database.length + measurement.length;
    for (NewColumn column : record.columns()) {
      length += columnBytes(column);
    }
    byte[] bytes = new byte[length];
    ByteBuffer out = start(bytes, COLUMNS).putShort((short) record.columns().size());
    out.put((byte) database.length).put(database);
    out.put((byte) measurement.length).put(measurement);
    for (NewColumn column : record.columns()) {
      Slice key = column.key();
      out.put(typeNumber(column.type())).putShort((short) key.length());
      out.put(key.array(), key.offset(), key.length());
    }
    assert !out.hasRemaining() : record;
    return bytes;
  }

  static int columnBytes(NewColumn column) {
    return 3 + column.key().length();
  }

  private static ByteBuffer start(byte[] bytes, byte kind) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).put(kind).put(VERSION);
  }

  private static byte typeNumber(ColumnType type) {
    for (int i = 0; i < TYPES.length; i++) {
      if (TYPES[i] == type) {
        return (byte) (i + 1);
      }
    }
    throw new IllegalArgumentException("no number for " + type);
  }

  static CatalogRecord read(byte[] bytes) throws UnreadableRecordException {
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    need(in, TEXTS);
    byte kind = in.get();
    byte version = in.get();
    if (version != VERSION) {
      throw new UnreadableRecordException(
          "a catalog record of kind " + kind + " has version " + version + ", which is too new");
    }
    int number = Short.toUnsignedInt(in.getShort());
    return switch (kind) {
      case SHARD_LOG -> shardLog(in, number);
      case COLUMNS -> columns(in, number);
      default ->
          throw new UnreadableRecordException("a catalog record of kind " + kind + " is not known");
    };
  }

  private static ShardLog shardLog(ByteBuffer in, int shard) throws UnreadableRecordException {
    byte[] id = new byte[SHARD_LOG_BYTES - TEXTS];
    need(in, id.length);
    in.get(id);
    end(in);
    return new ShardLog(shard, HexFormat.of().formatHex(id));
  }

  private static Columns columns(ByteBuffer in, int count) throws UnreadableRecordException {
    String database = text(in, 1);
    String measurement = text(in, 1);
    List<NewColumn> columns = new ArrayList<>(Math.min(count, in.remaining() / 4));
    for (int i = 0; i < count; i++) {
      need(in, 1);
      byte type = in.get();
      String name = text(in, 2);
      if (type < 1 || type > TYPES.length) {
        throw new UnreadableRecordException("column type " + type + " is not known");
      }
      columns.add(new NewColumn(Slice.of(checked(name)), TYPES[type - 1]));
    }
    end(in);
    return new Columns(database, measurement, columns);
  }

  private static String checked(String name) throws UnreadableRecordException {
    try {
      return new Column(name, ColumnType.STRING).name();
    } catch (IllegalArgumentException e) {
      throw new UnreadableRecordException("a catalog record has a bad name", e);
    }
  }

  private static String text(ByteBuffer in, int lengthBytes) throws UnreadableRecordException {
    need(in, lengthBytes);
    int length =
        lengthBytes == 1 ? Byte.toUnsignedInt(in.get()) : Short.toUnsignedInt(in.getShort());
    need(in, length);
    ByteBuffer slice = in.slice(in.position(), length);
    in.position(in.position() + length);
    try {
      return UTF_8.newDecoder().decode(slice).toString();
    } catch (CharacterCodingException e) {
      throw new UnreadableRecordException("a text in the catalog is not UTF-8", e);
    }
  }

  private static void need(ByteBuffer in, int bytes) throws UnreadableRecordException {
    if (in.remaining() < bytes) {
      throw new UnreadableRecordException(
          "a catalog record of " + in.limit() + " bytes is cut short at byte " + in.position());
    }
  }

  private static void end(ByteBuffer in) throws UnreadableRecordException {
    if (in.hasRemaining()) {
      throw new UnreadableRecordException(
          "a catalog record has " + in.remaining() + " bytes too many");
    }
  }
}
