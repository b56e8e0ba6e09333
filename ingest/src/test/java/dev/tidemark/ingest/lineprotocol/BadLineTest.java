package dev.tidemark.ingest.lineprotocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class BadLineTest {
  static Stream<Arguments> lines() {
    String rule =
        "invalid measurement name: must start with a letter and contain only alphanumeric"
            + " characters, underscores, or hyphens (max 128 characters)";
    String value =
        "not a field value: a number, an integer with i or u, a boolean or a quoted string";
    String fields = "no fields: a line is 'measurement,tag=value field=value time'";
    String time = "not a timestamp: a whole number, then the end of the line";
    String range = "a timestamp beyond the years 1677 to 2262 in the precision of the request";
    String int64 = "an integer beyond the range of 64 bits, signed";
    String uint64 = "an integer beyond the range of 64 bits, unsigned";
    String after = "a closing quote must be followed by ',', a space or the end of the line";
    String notFinite = "NaN and infinities cannot be stored";
    String named = " 'time': the name is taken by the timestamp";
    return Stream.of(
        bad("measurement missing", ",t=a v=1", 1, rule),
        bad("measurement begins with a digit", "1cpu v=1", 1, rule),
        bad("measurement with an escaped space", "my\\ cpu v=1", 1, rule),
        bad("measurement with an escaped comma", "my\\,cpu v=1", 1, rule),
        bad("measurement with a backslash", "my\\cpu v=1", 1, rule),
        bad("measurement with an equals sign", "cpu=1", 1, rule),
        bad("measurement with a dot", "cpu..x v=1", 1, rule),
        bad("measurement that climbs", "../../etc v=1", 1, rule),
        bad("measurement with a slash", "a/b v=1", 1, rule),
        bad("measurement quoted", "\"cpu\" v=1", 1, rule),
        bad("measurement beyond ASCII", "\u00e4 v=1", 1, rule),
        bad("measurement after spaces", "  9 v=1", 3, rule),
        bad("measurement of 129 characters", "m".repeat(129) + " v=1", 1, rule),
        bad("fields missing", "cpu", 4, fields),
        bad("fields missing after spaces", "cpu  ", 6, fields),
        bad("fields missing after tags", "cpu,t=a", 8, fields),
        bad("tag key empty", "cpu,=a v=1", 5, "empty tag key"),
        bad("tag key empty before a comma", "cpu,,t=a v=1", 5, "empty tag key"),
        bad("tag key empty after the last comma", "cpu,t=a, v=1", 9, "empty tag key"),
        bad("tag without value", "cpu,t v=1", 5, "a tag without '=' and a value"),
        bad("tag value empty", "cpu,t= v=1", 7, "empty tag value"),
        bad("tag value empty before a comma", "cpu,t=,u=b v=1", 7, "empty tag value"),
        bad("tag value empty at the line end", "cpu,t=", 7, "empty tag value"),
        bad(
            "tag value with an equals sign",
            "cpu,t=a=b v=1",
            8,
            "'=' in a tag value must be escaped as '\\='"),
        bad("field key empty", "cpu =1", 5, "empty field key"),
        bad("field key empty after a comma", "cpu v=1,=2", 9, "empty field key"),
        bad("field missing after a comma", "cpu v=1,", 9, "empty field key"),
        bad("field missing between comma and time", "cpu v=1, 7", 9, "empty field key"),
        bad("field without value", "cpu v", 5, "a field without '=' and a value"),
        bad(
            "field without value before a comma",
            "cpu v,w=1",
            5,
            "a field without '=' and a value"),
        bad("field value empty", "cpu v=", 7, "empty field value"),
        bad("field value empty before a comma", "cpu v=,w=1", 7, "empty field value"),
        bad("field value empty before the time", "cpu v= 7", 7, "empty field value"),
        bad("field value of letters", "cpu v=abc", 7, value),
        bad("field value almost true", "cpu v=tRUE", 7, value),
        bad("field value almost false", "cpu v=fALSE", 7, value),
        bad("field value in single quotes", "cpu v='a'", 7, value),
        bad("number with two points", "cpu v=1.2.3", 7, value),
        bad("number with two signs", "cpu v=--1", 7, value),
        bad("number that is a sign", "cpu v=-", 7, value),
        bad("number that is a point", "cpu v=.", 7, value),
        bad("number without exponent digits", "cpu v=1e", 7, value),
        bad("number with a broken exponent", "cpu v=1e5x", 7, value),
        bad("number with a point in the exponent", "cpu v=1e5.5", 7, value),
        bad("number that is an exponent", "cpu v=e5", 7, value),
        bad("number in hexadecimal", "cpu v=0x10", 7, value),
        bad("number with Java's suffix", "cpu v=1.5d", 7, value),
        bad("number with underscores", "cpu v=1_000", 7, value),
        bad(
            "number beyond a float",
            "cpu v=1e309",
            7,
            "a number beyond the range of a 64-bit float"),
        bad(
            "number far beyond a float",
            "cpu v=-1e99999999999",
            7,
            "a number beyond the range of a 64-bit float"),
        bad("NaN", "cpu v=NaN", 7, notFinite),
        bad("nan in small letters", "cpu v=nan", 7, notFinite),
        bad("Inf", "cpu v=Inf", 7, notFinite),
        bad("minus inf", "cpu v=-inf", 7, notFinite),
        bad("plus Infinity", "cpu v=+Infinity", 7, notFinite),
        bad("integer with a point", "cpu v=1.5i", 7, value),
        bad("integer without digits", "cpu v=i", 7, value),
        bad("integer that is a sign", "cpu v=-i", 7, value),
        bad("integer one too large", "cpu v=9223372036854775808i", 7, int64),
        bad("integer one too small", "cpu v=-9223372036854775809i", 7, int64),
        bad("integer far too large", "cpu v=99999999999999999999999999i", 7, int64),
        bad("unsigned one too large", "cpu v=18446744073709551616u", 7, uint64),
        bad("unsigned that wraps twice", "cpu v=184467440737095516160u", 7, uint64),
        bad("unsigned with a minus", "cpu v=-1u", 7, value),
        bad("unsigned without digits", "cpu v=u", 7, value),
        bad("string never closed", "cpu v=\"abc", 7, "unterminated quote"),
        bad("string whose closing quote is escaped", "cpu v=\"abc\\\" 1", 7, "unterminated quote"),
        bad("string of one quote", "cpu v=\"", 7, "unterminated quote"),
        bad("string with something behind it", "cpu v=\"a\"b", 10, after),
        bad("string with an i behind it", "cpu v=\"a\"i", 10, after),
        bad("timestamp of letters", "cpu v=1 now", 9, time),
        bad("timestamp with a fraction", "cpu v=1 1.5", 9, time),
        bad("timestamp with a plus", "cpu v=1 +1", 9, time),
        bad("timestamp that is a sign", "cpu v=1 -", 9, time),
        bad("timestamp followed by another", "cpu v=1 1 2", 9, time),
        bad("timestamp one too large", "cpu v=1 9223372036854775808", 9, range),
        bad("timestamp one too small", "cpu v=1 -9223372036854775809", 9, range),
        bad("timestamp far too large", "cpu v=1 99999999999999999999999", 9, range),
        bad("duplicate tag key", "cpu,a=1,b=2,a=3 v=1", 13, "duplicate tag key 'a'"),
        bad(
            "duplicate tag key by escapes",
            "cpu,a\\ b=1,a\\ b=3 v=1",
            12,
            "duplicate tag key 'a b'"),
        bad("duplicate field key", "cpu a=1,b=2,a=3", 13, "duplicate field key 'a'"),
        bad("tag and field", "cpu,a=1,x=2 v=1,x=3", 17, "'x' is both a tag and a field"),
        bad("tag named time", "cpu,time=1 v=1", 5, "tag" + named),
        bad("field named time", "cpu,a=1 v=1,time=3 5", 13, "field" + named),
        bad("NUL in a string", "cpu v=\"a\0b\"", 9, "a NUL byte"),
        bad("NUL in a tag value", "cpu,a=\0 v=1", 7, "a NUL byte"),
        bad("NUL in a measurement", "cpu\0 v=1", 4, "a NUL byte"),
        bad("carriage return inside a value", "cpu v=1\r2", 7, value),
        bad(
            "tag key too long",
            "cpu," + "k".repeat(257) + "=1 v=1",
            5,
            "a tag or field key is longer than 256 bytes"),
        bad(
            "field key too long",
            "cpu " + "k".repeat(257) + "=1",
            5,
            "a tag or field key is longer than 256 bytes"),
        bad(
            "field key too long with an escape",
            "cpu " + "k".repeat(256) + "\\ =1",
            5,
            "a tag or field key is longer than 256 bytes"),
        bad(
            "tag value too long",
            "cpu,t=" + "v".repeat(65_537) + " v=1",
            7,
            "a tag value is longer than 65536 bytes"),
        bad(
            "tag value too long with an escape",
            "cpu,t=\\ " + "v".repeat(65_536) + " v=1",
            7,
            "a tag value is longer than 65536 bytes"),
        bad(
            "string too long",
            "cpu v=\"" + "v".repeat(65_537) + "\"",
            7,
            "a string is longer than 65536 bytes"),
        bad(
            "number too long",
            "cpu v=" + "1".repeat(1_101),
            7,
            "a number is longer than 1100 bytes"),
        bad(
            "too many fields",
            "m " + columns(0, 1_024, "1") + ",g=1",
            3 + columns(0, 1_024, "1").length() + 1,
            "a point has more than 1024 tags and fields"),
        bad(
            "too many tags",
            "m," + columns(0, 1_025, "1") + " g=1",
            3 + columns(0, 1_024, "1").length() + 1,
            "a point has more than 1024 tags and fields"),
        bad(
            "too many tags and fields",
            "m," + columns(0, 1_024, "1") + " g=1",
            3 + columns(0, 1_024, "1").length() + 1,
            "a point has more than 1024 tags and fields"));
  }

  private static Arguments bad(String name, String line, int column, String reason) {
    return Arguments.of(org.junit.jupiter.api.Named.of(name, line), column, reason);
  }

  private static String columns(int from, int to, String value) {
    return String.join(
        ",", IntStream.range(from, to).mapToObj(i -> "c" + i + "=" + value).toList());
  }

  @ParameterizedTest
  @MethodSource("lines")
  void isReportedWithPlaceAndReasonAndLeavesNoTrace(String line, int column, String reason) {
    for (String end : List.of("", "\n", "\r\n")) {
      Parsed alone = Parsed.of(line + end);
      assertThat(alone.error()).isEqualTo(new LineError(1, column, reason));
      assertThat(alone.rows()).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("lines")
  void doesNotHarmItsNeighbours(String line, int column, String reason) {
    Parsed parsed = Parsed.of("# one\nbefore v=1 1\n" + line + "\nafter v=2 2\n");
    assertThat(parsed.error()).isEqualTo(new LineError(3, column, reason));
    assertThat(parsed.rows())
        .extracting(Parsed.Row::measurement)
        .containsExactly("before", "after");
    assertThat(parsed.result().accepted()).isEqualTo(2);
  }

  static Stream<Arguments> malformedText() {
    return Stream.of(
        Arguments.of("a lone continuation byte", new int[] {0x80}),
        Arguments.of("a sequence cut short", new int[] {0xc3}),
        Arguments.of("three bytes cut to two", new int[] {0xe2, 0x82}),
        Arguments.of("an overlong slash", new int[] {0xc0, 0xaf}),
        Arguments.of("an overlong NUL", new int[] {0xc0, 0x80}),
        Arguments.of("an overlong of three bytes", new int[] {0xe0, 0x80, 0xaf}),
        Arguments.of("an overlong of four bytes", new int[] {0xf0, 0x80, 0x80, 0xaf}),
        Arguments.of("a surrogate", new int[] {0xed, 0xa0, 0x80}),
        Arguments.of("beyond the last code point", new int[] {0xf4, 0x90, 0x80, 0x80}),
        Arguments.of("a byte UTF-8 never has", new int[] {0xff}));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("malformedText")
  void invalidUtf8IsBadInStringsTagsAndKeys(String name, int[] sequence) {
    assertThat(name).isNotEmpty();
    byte[][] bodies = {
      body("cpu v=\"a", sequence, "b\" 1\nafter v=1"),
      body("cpu,t=a1", sequence, " v=1 1\nafter v=1"),
      body("cpu tagab", sequence, "=1 1\nafter v=1"),
      body("cpu,tagx", sequence, "=1 v=1 1\nafter v=1")
    };
    for (byte[] body : bodies) {
      Parsed parsed = Parsed.of(body, Precision.NANOSECONDS);
      int column = new String(body, StandardCharsets.ISO_8859_1).indexOf((char) sequence[0]) + 1;
      assertThat(parsed.error()).isEqualTo(new LineError(1, column, "invalid UTF-8"));
      assertThat(parsed.rows()).extracting(Parsed.Row::measurement).containsExactly("after");
    }
  }

  private static byte[] body(String before, int[] sequence, String after) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes(before.getBytes(StandardCharsets.UTF_8));
    for (int b : sequence) {
      body.write(b);
    }
    body.writeBytes(after.getBytes(StandardCharsets.UTF_8));
    return body.toByteArray();
  }

  @Test
  void timestampThatOverflowsInItsPrecisionIsBad() {
    byte[] body = "cpu v=1 9223372037".getBytes(StandardCharsets.UTF_8);
    assertThat(Parsed.of(body, Precision.SECONDS).error().column()).isEqualTo(9);
    assertThat(Parsed.of(body, Precision.MILLISECONDS).rows()).hasSize(1);
  }

  @Test
  void bytesOfACommentAreNobodysBusiness() {
    byte[] body = body("# a\0", new int[] {0xff}, "\ncpu v=1 1\n");
    assertThat(Parsed.of(body, Precision.NANOSECONDS).row().time()).isEqualTo(1);
  }

  @Test
  void duplicatesAreFoundAmongManyColumns() {
    String many = "m " + columns(0, 700, "1") + ",c345=2";
    assertThat(Parsed.of(many).error().reason()).isEqualTo("duplicate field key 'c345'");
    String both = "m,c699=x " + columns(0, 700, "1");
    assertThat(Parsed.of(both).error().reason()).isEqualTo("'c699' is both a tag and a field");
  }

  @Test
  void firstTenFaultsAreDescribedAndAllCounted() {
    Parsed parsed = Parsed.of("cpu v=\n".repeat(25) + "cpu v=1\n");
    assertThat(parsed.result().rejected()).isEqualTo(25);
    assertThat(parsed.result().accepted()).isEqualTo(1);
    assertThat(parsed.result().errors())
        .extracting(LineError::line)
        .containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
  }
}
