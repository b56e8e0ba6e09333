package dev.tidemark.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The way of a body when nothing goes wrong.
final class WriteAndFlushTest {
  @TempDir Path folder;

  @Test
  void acknowledgedPointsAreInFilesWhenFlushReturns() throws Exception {
    DataFolder data = new DataFolder(folder);
    try (Ingest ingest = data.open()) {
      WriteResult result =
          ingest.write(
              DataFolder.body(
                  """
                  cpu,host=a load=0.5,cores=4i,up=t,note="x y",big=18446744073709551615u 1000000000
                  cpu,host=b load=1.5 2000000000
                  # a comment
                  mem used=7i
                  """));
      assertThat(result.accepted()).isEqualTo(3);
      assertThat(result.rejected()).isZero();
      assertThat(ingest.flush()).isEqualTo(3);
      assertThat(
              data.query(
                  "cpu", "SELECT host, load, cores, up, note, big, epoch_ns(time) FROM FILES"))
          .containsExactly(
              "a 0.5 4 true x y 18446744073709551615 1000000000",
              "b 1.5 null null null null 2000000000");
      assertThat(data.query("mem", "SELECT used, epoch_ns(time) FROM FILES"))
          .containsExactly("7 " + DataFolder.ARRIVAL);
      assertThat(ingest.flush()).isZero();
      assertThat(ingest.healthy()).isTrue();
    }
  }

  @Test
  void nothingOfOursIsAmongTheColumns() throws Exception {
    DataFolder data = new DataFolder(folder);
    try (Ingest ingest = data.open()) {
      ingest.write(DataFolder.body("cpu,host=a load=1 1\n"));
      ingest.flush();
      assertThat(data.query("cpu", "SELECT column_name FROM (DESCRIBE SELECT * FROM FILES)"))
          .containsExactly("host", "load", "time");
    }
  }

  @Test
  void closedProperlyTheNextStartReplaysNoRows() throws Exception {
    DataFolder data = new DataFolder(folder);
    Ingest ingest = data.open();
    ingest.write(DataFolder.body("cpu v=1i 1\ncpu v=2i 2\n"));
    ingest.close();
    ingest.close();
    Recovered recovered = data.recovered();
    assertThat(recovered.replayedRows()).isZero();
    assertThat(recovered.toString()).contains("replayed no rows");
    assertThat(data.values("cpu", "v")).containsExactly("1", "2");
  }

  @Test
  void whatWasNotFlushedIsReplayed() throws Exception {
    DataFolder data = new DataFolder(folder.resolve("first"));
    try (Ingest ingest = data.open()) {
      ingest.write(DataFolder.body("cpu v=1i 1\ncpu v=2i 2\n"));
      DataFolder killed = data.copiedTo(folder.resolve("killed"));
      Recovered recovered = killed.recovered();
      assertThat(recovered.replayedRows()).isEqualTo(2);
      assertThat(killed.values("cpu", "v")).containsExactly("1", "2");
    }
  }
}
