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

/// Records of one segment, each decoded as it goes by: to Prometheus one that cannot be decoded is
/// corruption as much as one whose checksum is wrong, and nothing behind it is applied.
///
/// For one thread at a time.
final class DecodedReader implements RecordReader {
  private final SegmentReader records;
  private final Reading reading;
  private final DamageListener damage;
  private final long fileBytes;

  // Owned by the caller's thread.
  private boolean ended;

  private DecodedReader(
      SegmentReader records, Reading reading, DamageListener damage, long fileBytes) {
    this.records = records;
    this.reading = reading;
    this.damage = damage;
    this.fileBytes = fileBytes;
  }

  static RecordReader open(Path file, Reading reading, DamageListener damage) throws IOException {
    long fileBytes = Files.size(file);
    return new DecodedReader(
        SegmentReader.of(Files.newInputStream(file), reading, damage), reading, damage, fileBytes);
  }

  @Override
  public boolean next() throws IOException {
    if (ended || !records.next()) {
      return false;
    }
    try {
      boolean _ = RecordDecoder.check(records.payload());
      return true;
    } catch (FormatException malformed) {
      return next(malformed);
    }
  }

  private boolean next(FormatException malformed) {
    int code = records.payload().get(records.payload().position());
    String type = RecordType.of(code).map(RecordType::word).orElseThrow();
    ended = reading == Reading.AS_THE_SYSTEM;
    long end = ended ? Math.max(fileBytes, records.endOffset()) : records.endOffset();
    damage.found(
        new Damage(
            Damage.Kind.CORRUPTION,
            records.offset(),
            end - records.offset(),
            "decode " + type + ": " + malformed.getMessage()));
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
