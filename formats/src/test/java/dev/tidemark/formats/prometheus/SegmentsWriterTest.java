package dev.tidemark.formats.prometheus;

import static dev.tidemark.formats.prometheus.Fragments.hex;
import static dev.tidemark.formats.prometheus.Fragments.record;
import static dev.tidemark.formats.prometheus.SegmentLayout.PAGE_BYTES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.formats.Reading;
import dev.tidemark.formats.Sweep;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SegmentsWriterTest {
  private static final int DATA = PAGE_BYTES - 7;

  @TempDir private Path folder;

  private Path wal() {
    return folder.resolve("data/wal");
  }

  private SegmentsWriter create(int pages) throws IOException {
    return SegmentsWriter.create(wal(), SegmentCompression.NONE, (long) pages * PAGE_BYTES);
  }

  private List<Long> sizes() throws IOException {
    List<Long> sizes = new ArrayList<>();
    for (Path segment : SegmentDirectory.of(wal()).files()) {
      sizes.add(Files.size(segment));
    }
    return sizes;
  }

  private List<String> records() throws IOException {
    List<String> records = new ArrayList<>();
    for (Path segment : SegmentDirectory.of(wal()).files()) {
      Sweep.Outcome outcome = Fragments.read(Files.readAllBytes(segment), Reading.AS_THE_SYSTEM);
      assertThat(outcome.damage()).isEmpty();
      records.addAll(outcome.records());
    }
    return records;
  }

  private static void append(SegmentsWriter writer, byte[]... records) throws IOException {
    for (byte[] record : records) {
      writer.append(ByteBuffer.wrap(record));
    }
  }

  @Test
  void aRecordThatJustFitsStaysAndOneByteMoreBeginsTheNextSegment() throws IOException {
    try (SegmentsWriter writer = create(2)) {
      append(writer, record(DATA, 1), record(DATA, 2));
      assertThat(writer.segmentFile().getFileName()).hasToString("00000000");
      append(writer, record(100, 3), record(2 * DATA - 100 - 7, 4));
      assertThat(writer.segmentFile().getFileName()).hasToString("00000001");
      append(writer, record(100, 5), record(2 * DATA - 100 - 7 + 1, 6));
      assertThat(writer.segmentFile().getFileName()).hasToString("00000003");
      assertThat(writer.size()).isEqualTo(2L * 2 * PAGE_BYTES + PAGE_BYTES + 2L * PAGE_BYTES - 106);
    }
    assertThat(sizes())
        .containsExactly(2L * PAGE_BYTES, 2L * PAGE_BYTES, (long) PAGE_BYTES, 2L * PAGE_BYTES);
    assertThat(records()).hasSize(6);
  }

  @Test
  void aRecordLargerThanASegmentGetsALargerOneToItself() throws IOException {
    try (SegmentsWriter writer = create(1)) {
      append(writer, record(3 * DATA, 1), record(10, 2));
    }
    assertThat(sizes()).containsExactly(3L * PAGE_BYTES, (long) PAGE_BYTES);
    assertThat(records()).containsExactly(hex(record(3 * DATA, 1)), hex(record(10, 2)));
  }

  @Test
  void aWriterNeverAppendsToASegmentThatIsThere() throws IOException {
    create(1).close();
    try (SegmentsWriter writer = create(1)) {
      append(writer, record(10, 1));
    }
    // What a crash leaves: not even the last page is whole.
    Files.write(wal().resolve("00000002"), new byte[] {2, 0, 9});
    try (SegmentsWriter writer = create(1)) {
      append(writer, record(10, 2));
    }
    assertThat(sizes()).containsExactly(0L, (long) PAGE_BYTES, 3L, (long) PAGE_BYTES);
  }

  @Test
  void aWriterBeginsBehindTheCheckpointToo() throws IOException {
    Files.createDirectories(wal().resolve("checkpoint.00000007"));
    try (SegmentsWriter writer = create(1)) {
      assertThat(writer.segmentFile().getFileName()).hasToString("00000008");
    }
  }

  @Test
  void aDirectoryThatPrometheusWouldRefuseIsRefused() throws IOException {
    Files.createDirectories(wal());
    Files.createFile(wal().resolve("00000000"));
    Files.createFile(wal().resolve("00000002"));
    assertThatThrownBy(() -> create(1)).hasMessageContaining("segments are not sequential");
    assertThat(sizesOfAll()).isEqualTo(2);
  }

  private long sizesOfAll() throws IOException {
    try (var files = Files.list(wal())) {
      return files.count();
    }
  }

  @Test
  void aSizeThatIsNoNumberOfPagesIsRefused() {
    for (long bytes : new long[] {0, -PAGE_BYTES, PAGE_BYTES + 1}) {
      assertThatThrownBy(() -> SegmentsWriter.create(wal(), SegmentCompression.NONE, bytes))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(String.valueOf(bytes));
    }
    assertThat(wal()).doesNotExist();
  }

  @Test
  void whatWasSyncedIsInTheFileThoughNobodyCloses() throws IOException {
    SegmentsWriter writer = create(1);
    append(writer, record(10, 1));
    assertThat(sizes()).containsExactly(0L);
    writer.sync();
    assertThat(sizes()).containsExactly(17L);
    assertThat(records()).containsExactly(hex(record(10, 1)));
    append(writer, record(20, 2));
    writer.flush();
    assertThat(sizes()).containsExactly(17L + 27);
    writer.close();
    assertThat(sizes()).containsExactly((long) PAGE_BYTES);
    writer.close();
    assertThatThrownBy(() -> append(writer, record(1, 1))).hasMessageContaining("closed");
  }

  @Test
  void aSegmentThatSomebodyElseBeganFailsTheWriterForGood() throws IOException {
    SegmentsWriter writer = create(1);
    append(writer, record(DATA, 1));
    Files.write(wal().resolve("00000001"), new byte[] {1, 2, 3});
    assertThatThrownBy(() -> append(writer, record(1, 2)))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThatThrownBy(() -> append(writer, record(1, 2))).isInstanceOf(IOException.class);
    assertThatThrownBy(writer::sync).isInstanceOf(IOException.class);
    writer.close();
    assertThat(sizes()).containsExactly((long) PAGE_BYTES, 3L);
  }
}
