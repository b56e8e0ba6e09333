package dev.tidemark.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.ingest.BadLinesException;
import dev.tidemark.ingest.ColumnConflictException;
import dev.tidemark.ingest.UnavailableException;
import dev.tidemark.ingest.WriteResult;
import dev.tidemark.ingest.lineprotocol.LineError;
import dev.tidemark.ingest.lineprotocol.Precision;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What a write is answered, and what of it reaches the points.
class WriteTest {
  private static final String ROUTE = "/api/v1/write/line-protocol";
  private static final String LINE = "cpu,host=a value=1 1\n";

  private Served served;

  @BeforeEach
  void start() throws Exception {
    served = Served.ready();
  }

  @AfterEach
  void stop() throws Exception {
    served.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {ROUTE, "/write", "/api/v2/write"})
  void aStoredBodyIsAnswered204(String route) throws Exception {
    HttpResponse<String> answer = served.post(route, LINE);
    assertThat(answer.statusCode()).isEqualTo(204);
    assertThat(answer.body()).isEmpty();
    assertThat(served.kept().body()).isEqualTo(LINE);
    assertThat(served.kept().request().database()).isEqualTo("default");
    assertThat(served.kept().request().precision()).isEqualTo(Precision.NANOSECONDS);
    assertThat(served.kept().request().partial()).isFalse();
    assertThat(served.kept().request().idempotencyKey()).isNull();
  }

  @Test
  void pointsWithoutATimeGetTheTimeOfArrival() throws Exception {
    served.post(ROUTE, LINE);
    assertThat(served.kept().request().arrivalNanos())
        .isEqualTo(Served.NOW.getEpochSecond() * 1_000_000_000 + 678_901_234);
  }

  @ParameterizedTest
  @CsvSource({
    "/write?db=fromparameter, fromheader, fromheader",
    "/write?db=fromparameter, , fromparameter",
    "/api/v2/write?bucket=frombucket&org=any, , frombucket",
    "/api/v1/write/line-protocol, fromheader, fromheader",
    "/api/v1/write/line-protocol?db=fromparameter, , fromparameter",
  })
  void theHeaderNamesTheDatabaseBeforeTheParameter(String path, String header, String database)
      throws Exception {
    var request = served.request(path).POST(BodyPublishers.ofString(LINE));
    if (header != null) {
      request.header("x-arc-database", header);
    }
    assertThat(served.send(request).statusCode()).isEqualTo(204);
    assertThat(served.kept().request().database()).isEqualTo(database);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "..", "../../etc", "a/b", "1st", "a%00b", "a%0Ab", "-x"})
  void aDatabaseThatIsNoNameIsRefused(String name) throws Exception {
    HttpResponse<String> answer = served.post("/write?db=" + name, LINE);
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("\"error\"").contains("invalid database name");
    assertThat(served.points.kept).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "ns, NANOSECONDS",
    "us, MICROSECONDS",
    "ms, MILLISECONDS",
    "s, SECONDS",
  })
  void everyRouteKnowsFourPrecisions(String word, Precision precision) throws Exception {
    for (String route : List.of(ROUTE, "/write", "/api/v2/write")) {
      served.points.kept.clear();
      assertThat(served.post(route + "?precision=" + word, LINE).statusCode()).isEqualTo(204);
      assertThat(served.kept().request().precision()).isEqualTo(precision);
    }
  }

  @ParameterizedTest
  @CsvSource({"n, NANOSECONDS", "u, MICROSECONDS", "m, MINUTES", "h, HOURS"})
  void theOldestRouteKnowsFourMore(String word, Precision precision) throws Exception {
    assertThat(served.post("/write?precision=" + word, LINE).statusCode()).isEqualTo(204);
    assertThat(served.kept().request().precision()).isEqualTo(precision);
    for (String route : List.of(ROUTE, "/api/v2/write")) {
      assertThat(served.post(route + "?precision=" + word, LINE).statusCode()).isEqualTo(400);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "NS", "d", "minutes", "%C2%B5"})
  void otherPrecisionsAreRefused(String word) throws Exception {
    HttpResponse<String> answer = served.post("/write?precision=" + word, LINE);
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("invalid precision");
    assertThat(served.points.kept).isEmpty();
  }

  @Test
  void partialAndTheKeyAreCarriedThrough() throws Exception {
    var request =
        served
            .request(ROUTE + "?partial=true")
            .header("Idempotency-Key", "order-4711")
            .POST(BodyPublishers.ofString(LINE));
    assertThat(served.send(request).statusCode()).isEqualTo(204);
    assertThat(served.kept().request().partial()).isTrue();
    assertThat(served.kept().request().idempotencyKey()).isEqualTo("order-4711");
  }

  @Test
  void partialMustBeTrueOrFalse() throws Exception {
    assertThat(served.post(ROUTE + "?partial=false", LINE).statusCode()).isEqualTo(204);
    assertThat(served.post(ROUTE + "?partial=yes", LINE).statusCode()).isEqualTo(400);
  }

  @Test
  void badLinesAreNamedOneByOne() throws Exception {
    served.points.writing =
        request -> {
          throw new BadLinesException(
              "1 bad line",
              new WriteResult(0, 1, List.of(new LineError(2, 11, "unterminated \"quote\""))));
        };
    HttpResponse<String> answer = served.post(ROUTE, LINE);
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
    assertThat(answer.body())
        .isEqualTo(
            "{\"error\":\"1 bad line\",\"accepted\":0,\"rejected\":1,\"errors\":"
                + "[{\"line\":2,\"column\":11,\"reason\":\"unterminated \\\"quote\\\"\"}]}");
  }

  @Test
  void aConflictOfColumnsIsRefused() throws Exception {
    served.points.writing =
        request -> {
          throw new ColumnConflictException(
              "value is a float and not an integer", new WriteResult(0, 1, List.of()));
        };
    HttpResponse<String> answer = served.post(ROUTE, LINE);
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("value is a float and not an integer");
  }

  @Test
  void aBodyStoredInPartIsAnswered200WithWhatIsMissing() throws Exception {
    served.points.writing =
        request -> new WriteResult(3, 1, List.of(new LineError(4, 1, "no fields")));
    HttpResponse<String> answer = served.post(ROUTE + "?partial=true", LINE);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body())
        .contains("\"accepted\":3,\"rejected\":1,\"errors\":[{\"line\":4,\"column\":1")
        .startsWith("{\"error\":");
  }

  @Test
  void whatCannotBeServedNowIsAnswered503WithATimeToWait() throws Exception {
    served.points.writing =
        request -> {
          throw new UnavailableException("the disk is full", false, Duration.ofMillis(2500), null);
        };
    HttpResponse<String> answer = served.post(ROUTE, LINE);
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.headers().firstValue("Retry-After")).hasValue("3");
    assertThat(answer.headers().firstValue("X-Tidemark-Outcome")).isEmpty();
    assertThat(answer.body()).isEqualTo("{\"error\":\"the disk is full\"}");
  }

  @Test
  void anUnknownOutcomeIsSaidSo() throws Exception {
    served.points.writing =
        request -> {
          throw new UnavailableException(
              "the log has failed", true, Duration.ofSeconds(5), new Exception("sync"));
        };
    HttpResponse<String> answer = served.post(ROUTE, LINE);
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.headers().firstValue("X-Tidemark-Outcome")).hasValue("unknown");
  }

  @Test
  void anUnforeseenFailureIsAnUnknownOutcomeToo() throws Exception {
    served.points.writing =
        request -> {
          throw new IllegalStateException("a defect");
        };
    HttpResponse<String> answer = served.post(ROUTE, LINE);
    assertThat(answer.statusCode()).isEqualTo(500);
    assertThat(answer.headers().firstValue("X-Tidemark-Outcome")).hasValue("unknown");
    assertThat(answer.body()).contains("\"error\"").doesNotContain("a defect");
  }
}
