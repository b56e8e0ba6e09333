package dev.tidemark.formats.prometheus;

import dev.tidemark.formats.Damage;
import dev.tidemark.formats.DamageListener;
import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.Reading;
import dev.tidemark.formats.RecordReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// Records of one segment, each walked over as it goes by: to Prometheus one that cannot be decoded
/// is corruption as much as one whose checksum is wrong, and nothing behind it is applied. But it
/// decodes only what belongs into the log that it reads, and passes over other types as over
/// unknown ones: markers of chunks belong into `wbl`, and besides them only samples and histograms
/// do. Source: prometheus/prometheus, tsdb/head_wal.go.
///
/// For one thread at a time.
final class DecodedReader implements RecordReader {
  private final SegmentReader records;
  private final Reading reading;
  private final DamageListener damage;
  private final long fileBytes;
  private final boolean outOfOrder;

  // Owned by the caller's thread.
  private boolean ended;

  private DecodedReader(
      SegmentReader records,
      Reading reading,
      DamageListener damage,
      long fileBytes,
      boolean outOfOrder) {
    this.outOfOrder = outOfOrder;
    this.records = records;
    this.reading = reading;
    this.damage = damage;
    this.fileBytes = fileBytes;
  }

  static RecordReader open(Path file, Reading reading, DamageListener damage) throws IOException {
    long fileBytes = Files.size(file);
    return new DecodedReader(
        SegmentReader.of(Files.newInputStream(file), reading, damage),
        reading,
        damage,
        fileBytes,
        SegmentDirectory.isOutOfOrder(file));
  }

  @Override
  public boolean next() throws IOException {
    if (ended || !records.next()) {
      return false;
    }
    try {
      Optional<RecordType> _ = RecordWalk.of(records.payload(), new RecordTaker() {});
      return true;
    } catch (FormatException malformed) {
      return next(malformed);
    }
  }

  private boolean next(FormatException malformed) {
    int code = records.payload().get(records.payload().position());
    RecordType type = RecordType.of(code).orElseThrow();
    if (!type.belongsInto(outOfOrder)) {
      damage.found(
          new Damage(
              Damage.Kind.OVERLOOKED,
              records.offset(),
              records.endOffset() - records.offset(),
              "a record of a type that Prometheus passes over here, and cannot be decoded: "
                  + malformed.getMessage()));
      return true;
    }
    ended = reading == Reading.AS_THE_SYSTEM;
    long end = ended ? Math.max(fileBytes, records.endOffset()) : records.endOffset();
    damage.found(
        new Damage(
            Damage.Kind.CORRUPTION,
            records.offset(),
            end - records.offset(),
            "decode " + type.word() + ": " + malformed.getMessage()));
    return !ended;
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
    ended = true;
    records.close();
  }
}
