package dev.tidemark.ingest.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.ingest.lineprotocol.Precision;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// The bytes of the shard log's records, and every way they can be bad.
final class RecordLayoutTest {
  private static final Intent INTENT = new Intent(7, 3, "db", "cpu", 5, 9);
  private static final Done DONE = new Done(7, "db", "cpu", 9, 2, 1000);

  private static Envelope envelope(String key) {
    byte[] body = "xx cpu v=1 1\n".getBytes(UTF_8);
    return new Envelope("db", Precision.MILLISECONDS, 77, 4, key, body, 3, body.length - 3);
  }

  private static ShardRecord read(byte[] bytes) throws UnreadableRecordException {
    // Behind the record stands what an earlier, longer one left.
    byte[] array = Arrays.copyOf(bytes, bytes.length + 40);
    Arrays.fill(array, bytes.length, array.length, (byte) 0x5A);
    return RecordReader.read(array, bytes.length);
  }

  @Test
  void theBytesAreThoseOfTheDiagram() {
    assertThat(HexFormat.of().formatHex(RecordWriter.bytes(INTENT)))
        .isEqualTo(
            "02010700"
                + "0300000000000000"
                + "0500000000000000"
                + "0900000000000000"
                + "026462"
                + "03637075");
    assertThat(HexFormat.of().formatHex(RecordWriter.bytes(DONE)))
        .isEqualTo(
            "03010700"
                + "0900000000000000"
                + "02000000"
                + "e803000000000000"
                + "026462"
                + "03637075");
    assertThat(HexFormat.of().formatHex(RecordWriter.bytes(envelope("k1"))))
        .isEqualTo(
            "01010103"
                + "4d00000000000000"
                + "04000000"
                + "026462"
                + "0102006b31"
                + HexFormat.of().formatHex("cpu v=1 1\n".getBytes(UTF_8)));
  }

  @Test
  void whatIsWrittenIsRead() throws Exception {
    assertThat(read(RecordWriter.bytes(INTENT))).isEqualTo(INTENT);
    assertThat(read(RecordWriter.bytes(DONE))).isEqualTo(DONE);
    for (String key : Arrays.asList(null, "", "kéy")) {
      for (Precision precision : Precision.values()) {
        byte[] body = "cpu v=1\n".getBytes(UTF_8);
        Envelope in = new Envelope("db", precision, -5, 0, key, body, 0, body.length);
        Envelope out = (Envelope) read(RecordWriter.bytes(in));
        assertThat(out.database()).isEqualTo("db");
        assertThat(out.precision()).isEqualTo(precision);
        assertThat(out.arrivalNanos()).isEqualTo(-5);
        assertThat(out.idempotencyKey()).isEqualTo(key);
        assertThat(new String(out.body(), out.offset(), out.length(), UTF_8))
            .isEqualTo("cpu v=1\n");
      }
    }
  }

  @Test
  void aRecordCutShortIsRefusedAtEveryByte() {
    for (ShardRecord record : List.of(INTENT, DONE)) {
      byte[] bytes = RecordWriter.bytes(record);
      for (int length = 0; length < bytes.length; length++) {
        byte[] cut = Arrays.copyOf(bytes, length);
        assertThatThrownBy(() -> read(cut)).isInstanceOf(UnreadableRecordException.class);
      }
    }
    byte[] envelope = RecordWriter.bytes(envelope("key"));
    for (int length = 0; length < envelope.length - "cpu v=1 1\n".length(); length++) {
      byte[] cut = Arrays.copyOf(envelope, length);
      assertThatThrownBy(() -> read(cut)).isInstanceOf(UnreadableRecordException.class);
    }
  }

  @Test
  void bytesTooManyAreRefused() {
    for (ShardRecord record : List.of(INTENT, DONE)) {
      byte[] bytes = RecordWriter.bytes(record);
      assertThatThrownBy(() -> read(Arrays.copyOf(bytes, bytes.length + 1)))
          .isInstanceOf(UnreadableRecordException.class)
          .hasMessageContaining("too many");
    }
  }

  @Test
  void aNewerVersionAnUnknownKindAndAnUnknownFormatAreRefusedByName() {
    assertThatThrownBy(() -> read(with(RecordWriter.bytes(DONE), 1, 2)))
        .hasMessageContaining("version 2")
        .hasMessageContaining("too new");
    assertThatThrownBy(() -> read(with(RecordWriter.bytes(DONE), 0, 9)))
        .hasMessageContaining("kind 9");
    assertThatThrownBy(() -> read(with(RecordWriter.bytes(envelope("k")), 2, 7)))
        .hasMessageContaining("format 7");
    assertThatThrownBy(() -> read(with(RecordWriter.bytes(envelope("k")), 3, 0)))
        .hasMessageContaining("precision 0");
  }

  @Test
  void rangesThatMakeNoSenseAreRefused() {
    assertThatThrownBy(() -> read(RecordWriter.bytes(new Intent(0, 1, "db", "m", 9, 5))))
        .hasMessageContaining("not a range");
    assertThatThrownBy(() -> read(RecordWriter.bytes(new Done(0, "db", "m", 0, 1, 1))))
        .hasMessageContaining("not a result");
  }

  @Test
  void noBytesMakeTheReaderFailInAnotherWay() {
    long seed = 20_261_121;
    Random random = new Random(seed);
    byte[][] good = {
      RecordWriter.bytes(INTENT), RecordWriter.bytes(DONE), RecordWriter.bytes(envelope("k"))
    };
    for (int i = 0; i < 100_000; i++) {
      byte[] bytes = good[random.nextInt(good.length)].clone();
      for (int flips = random.nextInt(4); flips >= 0; flips--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      try {
        read(bytes);
      } catch (UnreadableRecordException e) {
        assertThat(e).as("seed %d, round %d", seed, i).hasMessageNotContaining("null");
      }
    }
  }

  private static byte[] with(byte[] bytes, int index, int value) {
    bytes[index] = (byte) value;
    return bytes;
  }
}
