package dev.tidemark.ingest.record;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/// Turns records into bytes, as [RecordLayout] draws them. Stateless.
public final class RecordWriter {
  /// The longest idempotency key, in bytes of UTF-8.
  public static final int MAX_KEY_BYTES = 256;

  /// What an envelope takes beside its body, in bytes, at most.
  public static final int ENVELOPE_OVERHEAD_BYTES =
      RecordLayout.ENVELOPE_TEXTS + 256 + 3 + MAX_KEY_BYTES;

  private RecordWriter() {}

  /// {@return the record's bytes}
  ///
  /// @param record what to write
  /// @throws IllegalArgumentException if a text is too long for its length field
  public static byte[] bytes(ShardRecord record) {
    return switch (record) {
      case Envelope envelope -> envelope(envelope);
      case Intent intent -> intent(intent);
      case Done done -> done(done);
    };
  }

  private static byte[] envelope(Envelope envelope) {
    byte[] database = text8(envelope.database());
    byte[] key = key(envelope.idempotencyKey());
    byte[] bytes =
        new byte[RecordLayout.ENVELOPE_TEXTS + database.length + key.length + envelope.length()];
    ByteBuffer out = start(bytes, RecordLayout.ENVELOPE);
    out.put(RecordLayout.FORMAT, RecordLayout.LINE_PROTOCOL);
    out.put(RecordLayout.PRECISION, RecordLayout.precisionNumber(envelope.precision()));
    out.putLong(RecordLayout.ARRIVAL, envelope.arrivalNanos());
    out.putInt(RecordLayout.REJECTED, envelope.rejectedLines());
    out.position(RecordLayout.ENVELOPE_TEXTS).put(database).put(key);
    out.put(envelope.body(), envelope.offset(), envelope.length());
    assert !out.hasRemaining() : out;
    return bytes;
  }

  private static byte[] intent(Intent intent) {
    byte[] database = text8(intent.database());
    byte[] measurement = text8(intent.measurement());
    byte[] bytes = new byte[RecordLayout.INTENT_TEXTS + database.length + measurement.length];
    ByteBuffer out = start(bytes, RecordLayout.INTENT);
    out.putShort(RecordLayout.SHARD, (short) intent.shard());
    out.putLong(RecordLayout.INTENT_CATALOG_LSN, intent.catalogLsn());
    out.putLong(RecordLayout.INTENT_FROM, intent.from());
    out.putLong(RecordLayout.INTENT_TO, intent.to());
    out.position(RecordLayout.INTENT_TEXTS).put(database).put(measurement);
    assert !out.hasRemaining() : out;
    return bytes;
  }

  private static byte[] done(Done done) {
    byte[] database = text8(done.database());
    byte[] measurement = text8(done.measurement());
    byte[] bytes = new byte[RecordLayout.DONE_TEXTS + database.length + measurement.length];
    ByteBuffer out = start(bytes, RecordLayout.DONE);
    out.putShort(RecordLayout.SHARD, (short) done.shard());
    out.putLong(RecordLayout.DONE_TO, done.to());
    out.putInt(RecordLayout.DONE_FILES, done.files());
    out.putLong(RecordLayout.DONE_ROWS, done.rows());
    out.position(RecordLayout.DONE_TEXTS).put(database).put(measurement);
    assert !out.hasRemaining() : out;
    return bytes;
  }

  private static ByteBuffer start(byte[] bytes, byte kind) {
    bytes[RecordLayout.KIND] = kind;
    bytes[RecordLayout.KIND + 1] = RecordLayout.VERSION;
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static byte[] text8(String text) {
    byte[] utf8 = text.getBytes(UTF_8);
    if (utf8.length > 255) {
      throw new IllegalArgumentException("longer than 255 bytes: " + text);
    }
    byte[] bytes = new byte[1 + utf8.length];
    ByteBuffer.wrap(bytes).put((byte) utf8.length).put(utf8);
    return bytes;
  }

  private static byte[] key(@Nullable String text) {
    if (text == null) {
      return new byte[1];
    }
    byte[] utf8 = text.getBytes(UTF_8);
    if (utf8.length > MAX_KEY_BYTES) {
      throw new IllegalArgumentException(
          "an idempotency key is longer than " + MAX_KEY_BYTES + " bytes: " + utf8.length);
    }
    byte[] bytes = new byte[3 + utf8.length];
    ByteBuffer out = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    out.put((byte) 1).putShort((short) utf8.length).put(utf8);
    return bytes;
  }
}
