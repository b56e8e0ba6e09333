package dev.tidemark.wal.internal;

import static dev.tidemark.wal.internal.FrameLayout.INT;
import static dev.tidemark.wal.internal.FrameLayout.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.storage.ForwardingFile;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

/// A length in a header that is right in itself costs no memory before the file is seen to have it.
class StatedLengthTest {
  private static final String NAME = SegmentHeader.fileName(1);

  // What is left of a large segment that was cut: its first frame said that it has a GiB.
  @Test
  void frameLargerThanItsFileIsNotMadeRoomFor() throws IOException {
    SegmentHeader large =
        new SegmentHeader(1, 2, 1, 3, 4L << 30, 1, 0, 0, 0, 0, 0, 0, 0, FIRST_MILLIS);
    MemorySegment frame = Arena.ofAuto().allocate(FrameLayout.HEADER_BYTES, 64);
    frame.set(INT, FrameLayout.MAGIC_AT, FrameLayout.MAGIC);
    frame.set(ValueLayout.JAVA_BYTE, FrameLayout.KIND_AT, (byte) FrameLayout.KIND_RECORDS);
    frame.set(LONG, FrameLayout.FIRST_LSN_AT, 1);
    frame.set(INT, FrameLayout.RECORDS_AT, 1);
    frame.set(INT, FrameLayout.STORED_BYTES_AT, 1 << 30); // more than the memory of a test
    frame.set(INT, FrameLayout.RAW_BYTES_AT, 1 << 30);
    PlacedChecksum checksum = new PlacedChecksum();
    checksum.enter(large);
    int crc = checksum.of(SegmentHeader.BYTES, frame.asByteBuffer(), 0, FrameLayout.HEADER_CRC_AT);
    frame.set(INT, FrameLayout.HEADER_CRC_AT, crc);
    byte[] bytes = new byte[4096];
    MemorySegment.copy(frame, ValueLayout.JAVA_BYTE, 0, bytes, SegmentHeader.BYTES, 64);
    SimulatedDisk disk = new SimulatedDisk();
    disk.replace(NAME, bytes);
    try (StorageFile file = disk.openForRead(NAME)) {
      FrameReader reader = new FrameReader(file, large);
      assertThat(reader.read(SegmentHeader.BYTES)).isEqualTo(FrameReader.Found.HEADER_ONLY);
      assertThat(reader.header().storedBytes).isEqualTo(1 << 30);
    }
  }

  // A reader beside the log asked, for any header that was right in itself, each 64 bytes up to the
  // size that it names.
  @Test
  void promisesAreLookedForNoFurtherThanTheFileGoes() throws IOException {
    SegmentHeader endless =
        new SegmentHeader(1, 2, 1, 3, Long.MAX_VALUE, 1, 0, 0, 0, 0, 0, 0, 0, FIRST_MILLIS);
    long[] reads = {0};
    StorageFile file =
        new ForwardingFile(HeldFiles.file(NAME, new byte[4096])) {
          @Override
          public int read(long offset, MemorySegment target) throws IOException {
            assertThat(++reads[0]).isLessThan(10);
            return super.read(offset, target);
          }
        };
    FrameReader reader = new FrameReader(file, endless);
    assertThat(PromiseScan.behind(reader, SegmentHeader.BYTES, endless.limit())).isZero();
    assertThat(reads[0]).isPositive();
  }

  // Half a GiB, said of 16 bytes.
  @Test
  void whatACodecCannotHaveCompressedIsRefusedBeforeMemoryIsTakenForIt() {
    FrameHeader frame = new FrameHeader();
    frame.codec = HalvingCodec.ID;
    frame.firstLsn = 1;
    frame.records = 1;
    frame.storedBytes = 16;
    frame.rawBytes = 1 << 29;
    FrameRecords records =
        new FrameRecords(
            new Codecs(new HalvingCodec()),
            reason -> new CorruptWalException(reason, NAME, SegmentHeader.BYTES, 1, 1));
    MemorySegment stored = Arena.ofAuto().allocate(16, 64);
    assertThatThrownBy(() -> records.enter(frame, stored))
        .isInstanceOf(CorruptWalException.class)
        .hasMessageContaining("cannot have the 536870912 bytes");
    frame.codec = HalvingCodec.ID + 1; // which there is not
    assertThatThrownBy(() -> records.enter(frame, stored))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("codec 201");
  }

  private static final long FIRST_MILLIS = 1_800_000_000_000L;
}
