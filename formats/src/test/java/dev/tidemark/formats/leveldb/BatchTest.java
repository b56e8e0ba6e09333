package dev.tidemark.formats.leveldb;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.formats.FormatException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatchTest {
  private static ByteBuffer ascii(String text) {
    return ByteBuffer.wrap(text.getBytes(US_ASCII));
  }

  /// Operations as text, and what ended them.
  private static List<String> read(ByteBuffer payload) {
    List<String> shown = new ArrayList<>();
    try {
      BatchReader batch = BatchReader.of(payload);
      while (batch.next()) {
        shown.add(
            batch.operation()
                + " "
                + US_ASCII.decode(batch.key())
                + "="
                + US_ASCII.decode(batch.value()));
      }
    } catch (FormatException malformed) {
      shown.add(malformed.getMessage());
    }
    return shown;
  }

  private static ByteBuffer cut(ByteBuffer payload, int bytes) {
    return payload.limit(payload.limit() - bytes);
  }

  private static BatchWriter twoOperations() {
    BatchWriter batch = new BatchWriter();
    batch.put(ascii("foo"), ascii("bar"));
    batch.delete(ascii("box"));
    return batch;
  }

  @Test
  void anEmptyBatchHasNoOperations() {
    assertThat(read(new BatchWriter().payload(7))).isEmpty();
    assertThat(new BatchWriter().size()).isEqualTo(12);
  }

  @Test
  void operationsBeforeACutAreShownAsLevelDbAppliesThem() {
    assertThat(read(cut(twoOperations().payload(200), 1)))
        .containsExactly(
            "PUT foo=bar", "key of a Delete has 3 bytes, of which only 2 are there, at byte 22");
  }

  @Test
  void aBatchThatMissesAnOperationHasAWrongCount() {
    assertThat(read(cut(twoOperations().payload(200), 5)))
        .containsExactly(
            "PUT foo=bar", "WriteBatch has wrong count: it says 2 and holds 1, at byte 21");
  }

  @Test
  void aBatchWithOneOperationTooManyHasAWrongCount() {
    ByteBuffer payload = twoOperations().payload(200);
    payload.put(8, (byte) 1);
    assertThat(read(payload))
        .containsExactly(
            "PUT foo=bar",
            "DELETE box=",
            "WriteBatch has wrong count: it says 1 and holds 2, at byte 26");
  }

  @Test
  void whatIsTooSmallForABatchIsRefused() {
    assertThat(read(ByteBuffer.allocate(11)))
        .containsExactly(
            "log record too small: a write batch has 12 bytes at least, this one has 11, at byte 0");
  }

  @Test
  void anUnknownTagIsRefusedBehindWhatIsKnown() {
    ByteBuffer payload = twoOperations().payload(200);
    payload.put(21, (byte) 9);
    assertThat(read(payload))
        .containsExactly("PUT foo=bar", "unknown WriteBatch tag 9, at byte 22");
  }

  @Test
  void batchesAreJoinedWithTheirOperationsInOrder() {
    BatchWriter all = new BatchWriter();
    all.addAll(twoOperations());
    all.addAll(new BatchWriter());
    all.addAll(twoOperations());
    assertThat(all.count()).isEqualTo(4);
    assertThat(read(all.payload(1)))
        .containsExactly("PUT foo=bar", "DELETE box=", "PUT foo=bar", "DELETE box=");
  }

  @ParameterizedTest
  @CsvSource({
    "08, unknown tag 8",
    "0a, unknown tag 10",
    "0107, 'comparator name has 7 bytes, of which only 0 are there'",
    "02ffffffffffffffffff01, 'log number is 18446744073709551615, which no file has'",
    "060704, level 7 of 7",
    "07000102070102030405060708, 'smallest key of a new file has 7 bytes'",
    "0700010208010203040506070801ff, 'largest key of a new file has 1 bytes'",
    "80, tag is cut short",
  })
  void editsThatAreNoneAreRefusedWithTheReason(String payload, String reason) {
    assertThatThrownBy(() -> VersionEdit.decode(ByteBuffer.wrap(HexFormat.of().parseHex(payload))))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining(reason);
  }
}
