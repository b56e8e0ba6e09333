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
/// reports what it finds, Loki stops without a word: that is told as [Kind#OVERLOOKED]. A record
/// that is whole and cannot be decoded Loki counts and passes over: that is told as
/// [Kind#CORRUPTION], and the record is shown only with [Reading#ALL_THAT_IS_WHOLE]. So it goes
/// with a stream of a checkpoint in a segment of the log, and with everything else in one of a
/// checkpoint. Blocks of a chunk whose checksum is wrong Loki skips, and says so in its own log:
/// that is told as [Kind#CORRUPTION] too, once for each chunk, with the offset of its record, which
/// is shown.
///
/// For one thread at a time; see [RecordReader]. Source of the rules: grafana/loki,
/// `pkg/ingester/recovery.go`, `pkg/ingester/checkpoint.go` and `pkg/chunkenc/memchunk.go`.
public final class LogReader implements RecordReader {
  private final SegmentReader records;
  private final boolean ofCheckpoint;
  private final Reading reading;
  private final DamageListener damage;

  private LogReader(
      SegmentReader records, boolean ofCheckpoint, Reading reading, DamageListener damage) {
    this.records = records;
    this.ofCheckpoint = ofCheckpoint;
    this.reading = reading;
    this.damage = damage;
  }

  /// Reads from the beginning of a segment of a log.
  ///
  /// @param segment which need not be buffered; the reader's from now on
  /// @param reading what becomes of records behind damage
  /// @param damage is told what is damaged
  /// @return a reader at the beginning
  public static LogReader of(InputStream segment, Reading reading, DamageListener damage) {
    return new LogReader(framing(segment, reading, damage), false, reading, damage);
  }

  /// Reads from the beginning of a segment of a checkpoint.
  ///
  /// @param segment which need not be buffered; the reader's from now on
  /// @param reading what becomes of records behind damage
  /// @param damage is told what is damaged
  /// @return a reader at the beginning
  public static LogReader ofCheckpoint(
      InputStream segment, Reading reading, DamageListener damage) {
    return new LogReader(framing(segment, reading, damage), true, reading, damage);
  }

  private static SegmentReader framing(
      InputStream segment, Reading reading, DamageListener damage) {
    return SegmentReader.of(
        segment,
        reading,
        found ->
            damage.found(
                found.kind() == Kind.CORRUPTION
                    ? new Damage(Kind.OVERLOOKED, found.offset(), found.bytes(), found.reason())
                    : found));
  }

  @Override
  public boolean next() throws IOException {
    while (records.next()) {
      try {
        check();
        return true;
      } catch (FormatException malformed) {
        tell(String.valueOf(malformed.getMessage()));
        if (reading == Reading.ALL_THAT_IS_WHOLE) {
          return true;
        }
      }
    }
    return false;
  }

  private void check() throws FormatException {
    RecordCheck record = RecordCheck.of(records.payload());
    if (record.isOfCheckpoint() != ofCheckpoint) {
      int type = records.payload().get(records.payload().position());
      throw new FormatException(
          ofCheckpoint
              ? "unexpected record type: " + type + ", in a checkpoint"
              : "unknown record type: " + type + ", of checkpoints, in no directory of one",
          0);
    }
    record.damagedChunks().forEach(this::tell);
  }

  private void tell(String reason) {
    long bytes = records.endOffset() - records.offset();
    damage.found(new Damage(Kind.CORRUPTION, records.offset(), bytes, reason));
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
