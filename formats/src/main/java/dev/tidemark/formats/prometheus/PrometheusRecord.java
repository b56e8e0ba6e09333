package dev.tidemark.formats.prometheus;

import static dev.tidemark.formats.prometheus.RecordType.CUSTOM_BUCKETS_FLOAT_HISTOGRAMS;
import static dev.tidemark.formats.prometheus.RecordType.CUSTOM_BUCKETS_HISTOGRAMS;
import static dev.tidemark.formats.prometheus.RecordType.FLOAT_HISTOGRAMS;
import static dev.tidemark.formats.prometheus.RecordType.FLOAT_HISTOGRAMS_V2;
import static dev.tidemark.formats.prometheus.RecordType.HISTOGRAMS;
import static dev.tidemark.formats.prometheus.RecordType.HISTOGRAMS_V2;
import static dev.tidemark.formats.prometheus.RecordType.SAMPLES;
import static dev.tidemark.formats.prometheus.RecordType.SAMPLES_V2;

import dev.tidemark.formats.ByteWriter;
import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.prometheus.SeriesValues.Exemplar;
import dev.tidemark.formats.prometheus.SeriesValues.HistogramSample;
import dev.tidemark.formats.prometheus.SeriesValues.LabelledSeries;
import dev.tidemark.formats.prometheus.SeriesValues.MmapMarker;
import dev.tidemark.formats.prometheus.SeriesValues.Sample;
import dev.tidemark.formats.prometheus.SeriesValues.SeriesMetadata;
import dev.tidemark.formats.prometheus.SeriesValues.Tombstone;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/// A record of Prometheus, taken apart. Values: nothing in them changes.
public sealed interface PrometheusRecord {
  /// {@return the record's first byte, or -1 if it has no bytes}
  int code();

  /// Takes a record apart. Takes memory as things are found, whatever a count says: some forty
  /// bytes for each byte at worst, so that what is hostile had better be described
  /// ([PrometheusFormat#describe]), which takes none.
  ///
  /// @param payload from position to limit; its position stays, and nothing of it is kept
  /// @return the record; of a type that nobody knows, [Unknown]
  /// @throws FormatException if it has a known type and is not what Prometheus writes: for
  ///   Prometheus that is corruption, at which its log ends
  static PrometheusRecord decode(ByteBuffer payload) throws FormatException {
    return RecordDecoder.decode(payload);
  }

  /// {@return the bytes of the record, as Prometheus writes them}
  default ByteBuffer encode() {
    ByteWriter bytes = new ByteWriter(256);
    encode(bytes);
    return bytes.written();
  }

  /// Appends the bytes of the record.
  ///
  /// @param bytes to which they are appended
  default void encode(ByteWriter bytes) {
    RecordEncoder.encode(this, bytes);
  }

  /// Series that were seen for the first time.
  ///
  /// @param series in their order
  record Series(List<LabelledSeries> series) implements PrometheusRecord {
    /// @param series in their order
    public Series {
      series = List.copyOf(series);
    }

    @Override
    public int code() {
      return RecordType.SERIES.code();
    }
  }

  /// Samples of any number of series.
  ///
  /// @param type [RecordType#SAMPLES] or [RecordType#SAMPLES_V2]
  /// @param samples in their order; only those of the second type may say since when they count
  record Samples(RecordType type, List<Sample> samples) implements PrometheusRecord {
    /// @throws IllegalArgumentException if the type cannot hold the samples
    public Samples {
      samples = List.copyOf(samples);
      checkType(type, SAMPLES, SAMPLES_V2);
      checkStart(type, samples.stream().anyMatch(sample -> sample.startMillis() != 0));
    }

    @Override
    public int code() {
      return type.code();
    }
  }

  /// Deletions.
  ///
  /// @param tombstones in their order
  record Tombstones(List<Tombstone> tombstones) implements PrometheusRecord {
    /// @param tombstones in their order
    public Tombstones {
      tombstones = List.copyOf(tombstones);
    }

    @Override
    public int code() {
      return RecordType.TOMBSTONES.code();
    }
  }

  /// Exemplars of any number of series.
  ///
  /// @param exemplars in their order
  record Exemplars(List<Exemplar> exemplars) implements PrometheusRecord {
    /// @param exemplars in their order
    public Exemplars {
      exemplars = List.copyOf(exemplars);
    }

    @Override
    public int code() {
      return RecordType.EXEMPLARS.code();
    }
  }

  /// Says that samples before this record, out of order, are in chunks on disk.
  ///
  /// @param markers in their order
  record MmapMarkers(List<MmapMarker> markers) implements PrometheusRecord {
    /// @param markers in their order
    public MmapMarkers {
      markers = List.copyOf(markers);
    }

    @Override
    public int code() {
      return RecordType.MMAP_MARKERS.code();
    }
  }

  /// What is known of metrics beside their labels.
  ///
  /// @param metadata in its order
  record Metadata(List<SeriesMetadata> metadata) implements PrometheusRecord {
    /// @param metadata in its order
    public Metadata {
      metadata = List.copyOf(metadata);
    }

    @Override
    public int code() {
      return RecordType.METADATA.code();
    }
  }

  /// Histograms whose counts are whole numbers.
  ///
  /// @param type [RecordType#HISTOGRAMS], [RecordType#CUSTOM_BUCKETS_HISTOGRAMS] or
  ///   [RecordType#HISTOGRAMS_V2]
  /// @param samples in their order; only those of the last type may say since when they count
  record Histograms(RecordType type, List<HistogramSample<Long>> samples)
      implements PrometheusRecord {
    /// @throws IllegalArgumentException if the type cannot hold the samples
    public Histograms {
      samples = List.copyOf(samples);
      checkType(type, HISTOGRAMS, CUSTOM_BUCKETS_HISTOGRAMS, HISTOGRAMS_V2);
      checkStart(type, samples.stream().anyMatch(sample -> sample.startMillis() != 0));
    }

    @Override
    public int code() {
      return type.code();
    }
  }

  /// Histograms whose counts are floating-point numbers.
  ///
  /// @param type [RecordType#FLOAT_HISTOGRAMS], [RecordType#CUSTOM_BUCKETS_FLOAT_HISTOGRAMS] or
  ///   [RecordType#FLOAT_HISTOGRAMS_V2]
  /// @param samples in their order; only those of the last type may say since when they count
  record FloatHistograms(RecordType type, List<HistogramSample<Double>> samples)
      implements PrometheusRecord {
    /// @throws IllegalArgumentException if the type cannot hold the samples
    public FloatHistograms {
      samples = List.copyOf(samples);
      checkType(type, FLOAT_HISTOGRAMS, CUSTOM_BUCKETS_FLOAT_HISTOGRAMS, FLOAT_HISTOGRAMS_V2);
      checkStart(type, samples.stream().anyMatch(sample -> sample.startMillis() != 0));
    }

    @Override
    public int code() {
      return type.code();
    }
  }

  /// Says which samples a checkpoint left out.
  ///
  /// @param millis since 1970; those before this time
  record MinValidTime(long millis) implements PrometheusRecord {
    @Override
    public int code() {
      return RecordType.MIN_VALID_TIME.code();
    }
  }

  /// A record of a type that is not known here. Prometheus passes over those that it does not know.
  ///
  /// @param bytes all of it, the type included; read-only
  record Unknown(ByteBuffer bytes) implements PrometheusRecord {
    /// @param bytes copied
    public Unknown {
      byte[] copy = new byte[bytes.remaining()];
      bytes.get(bytes.position(), copy);
      bytes = ByteBuffer.wrap(copy).asReadOnlyBuffer();
    }

    @Override
    public int code() {
      return bytes.hasRemaining() ? bytes.get(bytes.position()) & 0xff : -1;
    }
  }

  private static void checkType(RecordType type, RecordType... allowed) {
    if (!Arrays.asList(allowed).contains(type)) {
      throw new IllegalArgumentException(type + ": is none of " + Arrays.toString(allowed));
    }
  }

  private static void checkStart(RecordType type, boolean started) {
    if (started && !type.hasStart()) {
      throw new IllegalArgumentException(type + ": has no room for since when samples count");
    }
  }
}
