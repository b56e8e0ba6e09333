package dev.tidemark.ingest.lineprotocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SliceTest {
  private final byte[] body = "cpu,host=caf\u00e9 v=1 1\n".getBytes(StandardCharsets.UTF_8);

  @Test
  void lentSliceFindsWhatItsCopyIsTheKeyOf() {
    Map<Slice, Integer> numbers = Map.of(Slice.of("caf\u00e9"), 7);
    List<Slice> copies = new ArrayList<>();
    parse(
        p -> {
          assertThat(numbers.get(p.tagValue(0))).isEqualTo(7);
          assertThat(numbers.get(p.tagKey(0))).isNull();
          copies.add(p.tagValue(0).copy());
        });
    assertThat(copies).containsExactly(Slice.of("caf\u00e9"));
    assertThat(copies.getFirst()).hasToString("caf\u00e9").hasSameHashCodeAs(Slice.of("caf\u00e9"));
    assertThat(copies.getFirst().array()).isNotSameAs(body);
  }

  @Test
  void byteOutsideTheSliceIsNotGivenOut() {
    parse(
        p -> {
          assertThat(p.tagKey(0).byteAt(3)).isEqualTo((byte) 't');
          assertThatThrownBy(() -> p.tagKey(0).byteAt(4))
              .isInstanceOf(IndexOutOfBoundsException.class);
          assertThatThrownBy(() -> p.tagKey(0).byteAt(-1))
              .isInstanceOf(IndexOutOfBoundsException.class);
        });
  }

  @Test
  void parserKeepsNoBodyOnceItHasReturned() {
    List<Slice> lent = new ArrayList<>();
    parse(p -> lent.addAll(List.of(p.measurement(), p.tagKey(0), p.tagValue(0), p.fieldKey(0))));
    assertThat(lent)
        .hasSize(4)
        .allSatisfy(slice -> assertThat(slice.array()).isNotSameAs(body).isEmpty());
  }

  private void parse(PointSink sink) {
    ParseResult result =
        new LineParser().parse(body, 0, body.length, Precision.NANOSECONDS, 0, sink);
    assertThat(result.accepted()).isEqualTo(1);
  }
}
