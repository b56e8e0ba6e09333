package dev.tidemark.formats.prometheus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.formats.FormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SegmentDirectoryTest {
  @TempDir private Path wal;

  private void files(String... names) throws IOException {
    for (String name : names) {
      Path file = wal.resolve(name);
      Files.createDirectories(file.getParent());
      Files.createFile(file);
    }
  }

  private List<String> replayed() throws IOException {
    return SegmentDirectory.of(wal).replayed().stream()
        .map(file -> wal.relativize(file).toString())
        .toList();
  }

  @Test
  void segmentsAreInTheOrderOfTheirNumbersWhateverTheDigits() throws IOException {
    files("2", "00000001", "000000", "3.tmp", "3a", "-4", "README", "00000001.repair");
    assertThat(replayed()).containsExactly("000000", "00000001", "2");
  }

  @Test
  void aMissingSegmentIsRefused() throws IOException {
    files("00000000", "00000002");
    assertThatThrownBy(this::replayed)
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("segments are not sequential: 00000002 follows 00000000");
  }

  @Test
  void twoNamesForOneNumberAreRefused() throws IOException {
    files("00000001", "1");
    assertThatThrownBy(this::replayed).hasMessageContaining("segments are not sequential");
  }

  @Test
  void withoutACheckpointSegment0MustBeThere() throws IOException {
    files("00000003", "00000004");
    assertThatThrownBy(this::replayed)
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("segment 00000000 is missing");
    assertThat(SegmentDirectory.of(wal).files()).hasSize(2);
  }

  @Test
  void theHighestCheckpointComesFirstAndReplacesSegments() throws IOException {
    files(
        "checkpoint.00000001/00000000",
        "checkpoint.000004/00000000",
        "checkpoint.000004/00000001",
        "checkpoint.00000007.tmp/00000000",
        "checkpoint.next/00000000",
        "00000003",
        "00000004",
        "00000005",
        "00000006");
    assertThat(replayed())
        .containsExactly(
            "checkpoint.000004/00000000", "checkpoint.000004/00000001", "00000005", "00000006");
    assertThat(SegmentDirectory.of(wal).checkpoint().orElseThrow().number()).isEqualTo(4);
  }

  @Test
  void aCheckpointMayReplaceAllSegments() throws IOException {
    files("checkpoint.00000005/00000000", "00000000");
    assertThat(replayed()).containsExactly("checkpoint.00000005/00000000");
  }

  @Test
  void aSegmentMissingBehindTheCheckpointIsRefused() throws IOException {
    files("checkpoint.00000001/00000000", "00000003");
    assertThatThrownBy(this::replayed).hasMessageContaining("segment 00000002 is missing");
  }

  @Test
  void aCheckpointThatIsAFileIsRefusedUnfinishedOrNot() throws IOException {
    files("00000000", "checkpoint.00000003");
    assertThatThrownBy(this::replayed)
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("is not a directory");
    Files.delete(wal.resolve("checkpoint.00000003"));
    files("checkpoint.00000003.tmp");
    assertThatThrownBy(this::replayed).hasMessageContaining("is not a directory");
  }

  @Test
  void aSegmentThatIsADirectoryIsRefused() throws IOException {
    Files.createDirectory(wal.resolve("00000000"));
    assertThatThrownBy(this::replayed)
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("is a directory");
  }

  @Test
  void aCheckpointByItselfMayBeginAnywhere() throws IOException {
    files("checkpoint.00000005/00000002", "checkpoint.00000005/00000003");
    assertThat(SegmentDirectory.of(wal.resolve("checkpoint.00000005")).replayed()).hasSize(2);
  }

  @Test
  void aNumberOfMoreDigitsThanANumberHasIsNoSegment() throws IOException {
    files("00000000", "1234567890123456789");
    assertThat(replayed()).containsExactly("00000000");
  }

  @Test
  void anEmptyDirectoryHasNothingAndAMissingOneIsAnError() throws IOException {
    assertThat(replayed()).isEmpty();
    assertThatThrownBy(() -> SegmentDirectory.of(wal.resolve("gone")))
        .isInstanceOf(NoSuchFileException.class);
  }
}
