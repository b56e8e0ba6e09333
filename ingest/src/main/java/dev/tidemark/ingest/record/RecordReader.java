package dev.tidemark.ingest.record;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Turns bytes into records, as [RecordLayout] draws them. Trusts no length. Stateless.
public final class RecordReader {
  private RecordReader() {}

  /// {@return whether these are the bytes of an [Envelope], without looking further than needed}
  ///
  /// @param bytes holds the record from index 0
  /// @param length how long the record is, in bytes
  public static boolean isEnvelope(byte[] bytes, int length) {
    return length > 0 && bytes[RecordLayout.KIND] == RecordLayout.ENVELOPE;
  }

  /// Reads a record.
  ///
  /// @param bytes holds the record from index 0; an [Envelope] borrows it as its body
  /// @param length how long the record is, in bytes
  /// @return the record
  /// @throws UnreadableRecordException if the bytes are not a record this version knows
  public static ShardRecord read(byte[] bytes, int length) throws UnreadableRecordException {
    ByteBuffer in = ByteBuffer.wrap(bytes, 0, length).order(ByteOrder.LITTLE_ENDIAN);
    need(in, 2);
    byte kind = in.get(RecordLayout.KIND);
    byte version = in.get(RecordLayout.KIND + 1);
    if (version != RecordLayout.VERSION) {
      throw new UnreadableRecordException(
          "a record of kind " + kind + " has version " + version + ", which is too new");
    }
    return switch (kind) {
      case RecordLayout.ENVELOPE -> envelope(in, bytes);
      case RecordLayout.INTENT -> intent(in);
      case RecordLayout.DONE -> done(in);
      default -> throw new UnreadableRecordException("a record of kind " + kind + " is not known");
    };
  }

  private static Envelope envelope(ByteBuffer in, byte[] bytes) throws UnreadableRecordException {
    need(in, RecordLayout.ENVELOPE_TEXTS);
    byte format = in.get(RecordLayout.FORMAT);
    if (format != RecordLayout.LINE_PROTOCOL) {
      throw new UnreadableRecordException("a body of format " + format + " is not known");
    }
    in.position(RecordLayout.ENVELOPE_TEXTS);
    String database = text8(in);
    String key = key(in);
    return new Envelope(
        database,
        RecordLayout.precision(in.get(RecordLayout.PRECISION)),
        in.getLong(RecordLayout.ARRIVAL),
        in.getInt(RecordLayout.REJECTED),
        key,
        bytes,
        in.position(),
        in.remaining());
  }

  private static Intent intent(ByteBuffer in) throws UnreadableRecordException {
    need(in, RecordLayout.INTENT_TEXTS);
    in.position(RecordLayout.INTENT_TEXTS);
    Intent intent =
        new Intent(
            Short.toUnsignedInt(in.getShort(RecordLayout.SHARD)),
            in.getLong(RecordLayout.INTENT_CATALOG_LSN),
            text8(in),
            text8(in),
            in.getLong(RecordLayout.INTENT_FROM),
            in.getLong(RecordLayout.INTENT_TO));
    end(in, "an intent");
    if (intent.from() < 1 || intent.to() < intent.from() || intent.catalogLsn() < 1) {
      throw new UnreadableRecordException("not a range: " + intent);
    }
    return intent;
  }

  private static Done done(ByteBuffer in) throws UnreadableRecordException {
    need(in, RecordLayout.DONE_TEXTS);
    in.position(RecordLayout.DONE_TEXTS);
    Done done =
        new Done(
            Short.toUnsignedInt(in.getShort(RecordLayout.SHARD)),
            text8(in),
            text8(in),
            in.getLong(RecordLayout.DONE_TO),
            in.getInt(RecordLayout.DONE_FILES),
            in.getLong(RecordLayout.DONE_ROWS));
    end(in, "a done mark");
    if (done.to() < 1 || done.files() < 1 || done.rows() < 1) {
      throw new UnreadableRecordException("not a result: " + done);
    }
    return done;
  }

  private static String text8(ByteBuffer in) throws UnreadableRecordException {
    need(in, 1);
    return text(in, Byte.toUnsignedInt(in.get()));
  }

  private static @Nullable String key(ByteBuffer in) throws UnreadableRecordException {
    need(in, 1);
    byte present = in.get();
    if (present == 0) {
      return null;
    }
    if (present != 1) {
      throw new UnreadableRecordException("a key is marked " + present);
    }
    need(in, 2);
    return text(in, Short.toUnsignedInt(in.getShort()));
  }

  private static String text(ByteBuffer in, int bytes) throws UnreadableRecordException {
    need(in, bytes);
    ByteBuffer slice = in.slice(in.position(), bytes);
    in.position(in.position() + bytes);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(slice).toString();
    } catch (CharacterCodingException e) {
      throw new UnreadableRecordException("a text is not UTF-8", e);
    }
  }

  private static void need(ByteBuffer in, int bytes) throws UnreadableRecordException {
    if (in.remaining() < bytes) {
      throw new UnreadableRecordException(
          "a record of "
              + in.limit()
              + " bytes ends inside what byte "
              + in.position()
              + " starts");
    }
  }

  private static void end(ByteBuffer in, String what) throws UnreadableRecordException {
    if (in.hasRemaining()) {
      throw new UnreadableRecordException(what + " has " + in.remaining() + " bytes too many");
    }
  }
}
