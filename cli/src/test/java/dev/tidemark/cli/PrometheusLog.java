package dev.tidemark.cli;

import dev.tidemark.formats.prometheus.PrometheusRecord;
import dev.tidemark.formats.prometheus.RecordType;
import dev.tidemark.formats.prometheus.SegmentCompression;
import dev.tidemark.formats.prometheus.SegmentLayout;
import dev.tidemark.formats.prometheus.SegmentsWriter;
import dev.tidemark.formats.prometheus.SeriesValues.Sample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/// A directory of Prometheus's segments, three with ten records each and an empty one.
final class PrometheusLog {
  private PrometheusLog() {}

  /// {@return the directory}
  static Path in(Path folder) throws IOException {
    Path wal = folder.resolve("wal");
    for (int segment = 0; segment < 4; segment++) {
      try (SegmentsWriter writer =
          SegmentsWriter.create(wal, SegmentCompression.NONE, SegmentLayout.SEGMENT_BYTES)) {
        for (int i = 0; i < 10 && segment < 3; i++) {
          Sample sample = new Sample(1, 0, 1000 * segment + i, i);
          writer.append(new PrometheusRecord.Samples(RecordType.SAMPLES, List.of(sample)).encode());
        }
      }
    }
    return wal;
  }

  /// Cuts a segment within its fifth record.
  static void tear(Path segment) throws IOException {
    byte[] bytes = Files.readAllBytes(segment);
    int record = 7 + 17 + 10;
    Files.write(segment, Arrays.copyOf(bytes, 4 * record + 20));
  }
}
