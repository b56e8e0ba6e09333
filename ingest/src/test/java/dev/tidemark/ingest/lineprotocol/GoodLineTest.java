package dev.tidemark.ingest.lineprotocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GoodLineTest {
  @Test
  void lineWithEverything() {
    Parsed.Row row = Parsed.of("cpu,host=a,zone=b f=1.5,i=-2i,u=3u,b=t,s=\"x\" 42").row();
    assertThat(row.measurement()).isEqualTo("cpu");
    assertThat(row.tags()).containsExactly(Map.entry("host", "a"), Map.entry("zone", "b"));
    assertThat(row.fields())
        .containsExactly(
            Map.entry("f", 1.5),
            Map.entry("i", -2L),
            Map.entry("u", new Parsed.Unsigned(3)),
            Map.entry("b", true),
            Map.entry("s", "x"));
    assertThat(row.time()).isEqualTo(42);
  }

  @Test
  void tagsAreOptional() {
    assertThat(Parsed.of("cpu v=1 1").row().tags()).isEmpty();
  }

  @Test
  void missingTimestampIsTheArrivalTime() {
    assertThat(Parsed.of("cpu v=1").row().time()).isEqualTo(Parsed.ARRIVAL_NANOS);
    assertThat(Parsed.of("cpu v=1 \r\n").row().time()).isEqualTo(Parsed.ARRIVAL_NANOS);
  }

  @ParameterizedTest
  @CsvSource({
    "0,0",
    "-1,-1",
    "007,7",
    "9223372036854775807,9223372036854775807",
    "-9223372036854775808,-9223372036854775808"
  })
  void timestampsReachTheEndsOfTheirRange(String text, long nanos) {
    assertThat(Parsed.of("cpu v=1 " + text).row().time()).isEqualTo(nanos);
  }

  @Test
  void timestampIsInTheUnitOfTheRequest() {
    byte[] body = "cpu v=1 1465839830".getBytes(StandardCharsets.UTF_8);
    assertThat(Parsed.of(body, Precision.SECONDS).row().time()).isEqualTo(1465839830000000000L);
    assertThat(Parsed.of(body, Precision.MILLISECONDS).row().time()).isEqualTo(1465839830000000L);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "-0",
        "1",
        "+1",
        "1.",
        ".5",
        "-.5",
        "1.0",
        "1e3",
        "1E3",
        "1e+3",
        "1e-3",
        "-1.25e-7",
        "25.033333333333335",
        "0.13400000000000001",
        "1.7976931348623157e308",
        "4.9e-324",
        "1e-400",
        "123456789012345678901234567890",
        "0.000000000000000000000000000001",
        "9007199254740993",
        "18446744073709551616",
        "2.2250738585072011e-308",
        "1e22",
        "1e23"
      })
  void floatsAreTheNearestDouble(String text) {
    assertThat(Parsed.of("cpu v=" + text).row().fields())
        .containsExactly(Map.entry("v", Double.parseDouble(text)));
  }

  @ParameterizedTest
  @CsvSource({
    "0i,0",
    "-0i,0",
    "+5i,5",
    "0000000000000000000000005i,5",
    "9223372036854775807i,9223372036854775807",
    "-9223372036854775808i,-9223372036854775808"
  })
  void integersReachTheEndsOfTheirRange(String text, long value) {
    assertThat(Parsed.of("cpu v=" + text).row().fields()).containsExactly(Map.entry("v", value));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "1", "9223372036854775808", "18446744073709551615"})
  void unsignedReachTheEndsOfTheirRange(String text) {
    assertThat(Parsed.of("cpu v=" + text + "u").row().fields())
        .containsExactly(Map.entry("v", new Parsed.Unsigned(Long.parseUnsignedLong(text))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"t", "T", "true", "True", "TRUE"})
  void wordsThatAreTrue(String word) {
    assertThat(Parsed.of("cpu v=" + word).row().fields()).containsExactly(Map.entry("v", true));
  }

  @ParameterizedTest
  @ValueSource(strings = {"f", "F", "false", "False", "FALSE"})
  void wordsThatAreFalse(String word) {
    assertThat(Parsed.of("cpu v=" + word).row().fields()).containsExactly(Map.entry("v", false));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "`\"\"`,``",
        "`\"a b,c=d\"`,`a b,c=d`",
        "`\"a\\\"b\"`,`a\"b`",
        "`\"a\\\\b\"`,`a\\b`",
        "`\"a\\\\\"`,`a\\`",
        "`\"a\\nb\\ c\\,d\"`,`a\\nb\\ c\\,d`",
        "`\"# no comment\"`,`# no comment`"
      })
  void stringsAreFreedOfTheirEscapesOnly(String text, String value) {
    assertThat(Parsed.of("cpu v=" + text + ",w=1").row().fields())
        .containsExactly(Map.entry("v", value), Map.entry("w", 1.0));
  }

  @Test
  void stringMayRunOverLines() {
    Parsed parsed = Parsed.of("cpu v=\"a\r\n\n#b\" 1\ncpu v=2 2\ncpu v= 3");
    assertThat(parsed.rows()).hasSize(2);
    assertThat(parsed.rows().getFirst().fields()).containsExactly(Map.entry("v", "a\r\n\n#b"));
    assertThat(parsed.rows().getLast().time()).isEqualTo(2);
    assertThat(parsed.error().line()).isEqualTo(5);
  }

  @Test
  void commasEqualsAndSpacesAreEscapedInTags() {
    Parsed.Row row = Parsed.of("cpu,k\\,\\=\\ k=v\\,\\=\\ v,x=y a=1").row();
    assertThat(row.tags()).containsExactly(Map.entry("k,= k", "v,= v"), Map.entry("x", "y"));
  }

  @Test
  void commasEqualsAndSpacesAreEscapedInFieldKeys() {
    Parsed.Row row = Parsed.of("cpu k\\,\\=\\ k=1").row();
    assertThat(row.fields()).containsExactly(Map.entry("k,= k", 1.0));
  }

  @Test
  void backslashBeforeAnythingElseIsItself() {
    Parsed.Row row = Parsed.of("cpu,a\\b=c\\\\d,e=\\\\\\,f\\\" g\\h=\"i\\j\"").row();
    assertThat(row.tags())
        .containsExactly(Map.entry("a\\b", "c\\\\d"), Map.entry("e", "\\\\,f\\\""));
    assertThat(row.fields()).containsExactly(Map.entry("g\\h", "i\\j"));
  }

  @Test
  void quotesInNamesAndTagValuesAreOrdinary() {
    Parsed.Row row = Parsed.of("cpu,\"a\"=\"b\" \"c\"=\"d\"").row();
    assertThat(row.tags()).containsExactly(Map.entry("\"a\"", "\"b\""));
    assertThat(row.fields()).containsExactly(Map.entry("\"c\"", "d"));
  }

  @Test
  void unicodeIsAllowedInTagsFieldsAndStrings() {
    Parsed.Row row = Parsed.of("cpu,\u00f6rt=\u6771\u4eac t\u00e9=\"\ud83d\ude00\"").row();
    assertThat(row.tags()).containsExactly(Map.entry("\u00f6rt", "\u6771\u4eac"));
    assertThat(row.fields()).containsExactly(Map.entry("t\u00e9", "\ud83d\ude00"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"cpu,h=a v=1 7", " \tcpu,h=a v=1 7", "cpu,h=a  v=1   7", "cpu,h=a v=1 7  "})
  void spacesAroundSectionsDoNotMatter(String line) {
    Parsed.Row row = Parsed.of(line + "\n").row();
    assertThat(row.tags()).containsExactly(Map.entry("h", "a"));
    assertThat(row.fields()).containsExactly(Map.entry("v", 1.0));
    assertThat(row.time()).isEqualTo(7);
  }

  @Test
  void commentsAndBlankLinesAreNeitherGoodNorBad() {
    Parsed parsed = Parsed.of("# a\n\n  \t\n\r\n \t# b\r\ncpu v=1 1\n#\"c\ncpu v=2 2\n# end");
    assertThat(parsed.rows()).extracting(Parsed.Row::time).containsExactly(1L, 2L);
    assertThat(parsed.result().rejected()).isZero();
    assertThat(parsed.result().isBlank()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "\r\n", "\r", "  ", "# only a comment", "\n\n#\n"})
  void bodyWithoutALineIsBlank(String body) {
    assertThat(Parsed.of(body).result().isBlank()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"\n", "\r\n"})
  void bothLineEndsAreUnderstoodEverywhere(String end) {
    String body = String.join(end, "cpu v=1", "cpu v=1i 2", "cpu v=\"a\"", "cpu v=t", "");
    Parsed parsed = Parsed.of(body);
    assertThat(parsed.result()).isEqualTo(new ParseResult(4, 0, List.of()));
  }

  @Test
  void lastLineNeedsNoLineEnd() {
    assertThat(Parsed.of("cpu v=1 1\ncpu v=2 2").rows()).hasSize(2);
    assertThat(Parsed.of("cpu v=1 1\ncpu v=2 2\r").rows()).hasSize(2);
  }

  @Test
  void pointKnowsItsPlaceInTheBody() {
    byte[] body = "#c\n  cpu s=\"a\nb\" 1\r\ncpu v=2 2".getBytes(StandardCharsets.UTF_8);
    StringBuilder places = new StringBuilder();
    new LineParser()
        .parse(
            body,
            0,
            body.length,
            Precision.NANOSECONDS,
            0,
            p -> places.append(p.line() + ":" + p.offset() + "-" + p.endOffset() + " "));
    assertThat(places).hasToString("2:5-20 4:20-29 ");
  }

  @Test
  void asManyColumnsAndAsLongTextsAsTheLimitsAllow() {
    StringBuilder body = new StringBuilder("m");
    body.append(",").append("k".repeat(Limits.NAME_BYTES - 1)).append("\\ =");
    body.append("v".repeat(Limits.TEXT_BYTES - 1)).append("\\, ");
    for (int i = 0; i < Limits.COLUMNS - 2; i++) {
      body.append("f").append(i).append("=").append(i).append("i,");
    }
    body.append("s=\"").append("\\\"".repeat(Limits.TEXT_BYTES)).append("\"");
    Parsed.Row row = Parsed.of(body.toString()).row();
    assertThat(row.fields()).hasSize(Limits.COLUMNS - 1).containsEntry("f1021", 1021L);
    assertThat(row.fields().get("s")).isEqualTo("\"".repeat(Limits.TEXT_BYTES));
    assertThat(row.tags())
        .containsEntry(
            "k".repeat(Limits.NAME_BYTES - 1) + " ", "v".repeat(Limits.TEXT_BYTES - 1) + ",");
  }

  @Test
  void measurementNameMayHave128Characters() {
    assertThat(Parsed.of("m".repeat(128) + " v=1").row().measurement()).hasSize(128);
  }
}
