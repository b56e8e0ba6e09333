package dev.tidemark.formats.arc;

import static dev.tidemark.formats.arc.ArcFiles.RAW;
import static dev.tidemark.formats.arc.ArcFiles.ROW;
import static dev.tidemark.formats.arc.ArcFiles.parse;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.tidemark.formats.Described;
import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.ValueCount;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;

class PayloadTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final String IDENTITY = "000102030405060708090a0b0c0d0e0f";

  private static String described(byte[] payload) throws FormatException {
    return Described.by(Payload.of(ByteBuffer.wrap(payload))::describe);
  }

  private static void assertUnknown(byte[] payload, String reason) {
    assertThatThrownBy(() -> Payload.of(ByteBuffer.wrap(payload)))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void rowsOfPythonAreDescribedWithTheirMeasurement() throws IOException {
    MessageBufferPacker packer = MessagePack.newDefaultBufferPacker();
    packer.packArrayHeader(1).packMapHeader(3);
    packer.packString("measurement").packString("mem");
    packer.packString("time").packString("2025-11-01T00:00:00+00:00");
    packer.packString("free").packInt(7);
    assertThat(described(packer.toByteArray()))
        .isEqualTo(
            "{measurement: \"mem\", rows: [{measurement: \"mem\", time: \"2025-11-01T00:00:00+00:00\","
                + " free: 7}]}");
  }

  @Test
  void rowsOfSeveralMeasurementsHaveNoneInCommon() throws FormatException {
    String row = ROW.substring(2);
    byte[] same = parse("92" + row + row);
    assertThat(Payload.of(ByteBuffer.wrap(same)).measurement()).isEqualTo("cpu");
    byte[] other = parse("92" + row + row.replace("a3637075", "a3637076"));
    Payload payload = Payload.of(ByteBuffer.wrap(other));
    assertThat(payload.measurement()).isNull();
    assertThat(payload.database()).isEqualTo("default");
    assertThat(payload.form()).isEqualTo(Payload.Form.ROWS);
  }

  @Test
  void valuesOfAllKindsAreShown() throws IOException {
    MessageBufferPacker packer = MessagePack.newDefaultBufferPacker();
    packer.packArrayHeader(1).packMapHeader(9);
    packer.packString("nil").packNil();
    packer.packString("yes").packBoolean(true);
    packer.packString("least").packLong(Long.MIN_VALUE);
    packer.packString("most").packBigInteger(new BigInteger("18446744073709551615"));
    packer.packString("half").packFloat(0.5f);
    packer.packString("none").packDouble(Double.NaN);
    packer.packString("bytes").packBinaryHeader(2).writePayload(new byte[] {1, -1});
    packer.packString("when").packTimestamp(Instant.parse("2026-01-02T03:04:05.000000006Z"));
    packer.packString("nested").packArrayHeader(2).packInt(1).packMapHeader(1);
    packer.packString("k").packArrayHeader(0);
    assertThat(described(packer.toByteArray()))
        .isEqualTo(
            "{rows: [{nil: null, yes: true, least: -9223372036854775808, most: 18446744073709551615,"
                + " half: 0.5, none: NaN, bytes: x'01ff', when: \"2026-01-02T03:04:05.000000006Z\","
                + " nested: [1, {k: []}]}]}");
  }

  @Test
  void aTrackedPayloadHasItsIdentityBeforeItsEnvelope() throws FormatException {
    String inner = ArcFiles.ENVELOPED.replace("64656661756c74", "6f746865722d64");
    Payload payload = Payload.of(ByteBuffer.wrap(parse("03" + IDENTITY + inner)));
    assertThat(payload.identity()).isEqualTo(IDENTITY);
    assertThat(payload.database()).isEqualTo("other-d");
    assertThat(payload.messagePack()).isEqualTo(ByteBuffer.wrap(parse(RAW)));
  }

  @Test
  void aCheckpointListsIdentities() throws IOException {
    assertThat(described(parse("0292a161a162"))).isEqualTo("{checkpoint: [\"a\", \"b\"]}");
    assertUnknown(parse("029101"), "no text");
  }

  @Test
  void columnsAreDescribedWhateverStandsBesideThem() throws IOException {
    MessageBufferPacker packer = MessagePack.newDefaultBufferPacker();
    packer.packMapHeader(4).packString("columns").packMapHeader(1);
    packer.packString("v").packArrayHeader(2).packNil().packInt(2);
    packer.packString("tags").packArrayHeader(1).packString("host");
    packer.packInt(7); // a name that is none
    packer.packInt(7).packString("m").packString("cpu");
    assertUnknown(packer.toByteArray(), "a name that is no text");
    byte[] right = packer.toByteArray();
    int seven = indexOf(right, new byte[] {7, 7});
    right[seven] = (byte) 0xa0;
    assertThat(described(right))
        .isEqualTo("{database: \"default\", measurement: \"cpu\", columns: {v: [null, 2]}}");
  }

  private static int indexOf(byte[] bytes, byte[] sought) {
    for (int at = 0; at + sought.length <= bytes.length; at++) {
      if (Arrays.equals(bytes, at, at + sought.length, sought, 0, sought.length)) {
        return at;
      }
    }
    throw new AssertionError();
  }

  @Test
  void whatArcDoesNotRecognizeIsRefusedWithTheReason() {
    assertUnknown(new byte[0], "a payload has 1 bytes");
    assertUnknown(parse("07"), "neither an array of rows nor a map");
    assertUnknown(parse("9107"), "Expected Map"); // a row that is a number
    assertUnknown(parse("81a16da3637075"), "without columns");
    assertUnknown(parse("81a7636f6c756d6e7380"), "without a measurement");
    assertUnknown(parse("82a16d07a7636f6c756d6e7380"), "without a measurement"); // m is a number
    assertUnknown(parse("82a16da163a7636f6c756d6e7390"), "without columns"); // an array
    assertUnknown(parse("c1"), "MessagePack");
    assertUnknown(parse("9181a161c70105ff"), "an extension of type 5");
    assertUnknown(parse("01ffff64"), "a database's name has 65535 bytes");
    assertUnknown(parse("03" + IDENTITY), "nothing behind the identity");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ddffffffff",
        "dfffffffff",
        "dd7fffffff",
        "dbffffffff",
        "91dfffffffff",
        "9181dbffffffff",
        "9181a161c6ffffffff",
        "9181a161dbffffffff",
        "9181a161ddffffffff",
        "9181a161c9ffffffffff",
        "82a16ddbffffffff",
        "9181a161c63fffffff",
        "9181a161db3fffffff",
        "81dc3fffffff",
        "82a16ddb3fffffff",
        "0291db3fffffff",
        "9181db3fffffff"
      })
  void aLengthBeyondTheEndIsRefusedBeforeMemoryIsTakenForIt(String hex) {
    byte[] payload = parse(hex);
    assertUnknown(payload, "");
    long before = THREADS.getCurrentThreadAllocatedBytes();
    assertThatThrownBy(() -> described(payload)).isInstanceOf(FormatException.class);
    assertThat(THREADS.getCurrentThreadAllocatedBytes() - before).isLessThan(1 << 20);
  }

  @Test
  void aLengthIsHeldAgainstWhatIsLeft() {
    assertUnknown(parse("82a16ddb3fffffff"), "1073741823 values or bytes, with 0 bytes left");
    assertUnknown(parse("9181a161dc000301"), "3 values or bytes, with 1 bytes left");
    assertUnknown(parse("8201"), "2 values or bytes, with 1 bytes left");
  }

  @Test
  void valuesNestedDeepAreRecognizedAndNotShown() throws FormatException {
    byte[] deep = new byte[3 + 1_000_000];
    Arrays.fill(deep, (byte) 0x91);
    deep[0] = (byte) 0x91;
    deep[1] = (byte) 0x81;
    deep[2] = (byte) 0xa0;
    deep[deep.length - 1] = 1;
    Payload payload = Payload.of(ByteBuffer.wrap(deep));
    assertThatThrownBy(() -> payload.describe(new ValueCount()))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("nested deeper than 64");
  }

  @Test
  void anythingButAPayloadIsAFormatExceptionAndNothingElse() {
    long seed = new Random().nextLong();
    System.out.printf("payloads of Arc, seed %d%n", seed);
    Random random = new Random(seed);
    byte[][] good = {parse(ArcFiles.ENVELOPED), parse(RAW), parse(ROW), parse("0292a161a162")};
    for (int drawn = 0; drawn < 20_000; drawn++) {
      byte[] payload = good[random.nextInt(good.length)].clone();
      for (int change = random.nextInt(4); change >= 0; change--) {
        payload[random.nextInt(payload.length)] = (byte) random.nextInt(256);
      }
      payload = Arrays.copyOf(payload, random.nextInt(payload.length + 5));
      try {
        Payload.of(ByteBuffer.wrap(payload)).describe(new ValueCount());
      } catch (FormatException refused) {
        assertThat(refused).hasMessageContaining("at byte");
      } catch (RuntimeException | StackOverflowError failure) {
        throw new AssertionError(
            "seed " + seed + ": " + HexFormat.of().formatHex(payload), failure);
      }
    }
  }

  @Test
  void whatIsEncodedIsDecodedAgain() throws FormatException {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("n", -1L);
    row.put("f", 2.0);
    row.put("s", "ä");
    row.put("b", false);
    row.put("nil", null);
    ByteBuffer rows = PayloadWriter.rows("d", "m", List.of(row, Map.of()));
    assertThat(Described.by(Payload.of(rows)::describe))
        .isEqualTo(
            "{database: \"d\", measurement: \"m\", rows: [{_database: \"d\", _measurement: \"m\", n:"
                + " -1, f: 2.0, s: \"ä\", b: false, nil: null}, {_database: \"d\", _measurement:"
                + " \"m\"}]}");
    ByteBuffer columns =
        PayloadWriter.columns("m", Map.of("c", Collections.singletonList((Object) null)));
    ByteBuffer enveloped = PayloadWriter.enveloped("", columns);
    assertThat(Described.by(Payload.of(enveloped)::describe))
        .isEqualTo("{database: \"\", measurement: \"m\", columns: {c: [null]}}");
  }

  @Test
  void whatArcCannotHoldIsRefusedWithTheValue() {
    assertThatThrownBy(() -> PayloadWriter.rows("d", "m", List.of(Map.of("n", 1))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("java.lang.Integer: 1");
    assertThatThrownBy(() -> PayloadWriter.columns("m", Map.of("a", List.of(1L), "b", List.of())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("different lengths");
    assertThatThrownBy(() -> PayloadWriter.enveloped("d".repeat(65_536), ByteBuffer.allocate(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("65536 bytes");
  }
}
