package dev.tidemark.formats.prometheus;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tidemark.formats.ByteReader;
import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.prometheus.SeriesValues.Exemplar;
import dev.tidemark.formats.prometheus.SeriesValues.HistogramSample;
import dev.tidemark.formats.prometheus.SeriesValues.Label;
import dev.tidemark.formats.prometheus.SeriesValues.LabelledSeries;
import dev.tidemark.formats.prometheus.SeriesValues.MmapMarker;
import dev.tidemark.formats.prometheus.SeriesValues.Sample;
import dev.tidemark.formats.prometheus.SeriesValues.SeriesMetadata;
import dev.tidemark.formats.prometheus.SeriesValues.Tombstone;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Takes records apart, as [RecordLayout] has them. Lists grow with what is really there, whatever
/// a count says.
final class RecordDecoder {
  private final ByteReader reader;
  private final boolean keeps;

  private RecordDecoder(ByteReader reader, boolean keeps) {
    this.reader = reader;
    this.keeps = keeps;
  }

  static PrometheusRecord decode(ByteBuffer payload) throws FormatException {
    return decode(payload, true);
  }

  /// Sees whether a record can be decoded, and keeps nothing of it: what is decoded takes up to
  /// some forty times as much memory as the record itself.
  ///
  /// @return whether it is of a type that is known
  static boolean check(ByteBuffer payload) throws FormatException {
    return !(decode(payload, false) instanceof PrometheusRecord.Unknown);
  }

  private static PrometheusRecord decode(ByteBuffer payload, boolean keeps) throws FormatException {
    ByteReader reader = ByteReader.of(payload);
    Optional<RecordType> type =
        reader.hasRemaining() ? RecordType.of(reader.octet("a type")) : Optional.empty();
    return type.isEmpty()
        ? new PrometheusRecord.Unknown(payload)
        : new RecordDecoder(reader, keeps).decode(type.get());
  }

  private PrometheusRecord decode(RecordType type) throws FormatException {
    return switch (type) {
      case SERIES -> new PrometheusRecord.Series(all(this::series));
      case SAMPLES, SAMPLES_V2 ->
          new PrometheusRecord.Samples(
              type,
              timed(
                  type,
                  (ref, start, t) -> new Sample(ref, start, t, reader.doubleBigEndian("a value"))));
      case TOMBSTONES -> new PrometheusRecord.Tombstones(all(this::tombstone));
      case EXEMPLARS ->
          new PrometheusRecord.Exemplars(
              timed(
                  type,
                  (ref, start, t) ->
                      new Exemplar(ref, t, reader.doubleBigEndian("a value"), labels())));
      case MMAP_MARKERS -> new PrometheusRecord.MmapMarkers(all(this::marker));
      case METADATA -> new PrometheusRecord.Metadata(all(this::metadata));
      case HISTOGRAMS, CUSTOM_BUCKETS_HISTOGRAMS, HISTOGRAMS_V2 -> {
        HistogramDecoder<Long> histograms = HistogramDecoder.ofWholeNumbers(reader, keeps);
        yield new PrometheusRecord.Histograms(
            type,
            timed(
                type,
                (ref, start, t) -> new HistogramSample<>(ref, start, t, histograms.decode())));
      }
      case FLOAT_HISTOGRAMS, CUSTOM_BUCKETS_FLOAT_HISTOGRAMS, FLOAT_HISTOGRAMS_V2 -> {
        HistogramDecoder<Double> histograms = HistogramDecoder.ofFloatingPoint(reader, keeps);
        yield new PrometheusRecord.FloatHistograms(
            type,
            timed(
                type,
                (ref, start, t) -> new HistogramSample<>(ref, start, t, histograms.decode())));
      }
      case MIN_VALID_TIME -> minValidTime();
    };
  }

  @FunctionalInterface
  private interface Item<T> {
    T decode() throws FormatException;
  }

  @FunctionalInterface
  private interface TimedItem<T> {
    T decode(long ref, long start, long t) throws FormatException;
  }

  private <T> List<T> all(Item<T> item) throws FormatException {
    List<T> items = new ArrayList<>();
    while (reader.hasRemaining()) {
      keep(items, item.decode());
    }
    return items;
  }

  private <T> void keep(List<T> items, T item) {
    if (keeps) {
      items.add(item);
    }
  }

  // Items of series at a time, which all say so alike before their own bytes.
  private <T> List<T> timed(RecordType type, TimedItem<T> item) throws FormatException {
    if (!reader.hasRemaining()) {
      return List.of();
    }
    return type.hasStart() ? timedWithStart(item) : timedWithoutStart(item);
  }

  private <T> List<T> timedWithoutStart(TimedItem<T> item) throws FormatException {
    long firstRef = reader.int64BigEndian("the first ref");
    long firstTime = reader.int64BigEndian("the first time");
    return all(
        () -> {
          long ref = firstRef + reader.zigZag64("a ref");
          return item.decode(ref, 0, firstTime + reader.zigZag64("a time"));
        });
  }

  private <T> List<T> timedWithStart(TimedItem<T> item) throws FormatException {
    long ref = reader.zigZag64("the first ref");
    long firstTime = reader.zigZag64("the first time");
    long firstStart = reader.zigZag64("the first start");
    long start = firstStart;
    List<T> items = new ArrayList<>();
    keep(items, item.decode(ref, start, firstTime));
    while (reader.hasRemaining()) {
      ref += reader.zigZag64("a ref");
      long t = firstTime + reader.zigZag64("a time");
      // Prometheus takes all other numbers for the last one.
      start =
          switch (reader.octet("a start's marker")) {
            case RecordLayout.NO_START -> 0;
            case RecordLayout.SAME_START -> start;
            default -> firstStart + reader.zigZag64("a start");
          };
      keep(items, item.decode(ref, start, t));
    }
    return items;
  }

  private LabelledSeries series() throws FormatException {
    return new LabelledSeries(reader.int64BigEndian("a ref"), labels());
  }

  private Tombstone tombstone() throws FormatException {
    return new Tombstone(
        reader.int64BigEndian("a ref"),
        reader.zigZag64("the first time deleted"),
        reader.zigZag64("the last time deleted"));
  }

  private MmapMarker marker() throws FormatException {
    return new MmapMarker(reader.int64BigEndian("a ref"), reader.int64BigEndian("a chunk"));
  }

  private SeriesMetadata metadata() throws FormatException {
    long ref = reader.varint64("a ref");
    int metricType = reader.octet("a metric's type");
    long fields = reader.varint64("a number of fields");
    String unit = "";
    String help = "";
    for (long field = 0; field != fields; field++) {
      String name = text("a field's name");
      String value = text("a field's value");
      if (name.equals(RecordLayout.UNIT)) {
        unit = value;
      } else if (name.equals(RecordLayout.HELP)) {
        help = value;
      }
    }
    return new SeriesMetadata(ref, metricType, unit, help);
  }

  private PrometheusRecord minValidTime() throws FormatException {
    PrometheusRecord record = new PrometheusRecord.MinValidTime(reader.int64BigEndian("a time"));
    if (reader.hasRemaining()) {
      throw reader.wrong("unexpected %d bytes left in entry".formatted(reader.remaining()));
    }
    return record;
  }

  private List<Label> labels() throws FormatException {
    long number = reader.varint64("a number of labels");
    List<Label> labels = new ArrayList<>();
    for (long label = 0; label != number; label++) {
      keep(labels, new Label(text("a label's name"), text("a label's value")));
    }
    return labels;
  }

  private String text(String what) throws FormatException {
    ByteBuffer bytes = reader.lengthAndBytes(what);
    return keeps ? UTF_8.decode(bytes).toString() : "";
  }
}
