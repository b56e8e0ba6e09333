package dev.tidemark.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What becomes of compressed bodies.
@Timeout(60)
class CompressedBodyTest {
  private static final String ROUTE = "/api/v2/write";
  private static final String LINE = "cpu,host=a value=1 1\n";
  private static final int LIMIT = 1 << 20;

  private Served served;

  @BeforeEach
  void start() throws Exception {
    served = Served.ready(LIMIT, 3 * LIMIT);
  }

  @AfterEach
  void stop() throws Exception {
    assertThat(served.get("/metrics").body()).contains("tidemark_bodies_in_flight_bytes 0");
    served.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "GZIP", "x-gzip", ""})
  void gzipIsUndoneWithAndWithoutAHeader(String header) throws Exception {
    assertThat(post(gzip(LINE.repeat(1000)), header).statusCode()).isEqualTo(204);
    assertThat(served.kept().body()).isEqualTo(LINE.repeat(1000));
  }

  @Test
  void zstdIsUndone() throws Exception {
    // One raw block, made by hand after RFC 8878: "cpu value=1 1".
    byte[] frame =
        HexFormat.of()
            .parseHex(
                "28b52ffd200d690000"
                    + HexFormat.of()
                        .formatHex("cpu value=1 1".getBytes(StandardCharsets.US_ASCII)));
    assertThat(post(frame, "zstd").statusCode()).isEqualTo(204);
    assertThat(served.kept().body()).isEqualTo("cpu value=1 1");
  }

  @ParameterizedTest
  @CsvSource({
    "gzip, false",
    "zstd, false",
    "identity, true",
    "zstd, true",
    "br, false",
    "br, true"
  })
  void aHeaderThatContradictsTheBytesIsRefused(String header, boolean gzipped) throws Exception {
    byte[] body = gzipped ? gzip(LINE) : LINE.getBytes(StandardCharsets.US_ASCII);
    HttpResponse<String> answer = post(body, header);
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("\"error\"").contains("Content-Encoding");
    assertThat(served.points.kept).isEmpty();
  }

  @Test
  void aDamagedStreamIsRefused() throws Exception {
    byte[] body = gzip(LINE.repeat(1000));
    body[body.length - 6] ^= 1;
    assertThat(post(body, "gzip").statusCode()).isEqualTo(400);
    assertThat(served.points.kept).isEmpty();
  }

  @Test
  void theLimitHoldsAfterDecompressionToo() throws Exception {
    assertThat(post(gzip("x".repeat(LIMIT)), "gzip").statusCode()).isEqualTo(204);
    HttpResponse<String> answer = post(gzip("x".repeat(LIMIT + 1)), "gzip");
    assertThat(answer.statusCode()).isEqualTo(413);
    assertThat(served.points.kept).hasSize(1);
  }

  private HttpResponse<String> post(byte[] body, String encoding) throws Exception {
    var request = served.request(ROUTE).POST(BodyPublishers.ofByteArray(body));
    if (!encoding.isEmpty()) {
      request.header("Content-Encoding", encoding);
    }
    return served.send(request);
  }

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }
}
