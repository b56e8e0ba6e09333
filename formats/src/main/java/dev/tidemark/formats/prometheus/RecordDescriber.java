package dev.tidemark.formats.prometheus;

import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.ValueSink;
import dev.tidemark.formats.prometheus.SeriesValues.SeriesMetadata;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/// Shows records to users while they are walked over: `type` in a word, and under a name that says
/// what they are the items, each with the `ref` of its series.
final class RecordDescriber implements RecordTaker {
  private static final List<String> RESETS = List.of("unknown", "reset", "notReset", "gauge");

  private final ValueSink sink;

  // Both owned by the caller's thread.
  private RecordType type = RecordType.SERIES;
  private boolean inList; // of the item that has begun: its labels, or a list of its histogram

  private RecordDescriber(ValueSink sink) {
    this.sink = sink;
  }

  static void describe(ByteBuffer payload, ValueSink sink) throws FormatException {
    Optional<RecordType> type = RecordWalk.of(payload, new RecordDescriber(sink));
    if (type.isEmpty()) {
      unknown(payload, sink);
    } else if (type.get() != RecordType.MIN_VALID_TIME) {
      sink.endArray();
    }
  }

  private static void unknown(ByteBuffer payload, ValueSink sink) {
    sink.name("type");
    sink.text("unknown");
    if (payload.hasRemaining()) {
      sink.name("code");
      sink.number((long) payload.get(payload.position()) & 0xff);
    }
    sink.name("bytes");
    sink.bytes(payload);
  }

  private static String items(RecordType type) {
    return switch (type) {
      case SERIES -> "series";
      case SAMPLES, SAMPLES_V2 -> "samples";
      case TOMBSTONES -> "tombstones";
      case EXEMPLARS -> "exemplars";
      case MMAP_MARKERS -> "markers";
      case METADATA -> "metadata";
      case HISTOGRAMS, CUSTOM_BUCKETS_HISTOGRAMS, HISTOGRAMS_V2 -> "histograms";
      case FLOAT_HISTOGRAMS, CUSTOM_BUCKETS_FLOAT_HISTOGRAMS, FLOAT_HISTOGRAMS_V2 -> "histograms";
      case MIN_VALID_TIME -> throw new AssertionError(type);
    };
  }

  @Override
  public void begin(RecordType of) {
    type = of;
    text("type", type.word());
    if (type != RecordType.MIN_VALID_TIME) {
      sink.name(items(type));
      sink.beginArray();
    }
  }

  @Override
  public void minValidTime(long millis) {
    number("t", millis);
  }

  @Override
  public void item(long ref) {
    sink.beginObject();
    sink.name("ref");
    sink.unsigned(ref);
    if (type == RecordType.SERIES) {
      beginLabels();
    }
  }

  @Override
  public void item(long ref, long startMillis, long millis) {
    item(ref);
    if (type.hasStart()) {
      number("start", startMillis);
    }
    number("t", millis);
  }

  @Override
  public void value(double value) {
    number("v", value);
    if (type == RecordType.EXEMPLARS) {
      beginLabels();
    }
  }

  private void beginLabels() {
    sink.name("labels");
    sink.beginObject();
    inList = true;
  }

  @Override
  public void label(ByteBuffer name, ByteBuffer value) {
    text(RecordWalk.text(name), RecordWalk.text(value));
  }

  @Override
  public void tombstone(long minMillis, long maxMillis) {
    number("from", minMillis);
    number("to", maxMillis);
  }

  @Override
  public void marker(long chunk) {
    sink.name("chunk");
    sink.unsigned(chunk);
  }

  @Override
  public void metadata(int metricType, ByteBuffer unit, ByteBuffer help) {
    text("metricType", SeriesMetadata.word(metricType));
    text("unit", RecordWalk.text(unit));
    text("help", RecordWalk.text(help));
  }

  @Override
  public void endItem() {
    if (inList) {
      if (type == RecordType.SERIES || type == RecordType.EXEMPLARS) {
        sink.endObject();
      } else {
        sink.endArray();
      }
      inList = false;
    }
    sink.endObject();
  }

  // ---- histograms

  @Override
  public void histogram(int counterReset, int schema, double zeroThreshold) {
    text("counterReset", RESETS.get(counterReset < RESETS.size() ? counterReset : 0));
    number("schema", schema);
    number("zeroThreshold", zeroThreshold);
  }

  @Override
  public void counts(long zeroCount, long count) {
    sink.name("zeroCount");
    sink.unsigned(zeroCount);
    sink.name("count");
    sink.unsigned(count);
  }

  @Override
  public void counts(double zeroCount, double count) {
    number("zeroCount", zeroCount);
    number("count", count);
  }

  @Override
  public void sum(double sum) {
    number("sum", sum);
  }

  @Override
  public void list(HistogramList list) {
    if (inList) {
      sink.endArray();
    }
    inList = true;
    sink.name(
        switch (list) {
          case POSITIVE_SPANS -> "positiveSpans";
          case NEGATIVE_SPANS -> "negativeSpans";
          case POSITIVE_BUCKETS -> "positiveBuckets";
          case NEGATIVE_BUCKETS -> "negativeBuckets";
          case BOUNDS -> "bounds";
        });
    sink.beginArray();
  }

  @Override
  public void span(int offset, int length) {
    sink.beginObject();
    number("offset", offset);
    number("length", Integer.toUnsignedLong(length));
    sink.endObject();
  }

  @Override
  public void bucket(long bucket) {
    sink.number(bucket);
  }

  @Override
  public void bucket(double bucket) {
    sink.number(bucket);
  }

  @Override
  public void bound(double bound) {
    sink.number(bound);
  }

  // ---- values

  private void text(String name, String text) {
    sink.name(name);
    sink.text(text);
  }

  private void number(String name, long number) {
    sink.name(name);
    sink.number(number);
  }

  private void number(String name, double number) {
    sink.name(name);
    sink.number(number);
  }
}
