package dev.tidemark.testkit.explorer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.wal.RecoveryReport;
import dev.tidemark.wal.RecoveryReport.Verdict;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32C;

/// How the newest segment of a log ends, by its bytes alone: what the verdict about it must be, if
/// no byte is damaged. Offsets are those of docs/format.md.
final class Ending {
  private static final int HEADER_BYTES = 256; // at the head, and again at the end of the file
  private static final int FLAGS_AT = 100;
  private static final int RECYCLED = 1;
  private static final int ZEROS = 64; // behind the last write
  private static final int LOG_ID_AT = 16; // of a segment's header; number and nonce follow
  private static final int PLACE_BYTES = 40; // log id, number, nonce, byte
  private static final int FRAME_BYTES = 64; // of a frame's header, and what frames begin at
  private static final int FRAME_CRC_AT = 60;
  private static final int FRAME_MAGIC = 0x5246_4d54;

  private Ending() {}

  /// Checks the verdict of a recovery against what its disk held before.
  ///
  /// @return the largest LSN that any frame of the newest segment names, 0 if none does
  static long check(SimulatedDisk before, RecoveryReport report) {
    if (report.file().isEmpty()) {
      assertThat(report.verdict()).as("without a segment").isEqualTo(Verdict.CREATED);
      return 0;
    }
    byte[] file = before.bytes(report.file());
    int end = Math.toIntExact(report.end());
    boolean recycled = isRecycled(file, 0) || isRecycled(file, file.length - HEADER_BYTES);
    boolean nothingBegun = isZero(file, end, end + ZEROS);
    boolean nothingBehind = recycled || isZero(file, end, file.length - HEADER_BYTES);
    switch (report.verdict()) {
      case CLEAN_END -> assertThat(nothingBegun && nothingBehind).as("clean end").isTrue();
      case UNVOUCHED_TAIL ->
          assertThat(nothingBegun && nothingBehind && !recycled).as("cut nothing").isFalse();
      default -> {} // a seal was read; the books know whether there is one
    }
    return highestLsn(file);
  }

  // By whole headers of frames alone, wherever they stand: of both copies one header is whole.
  private static long highestLsn(byte[] file) {
    int header = isZero(file, 0, HEADER_BYTES) ? file.length - HEADER_BYTES : 0;
    ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer place = ByteBuffer.allocate(PLACE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    place.put(file, header + LOG_ID_AT, PLACE_BYTES - Long.BYTES); // log id, number, nonce
    long highest = 0;
    for (int at = HEADER_BYTES; at + FRAME_BYTES <= file.length; at += FRAME_BYTES) {
      if (bytes.getInt(at) == FRAME_MAGIC) {
        CRC32C crc = new CRC32C();
        crc.update(place.putLong(PLACE_BYTES - Long.BYTES, at).array());
        crc.update(file, at, FRAME_CRC_AT);
        if ((int) crc.getValue() == bytes.getInt(at + FRAME_CRC_AT)) {
          highest = Math.max(highest, bytes.getLong(at + 8) + bytes.getInt(at + 16) - 1);
        }
      }
    }
    return highest;
  }

  // One of the two copies may be torn.
  private static boolean isRecycled(byte[] file, int header) {
    ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    return (bytes.getInt(header + FLAGS_AT) & RECYCLED) != 0;
  }

  private static boolean isZero(byte[] bytes, int from, int to) {
    int last = Math.min(to, bytes.length);
    return from >= last
        || Arrays.mismatch(bytes, from, last, new byte[last - from], 0, last - from) < 0;
  }
}
