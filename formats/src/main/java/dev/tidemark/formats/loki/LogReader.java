package dev.tidemark.formats.loki;

import dev.tidemark.formats.Damage;
import dev.tidemark.formats.Damage.Kind;
import dev.tidemark.formats.DamageListener;
import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.Reading;
import dev.tidemark.formats.RecordReader;
import dev.tidemark.formats.prometheus.SegmentReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/// Reads the records of one of Loki's segments, of its log or of a checkpoint.
///
/// **Damage.** The segment is Prometheus's and read as [SegmentReader] says. But where Prometheus
/// reports what it finds, Loki stops without a word, there and for all segments behind: that is
/// told as [Kind#OVERLOOKED]. A record that is whole and cannot be decoded Loki counts and passes
/// over: that is told as [Kind#CORRUPTION], and the record is shown only with
/// [Reading#ALL_THAT_IS_WHOLE].
///
/// For one thread at a time; see [RecordReader]. Source of the rules: grafana/loki,
/// `pkg/ingester/recovery.go`.
public final class LogReader implements RecordReader {
  private final SegmentReader records;
  private final Reading reading;
  private final DamageListener damage;

  private LogReader(SegmentReader records, Reading reading, DamageListener damage) {
    this.records = records;
    this.reading = reading;
    this.damage = damage;
  }

  /// Reads from the beginning of a segment.
  ///
  /// @param segment which need not be buffered; the reader's from now on
  /// @param reading what becomes of records behind damage
  /// @param damage is told what is damaged
  /// @return a reader at the beginning
  public static LogReader of(InputStream segment, Reading reading, DamageListener damage) {
    DamageListener framing =
        found ->
            damage.found(
                found.kind() == Kind.CORRUPTION
                    ? new Damage(Kind.OVERLOOKED, found.offset(), found.bytes(), found.reason())
                    : found);
    return new LogReader(SegmentReader.of(segment, reading, framing), reading, damage);
  }

  @Override
  public boolean next() throws IOException {
    while (records.next()) {
      try {
        LokiRecord _ = RecordDecoder.check(records.payload());
        return true;
      } catch (FormatException malformed) {
        damage.found(
            new Damage(
                Kind.CORRUPTION,
                records.offset(),
                records.endOffset() - records.offset(),
                String.valueOf(malformed.getMessage())));
        if (reading == Reading.ALL_THAT_IS_WHOLE) {
          return true;
        }
      }
    }
    return false;
  }

  /// {@return the record, taken apart; its bytes are good until [#next()] is called}
  ///
  /// @throws FormatException if it cannot be, which only [Reading#ALL_THAT_IS_WHOLE] shows
  public LokiRecord record() throws FormatException {
    return LokiRecord.decode(records.payload());
  }

  @Override
  public ByteBuffer payload() {
    return records.payload();
  }

  @Override
  public long offset() {
    return records.offset();
  }

  @Override
  public long endOffset() {
    return records.endOffset();
  }

  @Override
  public void close() throws IOException {
    records.close();
  }
}
