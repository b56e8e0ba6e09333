package dev.tidemark.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.ingest.lineprotocol.Precision;
import dev.tidemark.ingest.record.Envelope;
import dev.tidemark.ingest.record.RecordWriter;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The log of a shard that is no longer in use is drained, then removed.
final class SurplusShardTest {
  @TempDir Path folder;
  private DataFolder data;
  private Path surplus;

  @BeforeEach
  void aSecondShardWithARow() throws Exception {
    data = new DataFolder(folder);
    surplus = folder.resolve("wal").resolve("shard-0001");
    try (Ingest ingest = data.open()) {
      ingest.write(DataFolder.body("cpu v=1i 1\n"));
    }
    try (Wal wal = Wal.open(surplus, WalOptions.builder().segmentBytes(1 << 20).build())) {
      byte[] body = "cpu v=2i 2\n".getBytes(StandardCharsets.UTF_8);
      wal.append(
          RecordWriter.bytes(
              new Envelope("db", Precision.NANOSECONDS, 0, 0, null, body, 0, body.length)));
    }
  }

  @Test
  void itsRowsComeIntoFilesAndItGoes() throws Exception {
    data.recovered();
    assertThat(data.values("cpu", "v")).containsExactly("1", "2");
    assertThat(surplus).doesNotExist();
    data.recovered();
    assertThat(data.values("cpu", "v")).containsExactly("1", "2");
  }

  @Test
  void itStaysWhileItsRowsCannotBeWritten() throws Exception {
    BrokenSink sink = new BrokenSink(folder);
    sink.broken(true);
    IngestOptions options = DataFolder.ON_DEMAND.withCloseTimeout(Duration.ofSeconds(1));
    assertThatThrownBy(() -> new Ingest(sink, options, RecoveryListener.silent()))
        .hasMessageContaining("shard-0001 is no longer in use");
    assertThat(Files.isDirectory(surplus)).isTrue();
    data.recovered();
    assertThat(data.values("cpu", "v")).containsExactly("1", "2");
  }
}
