package dev.tidemark.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Bodies that do not fit one record: atomic pieces, cut between lines.
final class LargeBodyTest {
  @TempDir Path folder;

  // Strings hold newlines, so a cut at just any newline would break them.
  private static String lines(int from, int count, int textBytes) {
    String text = "x\n".repeat(textBytes / 2);
    StringBuilder lines = new StringBuilder(count * (textBytes + 40));
    for (int i = from; i < from + count; i++) {
      lines.append("cpu v=").append(i).append("i,s=\"").append(text).append("\" 1\n");
    }
    return lines.toString();
  }

  @Test
  void aLargeBodyIsOneBatchAndComesBackWhole() throws Exception {
    DataFolder data = new DataFolder(folder.resolve("first"));
    try (Ingest ingest = data.open(DataFolder.ON_DEMAND.withSegmentBytes(64 << 20))) {
      String body = lines(0, 900, 10_000) + "# " + "c".repeat(5 << 20) + "\n" + lines(900, 10, 10);
      assertThat(ingest.write(DataFolder.body(body)).accepted()).isEqualTo(910);
      assertThat(ingest.metrics().shardLog().counts().records()).isEqualTo(3);
      DataFolder killed = data.copiedTo(folder.resolve("killed"));
      assertThat(killed.recovered().replayedRows()).isEqualTo(910);
      assertThat(
              killed.query(
                  "cpu", "SELECT count(*), count(DISTINCT v), max(v), max(length(s)) FROM FILES"))
          .containsExactly("910 910 909 10000");
    }
  }

  @Test
  void smallSegmentsCutSmallerPieces() throws Exception {
    DataFolder data = new DataFolder(folder.resolve("first"));
    try (Ingest ingest = data.open(DataFolder.ON_DEMAND.withSegmentBytes(16 << 10))) {
      ingest.write(DataFolder.body(lines(0, 500, 100)));
      ingest.write(DataFolder.partial("bad\n" + lines(500, 500, 100) + "worse\n"));
      assertThat(ingest.metrics().shardLog().counts().records()).isGreaterThan(20);
      DataFolder killed = data.copiedTo(folder.resolve("killed"));
      assertThat(killed.recovered().replayedRows()).isEqualTo(1000);
      assertThat(killed.query("cpu", "SELECT count(*), count(DISTINCT v) FROM FILES"))
          .containsExactly("1000 1000");
    }
  }

  @Test
  void aLineThatFitsNoRecordIsABadLine() throws Exception {
    DataFolder data = new DataFolder(folder);
    try (Ingest ingest = data.open(DataFolder.ON_DEMAND.withSegmentBytes(16 << 10))) {
      BadLinesException e =
          catchThrowableOfType(
              BadLinesException.class, () -> ingest.write(DataFolder.body(lines(0, 1, 40_000))));
      assertThat(e).hasMessageContaining("line 1").hasMessageContaining("longer than");
      ingest.write(DataFolder.body(lines(0, 1, 10_000)));
      ingest.flush();
      assertThat(data.values("cpu", "v")).containsExactly("0");
    }
  }
}
