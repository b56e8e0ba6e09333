package dev.tidemark.formats.prometheus;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.formats.Reading;
import dev.tidemark.formats.RecordReader;
import dev.tidemark.formats.prometheus.SeriesValues.Label;
import dev.tidemark.formats.prometheus.SeriesValues.LabelledSeries;
import dev.tidemark.formats.prometheus.SeriesValues.Sample;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Samples under the labels of their series and their time, in the manner of `promtool tsdb dump`.
final class DumpedSamples {
  private DumpedSamples() {}

  /// {@return the samples of a log, with the series that the log says their refs mean}
  static Map<String, Double> of(List<Path> files) throws IOException {
    Map<Long, String> series = new HashMap<>();
    Map<String, Double> samples = new TreeMap<>();
    for (Path file : files) {
      try (RecordReader reader =
          new PrometheusFormat()
              .open(
                  file,
                  Reading.AS_THE_SYSTEM,
                  damage -> {
                    throw new AssertionError(file + ": " + damage);
                  })) {
        while (reader.next()) {
          switch (PrometheusRecord.decode(reader.payload())) {
            case PrometheusRecord.Series(var all) -> {
              for (LabelledSeries one : all) {
                series.put(one.ref(), text(one.labels()));
              }
            }
            case PrometheusRecord.Samples(RecordType type, var all) -> {
              for (Sample one : all) {
                assertThat(series).containsKey(one.ref());
                samples.put(series.get(one.ref()) + " " + one.millis(), one.value());
              }
            }
            default -> {}
          }
        }
      }
    }
    return samples;
  }

  /// Fails with a few of the differences if there are any.
  static void assertSame(Map<String, Double> actual, Map<String, Double> expected, String what) {
    Map<String, Double> missing = new TreeMap<>(expected);
    missing.entrySet().removeAll(actual.entrySet());
    Map<String, Double> unexpected = new TreeMap<>(actual);
    unexpected.entrySet().removeAll(expected.entrySet());
    assertThat(missing.size() + unexpected.size())
        .as(
            "%s: %d missing, as %s; %d unexpected, as %s",
            what,
            missing.size(),
            missing.entrySet().stream().limit(3).toList(),
            unexpected.size(),
            unexpected.entrySet().stream().limit(3).toList())
        .isZero();
  }

  /// Adds a line that `promtool tsdb dump` printed.
  static void put(String line, Map<String, Double> samples) {
    int time = line.lastIndexOf(' ');
    int value = line.lastIndexOf(' ', time - 1);
    String number = line.substring(value + 1, time).replace("Inf", "Infinity").replace("+", "");
    samples.put(line.substring(0, value) + line.substring(time), Double.valueOf(number));
  }

  static String text(List<Label> labels) {
    return labels.stream()
        .map(label -> label.name() + "=\"" + escaped(label.value()) + '"')
        .collect(Collectors.joining(", ", "{", "}"));
  }

  private static String escaped(String value) {
    return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
  }
}
