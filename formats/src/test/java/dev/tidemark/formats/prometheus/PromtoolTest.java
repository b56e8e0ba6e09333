package dev.tidemark.formats.prometheus;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.formats.Damage;
import dev.tidemark.formats.LogFormat;
import dev.tidemark.formats.Reading;
import dev.tidemark.formats.RecordReader;
import dev.tidemark.formats.prometheus.PrometheusRecord.Samples;
import dev.tidemark.formats.prometheus.PrometheusRecord.Series;
import dev.tidemark.formats.prometheus.PrometheusRecord.Tombstones;
import dev.tidemark.formats.prometheus.SeriesValues.Label;
import dev.tidemark.formats.prometheus.SeriesValues.LabelledSeries;
import dev.tidemark.formats.prometheus.SeriesValues.Sample;
import dev.tidemark.formats.prometheus.SeriesValues.Tombstone;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Prometheus itself reads what is written here, and judges damage as it is judged here. Proven
/// with the promtool that is installed; on Debian 12 that is 2.42, which does not know Zstandard:
/// it takes such records for unknown ones.
class PromtoolTest {
  private static final long T = 1_700_000_000_000L;
  private static final int SERIES = 50;
  private static final int DAMAGED = 30;

  @TempDir private Path data;

  // What Prometheus must show. For one thread.
  private final Map<String, Double> expected = new TreeMap<>();

  @BeforeAll
  static void promtoolIsThere() {
    Promtool.assumeInstalled();
  }

  private static List<Label> labels(long ref) {
    return List.of(
        new Label("__name__", "requests_total"),
        new Label("empty", ref % 2 == 0 ? "a\\b\"c\"\nd" : "größer"),
        new Label("ref", String.valueOf(ref)));
  }

  private static Series series(long from, long to) {
    List<LabelledSeries> series = new ArrayList<>();
    for (long ref = from; ref < to; ref++) {
      series.add(new LabelledSeries(ref, labels(ref)));
    }
    return new Series(series);
  }

  // One sample of each series, those with larger refs first.
  private Samples samples(int step) {
    double[] special = {
      Double.NaN,
      Double.POSITIVE_INFINITY,
      Double.NEGATIVE_INFINITY,
      -0.0,
      Double.MIN_VALUE,
      Double.MAX_VALUE,
      PrometheusRecords.STALE
    };
    List<Sample> samples = new ArrayList<>();
    for (long ref = SERIES; ref >= 1; ref--) {
      double value = step % 10 == 9 ? special[(int) (ref % special.length)] : step * 0.1 + ref;
      Sample sample = new Sample(ref, 0, T + step * 1000L - ref, value);
      samples.add(sample);
      expected.put(DumpedSamples.text(labels(ref)) + " " + sample.millis(), value);
    }
    return new Samples(RecordType.SAMPLES, samples);
  }

  private Path wal() {
    return data.resolve("wal");
  }

  private static void append(SegmentsWriter writer, PrometheusRecord record) throws IOException {
    writer.append(record.encode());
  }

  private static SegmentsWriter create(Path directory, SegmentCompression compression)
      throws IOException {
    return SegmentsWriter.create(directory, compression, SegmentLayout.PAGE_BYTES);
  }

  @ParameterizedTest
  @EnumSource(names = {"NONE", "SNAPPY"})
  void prometheusReadsWhatIsWrittenHere(SegmentCompression compression) throws IOException {
    try (SegmentsWriter writer = create(wal(), compression)) {
      append(writer, series(1, SERIES)); // replaced by the checkpoint
      writer.nextSegment();
      append(writer, new PrometheusRecord.Unknown(ByteBuffer.wrap(new byte[] {2, 2, 2})));
    }
    try (SegmentsWriter writer = create(wal().resolve("checkpoint.00000001"), compression)) {
      append(writer, series(1, SERIES + 1));
      for (int step = 0; step < 50; step++) {
        append(writer, samples(step));
      }
    }
    try (SegmentsWriter writer = create(wal(), compression)) {
      assertThat(writer.segmentFile().getFileName()).hasToString("00000002");
      append(writer, series(SERIES + 1, SERIES + 2));
      for (int step = 50; step < 150; step++) {
        append(writer, samples(step));
      }
      append(writer, new Tombstones(List.of(new Tombstone(1, T + 5000, T + 9000))));
      expected.keySet().removeIf(PromtoolTest::isDeleted);
      everythingElse(writer);
    }
    create(wal(), compression).close(); // an empty segment
    List<Path> files = new PrometheusFormat().files(data);
    assertThat(files).hasSizeGreaterThan(3);
    Promtool.Answer answer = Promtool.dump(data);
    assertThat(answer.complaint()).isEmpty();
    DumpedSamples.assertSame(answer.samples(), expected, "promtool");
    Map<String, Double> own = DumpedSamples.of(files);
    own.keySet().removeIf(PromtoolTest::isDeleted);
    DumpedSamples.assertSame(own, expected, "decoded here");
  }

  private static boolean isDeleted(String sample) {
    long millis = Long.parseLong(sample.substring(sample.lastIndexOf(' ') + 1));
    return sample.contains("ref=\"1\"") && millis >= T + 5000 && millis <= T + 9000;
  }

  // Records that are read, and show no samples: a mistake in one ends the log for Prometheus.
  private static void everythingElse(SegmentsWriter writer) throws IOException {
    for (PrometheusRecord record : PrometheusRecords.all()) {
      switch (record) {
        case Series _, Samples _, Tombstones _ -> {}
        default -> append(writer, record);
      }
    }
    append(writer, new PrometheusRecord.Unknown(ByteBuffer.wrap(new byte[] {99, 1})));
    append(writer, new PrometheusRecord.Unknown(ByteBuffer.allocate(0)));
  }

  @Test
  void prometheusJudgesDamageAsItIsJudgedHere() throws IOException {
    long seed = Long.getLong("tidemark.seed", 20_261_122); // what it finds is said below
    System.out.println("PromtoolTest: -Dtidemark.seed=" + seed);
    Random random = new Random(seed);
    int step = 0;
    for (int number = 0; number < 3; number++) {
      SegmentCompression compression =
          number == 1 ? SegmentCompression.SNAPPY : SegmentCompression.NONE;
      try (SegmentsWriter writer =
          SegmentsWriter.create(wal(), compression, SegmentLayout.SEGMENT_BYTES)) {
        if (number == 0) {
          append(writer, series(1, SERIES + 1));
        }
        // Records of several pages between such as fit in one.
        for (int steps : new int[] {1, 150, 10, 1}) {
          List<Sample> samples = new ArrayList<>();
          for (int i = 0; i < steps; i++) {
            samples.addAll(samples(step++).samples());
          }
          append(writer, new Samples(RecordType.SAMPLES, samples));
        }
      }
    }
    List<Path> files = new PrometheusFormat().files(data);
    Map<String, Integer> complaints = new HashMap<>();
    for (int round = 0; round < DAMAGED; round++) {
      Path file = files.get(random.nextInt(files.size()));
      byte[] healthy = Files.readAllBytes(file);
      Files.write(file, harmed(healthy, random));
      String said = assertJudgedAlike(files, "round " + round + " in " + file.getFileName());
      complaints.merge(said.replaceAll("[0-9a-f]{5,}|[0-9]+", "#"), 1, Integer::sum);
      Files.write(file, healthy);
    }
    System.out.println("PromtoolTest: " + complaints);
    assertThat(complaints).hasSizeGreaterThan(6);
  }

  private static byte[] harmed(byte[] healthy, Random random) {
    byte[] harmed = healthy.clone();
    // Where there is something, rather than padding.
    int used = harmed.length;
    while (used > 0 && harmed[used - 1] == 0) {
      used--;
    }
    int at = random.nextInt(used);
    return switch (random.nextInt(6)) {
      case 0 -> {
        harmed[at] ^= (byte) (1 << random.nextInt(8));
        yield harmed;
      }
      case 1 -> {
        // The kind of the first fragment of a page.
        harmed[at / SegmentLayout.PAGE_BYTES * SegmentLayout.PAGE_BYTES] ^=
            (byte) (1 << random.nextInt(4));
        yield harmed;
      }
      case 2 -> Arrays.copyOf(harmed, at);
      case 3 -> {
        // In the first header of a page.
        int page = at / SegmentLayout.PAGE_BYTES * SegmentLayout.PAGE_BYTES;
        yield Arrays.copyOf(harmed, page + random.nextInt(8));
      }
      case 4 -> {
        Arrays.fill(harmed, at, Math.min(used, at + 512), (byte) 0);
        yield harmed;
      }
      default -> {
        if (used < harmed.length) {
          harmed[used + random.nextInt(harmed.length - used)] = 1;
        }
        yield harmed;
      }
    };
  }

  /// {@return what was said}
  private String assertJudgedAlike(List<Path> files, String what) throws IOException {
    Map<Long, String> series = new HashMap<>();
    Map<String, Double> shown = new TreeMap<>();
    Optional<Damage> end = Optional.empty();
    List<Damage> damage = new ArrayList<>();
    for (Path file : files) {
      damage.clear();
      samples(file, damage, series, shown);
      end =
          damage.stream()
              .filter(one -> new PrometheusFormat().reach(file, one) == LogFormat.Reach.LOG)
              .findAny();
      if (end.isPresent()) {
        break;
      }
    }
    Promtool.Answer answer = Promtool.dump(data);
    if (end.isEmpty()) {
      assertThat(answer.complaint()).as("%s: %s", what, damage).isEmpty();
      DumpedSamples.assertSame(answer.samples(), shown, what);
      return "nothing";
    }
    String reason = end.get().reason();
    if (reason.startsWith("decode ")) {
      assertThat(answer.complaint()).as("%s: %s", what, reason).contains("decode ");
      return "decode";
    }
    if (reason.startsWith("zstd: ") || reason.contains("disagree about its compression")) {
      return "not comparable"; // see above, and SegmentReader
    }
    if (reason.equals(SegmentReader.TORN) && !answer.complaint().endsWith(SegmentReader.TORN)) {
      // The header of its last fragment is cut: Prometheus tries to make something of the record.
      assertThat(answer.complaint()).as("%s: %s", what, end).contains("corruption in segment");
      return "shortened record";
    }
    String words = reason.startsWith("snappy: ") ? "snappy: corrupt input" : reason;
    assertThat(answer.complaint())
        .as("%s: %s", what, end)
        .contains("corruption in segment")
        .endsWith(words);
    return words;
  }

  private static void samples(
      Path file, List<Damage> damage, Map<Long, String> series, Map<String, Double> shown)
      throws IOException {
    try (RecordReader reader =
        new PrometheusFormat().open(file, Reading.AS_THE_SYSTEM, damage::add)) {
      while (reader.next()) {
        switch (PrometheusRecord.decode(reader.payload())) {
          case Series(var all) ->
              all.forEach(one -> series.put(one.ref(), DumpedSamples.text(one.labels())));
          case Samples(RecordType _, var all) -> {
            for (Sample one : all) {
              if (series.containsKey(one.ref())) {
                shown.put(series.get(one.ref()) + " " + one.millis(), one.value());
              }
            }
          }
          default -> {}
        }
      }
    }
  }
}
