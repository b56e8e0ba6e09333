package dev.tidemark.ingest.budget;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a disk budget comes to, and what is counted.
final class DiskBudgetTest {
  @TempDir private Path folder;

  @Test
  void aShareIsOneOfWhatIsFreeAndWhatTheLogsHave() {
    DiskBudget share = DiskBudget.ofPercent(80);
    assertThat(share.limitBytes(1000, 0)).isEqualTo(800);
    assertThat(share.limitBytes(200, 800))
        .as("a restart with full logs changes nothing")
        .isEqualTo(800);
    assertThat(share.limitBytes(Long.MAX_VALUE - 5, 5)).isPositive();
    assertThat(share.limitBytes(-1, 99)).isEqualTo(79);
  }

  @Test
  void aNumberOfBytesIsThatWhateverIsFree() {
    assertThat(DiskBudget.ofBytes(7).limitBytes(1000, 100)).isEqualTo(7);
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "1, 1", "-1, 0", "0, 101", "0, -1"})
  void anythingElseIsRefused(long bytes, int percent) {
    assertThatThrownBy(() -> new DiskBudget(bytes, percent))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void everyFileBelowTheLogsCounts() throws Exception {
    Path logs = folder.resolve("data/wal");
    DiskUse use = DiskUse.of(logs, DiskBudget.ofBytes(100), 0);
    assertThat(use.usedBytes()).as("nothing is there yet").isZero();
    Files.createDirectories(logs.resolve("shard-0000"));
    Files.write(logs.resolve("shard-0000/a"), new byte[60]);
    Files.write(logs.resolve("b"), new byte[50]);
    Files.write(folder.resolve("data/parquet"), new byte[1000]);
    assertThat(use.usedBytes()).isEqualTo(110);
    assertThat(use.leftBytes()).isEqualTo(-10);
  }

  @Test
  void aShareRisesWithWhatBecomesFreeAndDoesNotFall() throws Exception {
    long[] free = {0};
    DiskUse use = DiskUse.of(folder, DiskBudget.ofPercent(50), 10, () -> free[0]);
    assertThat(use.leftBytes()).as("started on a full disk").isEqualTo(10);
    free[0] = 1000;
    assertThat(use.leftBytes()).as("somebody made room").isEqualTo(500);
    free[0] = 100;
    assertThat(use.leftBytes()).as("files were written").isEqualTo(500);
    assertThat(use.limitBytes()).isEqualTo(500);
  }

  @Test
  void aShareIsAtLeastWhatEmptyLogsTake() throws Exception {
    long most = Long.MAX_VALUE;
    assertThat(DiskUse.of(folder, DiskBudget.ofPercent(1), most).limitBytes()).isEqualTo(most);
    assertThat(DiskUse.of(folder, DiskBudget.ofBytes(5), most).limitBytes()).isEqualTo(5);
  }
}
