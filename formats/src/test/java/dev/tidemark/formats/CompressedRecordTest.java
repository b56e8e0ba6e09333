package dev.tidemark.formats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.formats.loki.LokiFormat;
import dev.tidemark.formats.prometheus.PrometheusFormat;
import dev.tidemark.formats.prometheus.SegmentCompression;
import dev.tidemark.formats.prometheus.SegmentWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Small files whose records stand for very many things: looking at them, and reading them as the
/// system would, keeps none of these. One such record, taken apart, has no room in the memory that
/// tests have.
class CompressedRecordTest {
  private static final int BYTES = 30 << 20;

  @TempDir private Path directory;

  private Path segment(int... beginning) throws IOException {
    ByteBuffer record = ByteBuffer.allocate(BYTES);
    for (int octet : beginning) {
      record.put((byte) octet);
    }
    Path file = directory.resolve("00000000");
    try (SegmentWriter writer =
        SegmentWriter.of(Files.newOutputStream(file), SegmentCompression.ZSTD)) {
      writer.append(record.rewind());
    }
    assertThat(Files.size(file)).isLessThan(1 << 20);
    return file;
  }

  private static List<Damage> read(LogFormat format, Path file, int records) throws IOException {
    assertThat(format.likeness(file)).isNotNull();
    List<Damage> damage = new ArrayList<>();
    try (RecordReader reader = format.open(file, Reading.AS_THE_SYSTEM, damage::add)) {
      int shown = 0;
      while (reader.next()) {
        shown++;
      }
      assertThat(shown).isEqualTo(records);
    }
    return damage;
  }

  @Test
  void aSeriesOfPrometheusWithMillionsOfLabelsIsNotTakenApartToBeRead() throws IOException {
    // A series with as many labels as 2^35, all of them empty: the record ends before.
    Path file = segment(1, 0, 0, 0, 0, 0, 0, 0, 1, 0x80, 0x80, 0x80, 0x80, 0x80, 1);
    assertThat(read(new PrometheusFormat(), file, 0)).hasSize(1);
  }

  @Test
  void aRecordOfLokiWithMillionsOfLinesIsNotTakenApartToBeRead() throws IOException {
    int[] beginning = new int[3 + 8 + 8 + 8 + 6];
    beginning[0] = 5;
    beginning[1] = 1;
    beginning[2] = 'u';
    for (int at = beginning.length - 6; at < beginning.length - 1; at++) {
      beginning[at] = 0x80;
    }
    beginning[beginning.length - 1] = 1;
    assertThat(read(new LokiFormat(), segment(beginning), 0)).hasSize(1);
  }
}
