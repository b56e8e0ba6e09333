package dev.tidemark.formats.arc;

import static dev.tidemark.formats.arc.ArcFiles.ENVELOPED;
import static dev.tidemark.formats.arc.ArcFiles.RAW;
import static dev.tidemark.formats.arc.ArcFiles.ROW;
import static dev.tidemark.formats.arc.ArcFiles.TIME;
import static dev.tidemark.formats.arc.ArcFiles.parse;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.formats.DamageListener;
import dev.tidemark.formats.Described;
import dev.tidemark.formats.Reading;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ArcVectorsTest {
  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.ofEpochSecond(TIME / 1_000_000));
  private static final long DATA_TIME = 1_633_024_800_000_000L;

  @Test
  void whatTheWriterWritesIsTheVectorsByteForByte() throws IOException {
    Map<String, List<?>> columns = new LinkedHashMap<>();
    columns.put("time", List.of(DATA_TIME));
    columns.put("v", List.of(1.5));
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("time", DATA_TIME);
    row.put("v", 1.5);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    try (LogWriter writer = new LogWriter(file, CLOCK)) {
      ByteBuffer raw = PayloadWriter.columns("cpu", columns);
      writer.append(PayloadWriter.enveloped("default", raw));
      writer.append(raw);
      writer.append(PayloadWriter.rows("default", "cpu", List.of(row)));
      writer.flush();
      assertThat(writer.size()).isEqualTo(file.size());
    }
    assertThat(file.toByteArray()).asHexString().isEqualToIgnoringCase(hex(ArcFiles.vectors()));
  }

  @Test
  void theReaderShowsEachVectorWithItsTimeAndPlace() throws IOException {
    byte[] file = ArcFiles.vectors();
    try (LogReader reader =
        LogReader.of(
            new ByteArrayInputStream(file), Reading.AS_THE_SYSTEM, DamageListener.ignoring())) {
      long offset = 7;
      for (String payload : List.of(ENVELOPED, RAW, ROW)) {
        assertThat(reader.next()).isTrue();
        assertThat(reader.payload()).isEqualTo(ByteBuffer.wrap(parse(payload)));
        assertThat(reader.timestampMicros()).isEqualTo(TIME);
        assertThat(Described.by(reader::describeFraming)).isEqualTo("{timestamp: " + TIME + "}");
        assertThat(reader.offset()).isEqualTo(offset);
        offset += 16 + payload.length() / 2;
        assertThat(reader.endOffset()).isEqualTo(offset);
      }
      assertThat(reader.next()).isFalse();
      assertThat(offset).isEqualTo(file.length);
    }
  }

  @Test
  void eachFormIsDescribedWithItsDatabaseMeasurementAndRowsOrColumns() throws IOException {
    String columns = "columns: {time: [1633024800000000], v: [1.5]}}";
    String of = "{database: \"default\", measurement: \"cpu\", ";
    assertThat(described(ENVELOPED)).isEqualTo(of + columns);
    assertThat(described(RAW)).isEqualTo(of + columns);
    assertThat(described(ROW))
        .isEqualTo(
            of
                + "rows: [{_database: \"default\", _measurement: \"cpu\", time: 1633024800000000, v:"
                + " 1.5}]}");
  }

  private static String described(String payload) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(parse(payload));
    return Described.by(sink -> new ArcFormat().describe(bytes, sink));
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
