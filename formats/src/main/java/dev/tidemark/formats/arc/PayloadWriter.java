package dev.tidemark.formats.arc;

import static dev.tidemark.formats.arc.ArcLayout.ENVELOPE;
import static dev.tidemark.formats.arc.ArcLayout.MOST_DATABASE_BYTES;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tidemark.formats.ByteWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;

/// Encodes what Arc's versions in Go write. The counterpart of [Payload].
///
/// Values are null, [Boolean], [Long], [Double] and [String]; times are microseconds since 1970.
/// Whole numbers take 9 bytes whatever they are, as Arc writes them. Names and values come in the
/// order of the maps. Without state.
public final class PayloadWriter {
  private static final byte INT_64 = (byte) 0xd3;

  private PayloadWriter() {}

  /// {@return a payload in row form}
  ///
  /// @param database named in each row
  /// @param measurement named in each row
  /// @param rows each a value for each column that it has
  /// @throws IllegalArgumentException if a value is of another class
  public static ByteBuffer rows(
      String database,
      String measurement,
      List<? extends Map<String, ? extends @Nullable Object>> rows) {
    try (MessageBufferPacker packer = MessagePack.newDefaultBufferPacker()) {
      packer.packArrayHeader(rows.size());
      for (Map<String, ? extends @Nullable Object> row : rows) {
        packer.packMapHeader(2 + row.size());
        packer.packString("_database").packString(database);
        packer.packString("_measurement").packString(measurement);
        for (Map.Entry<String, ? extends @Nullable Object> value : row.entrySet()) {
          packer.packString(value.getKey());
          pack(packer, value.getValue());
        }
      }
      return ByteBuffer.wrap(packer.toByteArray());
    } catch (IOException impossible) {
      throw new UncheckedIOException("in memory", impossible);
    }
  }

  /// {@return a payload in columnar form, without an envelope: Arc takes it for one of the database
  /// `default`}
  ///
  /// @param measurement whose columns they are
  /// @param columns each with a value for each row
  /// @throws IllegalArgumentException if a value is of another class, or columns differ in length
  public static ByteBuffer columns(
      String measurement, Map<String, ? extends List<? extends @Nullable Object>> columns) {
    if (columns.values().stream().mapToInt(List::size).distinct().count() > 1) {
      throw new IllegalArgumentException("columns of different lengths, in " + measurement);
    }
    try (MessageBufferPacker packer = MessagePack.newDefaultBufferPacker()) {
      packer.packMapHeader(2).packString("m").packString(measurement).packString("columns");
      packer.packMapHeader(columns.size());
      for (Map.Entry<String, ? extends List<? extends @Nullable Object>> column :
          columns.entrySet()) {
        packer.packString(column.getKey()).packArrayHeader(column.getValue().size());
        for (Object value : column.getValue()) {
          pack(packer, value);
        }
      }
      return ByteBuffer.wrap(packer.toByteArray());
    } catch (IOException impossible) {
      throw new UncheckedIOException("in memory", impossible);
    }
  }

  /// {@return a payload in columnar form, in an envelope that names its database}
  ///
  /// @param database the name, at most 65,535 bytes of UTF-8
  /// @param columns a payload in columnar form, as [#columns] makes one or a client sent it; its
  ///   position stays
  /// @throws IllegalArgumentException if the name is longer
  public static ByteBuffer enveloped(String database, ByteBuffer columns) {
    byte[] name = database.getBytes(UTF_8);
    if (name.length > MOST_DATABASE_BYTES) {
      throw new IllegalArgumentException("the name of a database with " + name.length + " bytes");
    }
    ByteWriter writer = new ByteWriter(3 + name.length + columns.remaining());
    writer.octet(ENVELOPE).short16BigEndian(name.length).bytes(ByteBuffer.wrap(name));
    return writer.bytes(columns).written();
  }

  private static void pack(MessageBufferPacker packer, @Nullable Object value) throws IOException {
    switch (value) {
      case null -> packer.packNil();
      case Boolean claim -> packer.packBoolean(claim);
      case Long number ->
          // The library would take the shortest form.
          packer.writePayload(ByteBuffer.allocate(9).put(INT_64).putLong(number).array());
      case Double number -> packer.packDouble(number);
      case String text -> packer.packString(text);
      default ->
          throw new IllegalArgumentException("a value of " + value.getClass() + ": " + value);
    }
  }
}
