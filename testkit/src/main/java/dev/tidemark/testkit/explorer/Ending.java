package dev.tidemark.testkit.explorer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.wal.RecoveryReport;
import dev.tidemark.wal.RecoveryReport.Verdict;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/// How the newest segment of a log ends, by its bytes alone: what the verdict about it must be, if
/// no byte is damaged. Offsets are those of docs/format.md.
final class Ending {
  private static final int HEADER_BYTES = 256; // at the head, and again at the end of the file
  private static final int FLAGS_AT = 100;
  private static final int RECYCLED = 1;
  private static final int ZEROS = 64; // behind the last write

  private Ending() {}

  /// Checks the verdict of a recovery against what its disk held before.
  static void check(SimulatedDisk before, RecoveryReport report) {
    if (report.file().isEmpty()) {
      assertThat(report.verdict()).as("without a segment").isEqualTo(Verdict.CREATED);
      return;
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
