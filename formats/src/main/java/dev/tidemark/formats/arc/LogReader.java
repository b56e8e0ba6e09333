package dev.tidemark.formats.arc;

import static dev.tidemark.formats.arc.ArcLayout.CRC_AT;
import static dev.tidemark.formats.arc.ArcLayout.FILE_HEADER_BYTES;
import static dev.tidemark.formats.arc.ArcLayout.HEADER_BYTES;
import static dev.tidemark.formats.arc.ArcLayout.LENGTH_AT;
import static dev.tidemark.formats.arc.ArcLayout.MOST_PAYLOAD_BYTES;
import static dev.tidemark.formats.arc.ArcLayout.TIMESTAMP_AT;

import dev.tidemark.formats.Damage;
import dev.tidemark.formats.DamageListener;
import dev.tidemark.formats.FileWindow;
import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.Reading;
import dev.tidemark.formats.RecordReader;
import dev.tidemark.formats.ValueSink;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/// Reads one file of Arc's log by the rules of its reader in Go (Basekick-Labs/arc,
/// internal/wal/reader.go), which are:
/// - 1 to 15 bytes at the end are no record and no damage;
/// - a payload that the file does not hold to its end, or whose checksum is wrong, is passed over,
///   and so is one that is neither of the forms Arc knows;
/// - a length above 100 MiB is passed over with its header alone, so that the next header is looked
///   for among the bytes of the payload, 16 bytes on.
///
/// Under [Reading#ALL_THAT_IS_WHOLE] records of unknown form are shown too, and behind a length
/// that cannot be right the next whole record is looked for byte by byte (see RecordSearch). There
/// a header must name a time between 2000 and 2200, since anything might pass for one.
///
/// At most some 256 MiB of memory are taken, and no more than four times what was read.
public final class LogReader implements RecordReader {
  // A file may be longer than what reached the disk of it when the power went.
  private static final String ZEROS = "zeros";

  private final FileWindow window;
  private final CRC32 crc = new CRC32();
  private final RecordSearch search;
  private final Reading reading;
  private final DamageListener damage;

  // All owned by the caller's thread.
  private boolean ended;
  private int toPass;
  // Headers that cannot be any, one behind the other: told as one. -1 if there are none.
  private long runOffset = -1;
  private String runReason = "";
  private boolean runIsZeros;
  private ByteBuffer payload = ByteBuffer.allocate(0);
  private long timestamp;
  private long offset;
  private long endOffset;

  private LogReader(FileWindow window, Reading reading, DamageListener damage) {
    this.window = window;
    search = new RecordSearch(window);
    this.reading = reading;
    this.damage = damage;
  }

  /// Opens a file. Damage of its header is told at once.
  ///
  /// @param in the file from its first byte; closed by [#close()], and if this fails
  /// @param reading what becomes of records behind damage
  /// @param damage is told what is damaged
  /// @return a reader at the beginning
  /// @throws FormatException if it is not a file of Arc's log: Arc leaves it alone
  /// @throws IOException if it cannot be read
  public static LogReader of(InputStream in, Reading reading, DamageListener damage)
      throws IOException {
    LogReader reader = new LogReader(new FileWindow(in, Long.MAX_VALUE), reading, damage);
    try {
      reader.readFileHeader();
    } catch (IOException | RuntimeException | Error failure) {
      try (in) {
        throw failure;
      }
    }
    return reader;
  }

  private void readFileHeader() throws IOException {
    if (!window.has(FILE_HEADER_BYTES)) {
      int left = window.available();
      if (left > 0) {
        tell(true, 0, left, "the file ends within its header");
      }
      window.pass(left);
      ended = true;
      return;
    }
    if (window.int32BigEndian(ArcLayout.MAGIC_AT) != ArcLayout.MAGIC) {
      throw new FormatException("no file of Arc's log: it does not begin with ARCW", 0);
    }
    int version = window.octet(ArcLayout.VERSION_AT) << 8 | window.octet(ArcLayout.VERSION_AT + 1);
    if (version != ArcLayout.VERSION) {
      String reason = "WAL version mismatch: " + version + ", where Arc knows 1 and reads on";
      damage.found(new Damage(Damage.Kind.CORRUPTION, ArcLayout.VERSION_AT, 2, reason));
    }
    int checksum = window.octet(ArcLayout.CHECKSUM_AT);
    if (checksum != ArcLayout.CRC_32) {
      String reason = "checksums of type " + checksum + ", which Arc takes for CRC-32 all the same";
      damage.found(new Damage(Damage.Kind.OVERLOOKED, ArcLayout.CHECKSUM_AT, 1, reason));
    }
    window.pass(FILE_HEADER_BYTES);
  }

  @Override
  public boolean next() throws IOException {
    window.pass(toPass);
    toPass = 0;
    while (!ended) {
      if (!window.has(HEADER_BYTES)) {
        end();
      } else if (isRecord()) {
        return true;
      }
    }
    return false;
  }

  /// {@return when the record was appended, in microseconds since 1970} Nothing vouches for it.
  /// Only after [#next()] returned true.
  public long timestampMicros() {
    return timestamp;
  }

  @Override
  public ByteBuffer payload() {
    return payload.duplicate();
  }

  @Override
  public long offset() {
    return offset;
  }

  @Override
  public long endOffset() {
    return endOffset;
  }

  /// Tells [#timestampMicros()] as `timestamp`.
  @Override
  public void describeFraming(ValueSink sink) {
    sink.name("timestamp");
    sink.unsigned(timestamp);
  }

  @Override
  public void close() throws IOException {
    ended = true;
    toPass = 0;
    window.close();
  }

  /// Looks at what stands here, and passes it if it is no record to be shown.
  private boolean isRecord() throws IOException {
    int length = window.int32BigEndian(LENGTH_AT);
    if (length < 0 || length > MOST_PAYLOAD_BYTES) {
      String reason =
          "WAL payload exceeds maximum allowed size: "
              + Integer.toUnsignedString(length)
              + " bytes";
      passHeader(reason);
      return false;
    }
    if (length == 0) {
      passHeader("unrecognized WAL entry format: no payload");
      return false;
    }
    endRun(false);
    if (!window.has(HEADER_BYTES + length)) {
      cutShort(length);
      return false;
    }
    if (window.checksum(crc, HEADER_BYTES, length) != window.int32BigEndian(CRC_AT)) {
      passBad(length);
      return false;
    }
    if (reading == Reading.AS_THE_SYSTEM && !isKnown(length)) {
      return false;
    }
    show(length);
    return true;
  }

  private void show(int length) {
    offset = window.offset();
    toPass = HEADER_BYTES + length;
    endOffset = offset + toPass;
    timestamp = window.int64BigEndian(TIMESTAMP_AT);
    payload = window.bytes(HEADER_BYTES, length);
  }

  private boolean isKnown(int length) {
    try {
      Payload _ = Payload.of(window.bytes(HEADER_BYTES, length));
      return true;
    } catch (FormatException unknown) {
      pass(length, "unrecognized WAL entry format: " + unknown.getMessage());
      return false;
    }
  }

  // ---- bytes that are no record

  /// Passes a header that promises no payload that could be read.
  private void passHeader(String reason) throws IOException {
    if (reading == Reading.ALL_THAT_IS_WHOLE) {
      passToNext(reason);
      return;
    }
    boolean zeros = isZeros(HEADER_BYTES);
    if (runOffset >= 0 && runIsZeros != zeros) {
      endRun(false);
    }
    if (runOffset < 0) {
      runOffset = window.offset();
      runReason = zeros ? ZEROS : reason;
      runIsZeros = zeros;
    }
    window.pass(HEADER_BYTES);
  }

  /// Tells of the headers passed so far, if there are any.
  private void endRun(boolean atEnd) {
    if (runOffset >= 0) {
      tell(atEnd && runIsZeros, runOffset, window.offset(), runReason);
      runOffset = -1;
    }
  }

  private void passToNext(String reason) throws IOException {
    long begin = window.offset();
    boolean found = search.advance();
    boolean zeros = search.passedZeros();
    tell(zeros && !found, begin, window.offset(), zeros ? ZEROS : reason);
  }

  /// Passes a record with a wrong checksum: to its end, or, if nothing says that its length is
  /// right, to the next whole record.
  private void passBad(int length) throws IOException {
    if (reading == Reading.AS_THE_SYSTEM || search.isBoundary(HEADER_BYTES + length)) {
      pass(length, "checksum mismatch");
    } else {
      passToNext("checksum mismatch");
    }
  }

  /// Passes a record of which the file holds the beginning. Whole records behind it say that its
  /// length is wrong; else it is what a crash leaves.
  private void cutShort(int length) throws IOException {
    long begin = window.offset();
    int left = window.available();
    boolean whole =
        left > HEADER_BYTES
            && window.checksum(crc, HEADER_BYTES, left - HEADER_BYTES)
                == window.int32BigEndian(CRC_AT);
    boolean found = search.advance();
    String reason =
        "failed to read payload: " + (left - HEADER_BYTES) + " of " + length + " bytes are there";
    if (found && reading == Reading.AS_THE_SYSTEM) {
      reason += ", and whole records among them, which Arc does not look for";
      window.pass(window.available());
    }
    tell(!found && !whole, begin, window.offset(), reason);
  }

  private void end() {
    int left = window.available();
    endRun(isZeros(left));
    if (left > 0) {
      tell(true, window.offset(), window.offset() + left, "the file ends within a header");
      window.pass(left);
    }
    ended = true;
  }

  private boolean isZeros(int bytes) {
    for (int at = 0; at < bytes; at++) {
      if (window.octet(at) != 0) {
        return false;
      }
    }
    return true;
  }

  private void pass(int length, String reason) {
    long begin = window.offset();
    window.pass(HEADER_BYTES + length);
    tell(false, begin, window.offset(), reason);
  }

  private void tell(boolean torn, long begin, long end, String reason) {
    Damage.Kind kind = torn ? Damage.Kind.TORN_TAIL : Damage.Kind.CORRUPTION;
    damage.found(new Damage(kind, begin, end - begin, reason));
  }
}
