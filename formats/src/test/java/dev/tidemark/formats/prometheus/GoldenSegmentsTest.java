package dev.tidemark.formats.prometheus;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.formats.LogFormat.Likeness;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Logs that Prometheus 2.42 left when it was killed, and what `promtool tsdb dump` makes of them.
class GoldenSegmentsTest {
  @ParameterizedTest
  @ValueSource(strings = {"plain", "compressed"})
  void samplesAreThoseThatPromtoolDumps(String name) throws IOException, URISyntaxException {
    Path directory =
        Path.of(GoldenSegmentsTest.class.getResource("/golden/prometheus/" + name).toURI());
    PrometheusFormat format = new PrometheusFormat();
    assertThat(format.likeness(directory)).isEqualTo(Likeness.CONTENT);
    List<Path> files = format.files(directory);
    assertThat(files).containsExactly(directory.resolve("wal/00000000"));
    Map<String, Double> expected = new TreeMap<>();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(directory.resolve("samples.expect.gz"))),
                StandardCharsets.UTF_8))) {
      lines.lines().forEach(line -> DumpedSamples.put(line, expected));
    }
    assertThat(expected).hasSizeGreaterThan(6000);
    DumpedSamples.assertSame(DumpedSamples.of(files), expected, name);
  }
}
