package dev.tidemark.ingest.lineprotocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Where parsing goes on after a fault, and what a sink may do.
class AfterBadLineTest {
  private static final String OPEN = "unterminated quote";

  @Test
  void quoteNobodyClosesCostsItsOwnLineOnly() {
    Parsed parsed = Parsed.of("a v=1 1\nb s=\"open 2\nc v=3 3\nd v=4 4\n");
    assertThat(parsed.error()).isEqualTo(new LineError(2, 5, OPEN));
    assertThat(times(parsed)).containsExactly(1L, 3L, 4L);
  }

  @Test
  void openQuoteDoesNotSwallowALaterLineWithAString() {
    Parsed parsed = Parsed.of("a s=\"open 1\nb s=\"x\" 2\nc s=\"y z\" 3\n");
    assertThat(parsed.error()).isEqualTo(new LineError(1, 5, OPEN));
    assertThat(times(parsed)).containsExactly(2L, 3L);
  }

  @Test
  void openQuoteAfterAnotherFaultDoesNotSwallowALaterLine() {
    Parsed parsed = Parsed.of("a s=\"x\"y,b=\"open\nb s=\"d\" 2\n");
    assertThat(parsed.error().line()).isEqualTo(1);
    assertThat(times(parsed)).containsExactly(2L);
  }

  @Test
  void openQuoteInTheSecondLineOfAStringIsReportedThere() {
    Parsed parsed = Parsed.of("a s=\"1\n2\",t=\"open\nb v=2 2\n");
    assertThat(parsed.error()).isEqualTo(new LineError(2, 6, OPEN));
    assertThat(times(parsed)).containsExactly(2L);
  }

  @Test
  void textInsideAStringIsNeverTakenForAPointWhereverTheFaultIs() {
    String inside = "\"one\nforged v=1 1\ntwo\"";
    for (String line :
        List.of(
            "m s=" + inside + ",v= 5",
            "m v=,s=" + inside + " 5",
            "m,t= v=1,s=" + inside + " 5",
            "m,time=1 s=" + inside + " 5",
            "1m s=" + inside + " 5",
            "m,t=\"x\" v=1e999,s=" + inside,
            "m k=1,k=2,s=" + inside,
            "m s=" + inside + " 5x",
            "m a\\=\"x=1,v,s=" + inside + " 5")) {
      Parsed parsed = Parsed.of(line + "\nafter v=9 9\n");
      assertThat(times(parsed)).as(line).containsExactly(9L);
      assertThat(parsed.result().rejected()).as(line).isEqualTo(1);
    }
  }

  @Test
  void stringTooLongIsLeftBehindWhole() {
    String text = "x\n".repeat(Limits.TEXT_BYTES / 2) + "forged v=1 1\n";
    Parsed parsed = Parsed.of("m s=\"" + text + "\",t=\"a\nb\" 5\nafter v=9 9");
    assertThat(parsed.error())
        .isEqualTo(new LineError(1, 5, "a string is longer than 65536 bytes"));
    assertThat(times(parsed)).containsExactly(9L);
  }

  @Test
  void faultBehindAStringOverLinesIsAtItsPhysicalLineAndColumn() {
    Parsed parsed = Parsed.of("# c\n\nm s=\"a\nbc\n d\",v=x 5\nn v=\n");
    assertThat(parsed.result().errors())
        .extracting(LineError::line, LineError::column)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(5, 7), org.assertj.core.groups.Tuple.tuple(6, 5));
  }

  @Test
  void columnsCountBytesAndNotCharacters() {
    assertThat(Parsed.of("m,t=\u00e4\u00e4 v=x").error().column()).isEqualTo(12);
  }

  @Test
  void bodyOfOpenQuotesTakesLinearTime() {
    int lines = 200_000;
    assertThat(Parsed.of("m s=\"x\n".repeat(lines)).result().rejected()).isEqualTo(lines);
    assertThat(Parsed.of("m v=,s=\"x\n".repeat(lines)).result().rejected()).isEqualTo(lines);
    assertThat(Parsed.of("m s=\"x\"y,z=\"\n".repeat(lines)).result().accepted()).isZero();
    // Here the next line's quote does close the string, and then that line ends.
    assertThat(Parsed.of("m s=\"\n".repeat(lines)).result().accepted()).isEqualTo(lines / 2);
  }

  @Test
  void sinkMayRefuseAPointAtItsColumns() {
    byte[] body = "a,t=1 v=1,w=2\nb,t=1 v=1\nc,t=1 v=1".getBytes(StandardCharsets.UTF_8);
    List<String> kept = new ArrayList<>();
    ParseResult result =
        new LineParser()
            .parse(
                body,
                0,
                body.length,
                Precision.NANOSECONDS,
                0,
                p -> {
                  switch (p.measurement().toString()) {
                    case "a" -> {
                      p.refuseField(1, "w is an integer");
                      p.refuse("only the first refusal counts");
                    }
                    case "b" -> p.refuseTag(0, "no such tag");
                    default -> kept.add(p.measurement().toString());
                  }
                });
    assertThat(kept).containsExactly("c");
    assertThat(result)
        .isEqualTo(
            new ParseResult(
                1,
                2,
                List.of(
                    new LineError(1, 11, "w is an integer"), new LineError(2, 3, "no such tag"))));
  }

  @Test
  void sinkThatThrowsEndsTheCallAndLeavesTheParserUsable() {
    LineParser parser = new LineParser();
    byte[] body = "a v=\nb v=1".getBytes(StandardCharsets.UTF_8);
    IllegalStateException thrown = new IllegalStateException("full");
    assertThatThrownBy(
            () ->
                parser.parse(
                    body,
                    0,
                    body.length,
                    Precision.NANOSECONDS,
                    0,
                    p -> {
                      throw thrown;
                    }))
        .isSameAs(thrown);
    ParseResult again = parser.parse(body, 5, 5, Precision.NANOSECONDS, 0, p -> {});
    assertThat(again).isEqualTo(new ParseResult(1, 0, List.of()));
  }

  @Test
  void valueOfAnotherTypeIsNotGivenOut() {
    byte[] body = "a v=1i".getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(
            () ->
                new LineParser()
                    .parse(body, 0, body.length, Precision.NANOSECONDS, 0, p -> p.floatValue(0)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("field 'v' is INTEGER, not FLOAT");
  }

  private static List<Long> times(Parsed parsed) {
    return parsed.rows().stream().map(Parsed.Row::time).toList();
  }
}
