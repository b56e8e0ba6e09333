package dev.tidemark.sink;

import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.BINARY;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.BOOLEAN;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.DOUBLE;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.INT64;

import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.Types;
import org.jspecify.annotations.Nullable;

/// Hands rows to Parquet, cell by cell; a record is the number of a row. For one file, one thread.
///
/// | column | Parquet |
/// |---|---|
/// | [ColumnType#TAG], [ColumnType#STRING] | optional BINARY (STRING) |
/// | [ColumnType#FLOAT64] | optional DOUBLE |
/// | [ColumnType#INT64] | optional INT64 |
/// | [ColumnType#UINT64] | optional INT64 (INTEGER(64, unsigned)) |
/// | [ColumnType#BOOLEAN] | optional BOOLEAN |
/// | `time`, last | required INT64 (TIMESTAMP(NANOS, adjusted to UTC)) |
final class ParquetRows extends WriteSupport<Integer> {

  private final Column[] columns;
  private final RowSource rows;
  private final MessageType type;
  private final Map<String, String> metadata;
  private final RowSource.Text text = this::addText;

  /// Takes the cells; one per row group, given by Parquet before the first row.
  private @Nullable RecordConsumer consumer;

  ParquetRows(Schema schema, RowSource rows, Map<String, String> metadata) {
    this.columns = schema.columns().toArray(Column[]::new);
    this.rows = rows;
    this.type = typeOf(schema);
    this.metadata = metadata;
  }

  private static MessageType typeOf(Schema schema) {
    Types.MessageTypeBuilder message = Types.buildMessage();
    for (Column column : schema.columns()) {
      message.addField(typeOf(column));
    }
    message.addField(
        Types.required(INT64)
            .as(LogicalTypeAnnotation.timestampType(true, TimeUnit.NANOS))
            .named(Column.TIME));
    return message.named("rows");
  }

  private static PrimitiveType typeOf(Column column) {
    return switch (column.type()) {
      case TAG, STRING ->
          Types.optional(BINARY).as(LogicalTypeAnnotation.stringType()).named(column.name());
      case FLOAT64 -> Types.optional(DOUBLE).named(column.name());
      case INT64 -> Types.optional(INT64).named(column.name());
      case UINT64 ->
          Types.optional(INT64).as(LogicalTypeAnnotation.intType(64, false)).named(column.name());
      case BOOLEAN -> Types.optional(BOOLEAN).named(column.name());
    };
  }

  @Override
  public WriteContext init(ParquetConfiguration configuration) {
    return new WriteContext(type, metadata);
  }

  @Override
  @SuppressWarnings("deprecation") // abstract, so it has to be there
  public WriteContext init(Configuration configuration) {
    return new WriteContext(type, metadata);
  }

  @Override
  public void prepareForWrite(RecordConsumer recordConsumer) {
    consumer = recordConsumer;
  }

  @Override
  public void write(Integer record) {
    int row = record;
    RecordConsumer to = consumer();
    to.startMessage();
    for (int column = 0; column < columns.length; column++) {
      if (!rows.isNull(column, row)) {
        String name = columns[column].name();
        to.startField(name, column);
        addCell(to, column, row);
        to.endField(name, column);
      }
    }
    to.startField(Column.TIME, columns.length);
    to.addLong(rows.timeNanos(row));
    to.endField(Column.TIME, columns.length);
    to.endMessage();
  }

  private void addCell(RecordConsumer to, int column, int row) {
    switch (columns[column].type()) {
      case TAG, STRING -> rows.text(column, row, text);
      case FLOAT64 -> to.addDouble(rows.doubleValue(column, row));
      case INT64, UINT64 -> to.addLong(rows.longValue(column, row));
      case BOOLEAN -> to.addBoolean(rows.booleanValue(column, row));
    }
  }

  private void addText(byte[] array, int offset, int length) {
    // "Reused" makes Parquet copy what it keeps: the array is the source's.
    consumer().addBinary(Binary.fromReusedByteArray(array, offset, length));
  }

  private RecordConsumer consumer() {
    RecordConsumer given = consumer;
    if (given == null) {
      throw new IllegalStateException("Parquet has not prepared the first row group");
    }
    return given;
  }
}
