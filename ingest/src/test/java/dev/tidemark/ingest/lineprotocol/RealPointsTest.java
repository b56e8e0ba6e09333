package dev.tidemark.ingest.lineprotocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/// Points of the Numenta Anomaly Benchmark, as they are.
class RealPointsTest {
  @Test
  void everyLineOfTheSampleIsReadAsASplitAtItsBlanksReadsIt() {
    assertReadAsSplit(sample());
  }

  @Test
  void wholeFileHas83404Points() throws IOException {
    String folder = System.getenv("TIDEMARK_TEST_DATA");
    assumeTrue(folder != null, "TIDEMARK_TEST_DATA does not name a folder with the whole file");
    Path file = Path.of(String.valueOf(folder), "data/metrics/nab-cloudwatch-traffic.lp");
    assumeTrue(Files.exists(file), "no " + file);
    byte[] body = Files.readAllBytes(file);
    Set<Slice> series = new HashSet<>();
    ParseResult result =
        new LineParser()
            .parse(
                body,
                0,
                body.length,
                Precision.NANOSECONDS,
                0,
                p -> {
                  if (!series.contains(p.tagValue(1))) {
                    series.add(p.tagValue(1).copy());
                  }
                });
    assertThat(result).isEqualTo(new ParseResult(83_404, 0, List.of()));
    assertThat(series).hasSize(24).contains(Slice.of("TravelTime_387"));
    assertReadAsSplit(body);
  }

  static byte[] sample() {
    try (InputStream in =
        new GZIPInputStream(
            Objects.requireNonNull(
                RealPointsTest.class.getResourceAsStream("/metrics/nab-sample.lp.gz")))) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  // These lines have two tags, one float field, a time and no escapes.
  private static void assertReadAsSplit(byte[] body) {
    List<String> lines = new String(body, StandardCharsets.UTF_8).lines().toList();
    List<Parsed.Row> rows = Parsed.of(body, Precision.NANOSECONDS).rows();
    assertThat(rows).hasSameSizeAs(lines);
    for (int i = 0; i < rows.size(); i++) {
      String[] words = lines.get(i).split("[ ,=]", -1);
      Parsed.Row row = rows.get(i);
      assertThat(row.measurement()).isEqualTo(words[0]);
      assertThat(row.tags()).containsEntry(words[1], words[2]).containsEntry(words[3], words[4]);
      assertThat(row.fields().get(words[5])).isEqualTo(Double.parseDouble(words[6]));
      assertThat(row.time()).isEqualTo(Long.parseLong(words[7]));
    }
  }
}
