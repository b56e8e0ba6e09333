package dev.tidemark.formats.arc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.formats.DamageListener;
import dev.tidemark.formats.LogFormat.Likeness;
import dev.tidemark.formats.Reading;
import dev.tidemark.formats.RecordReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArcFormatTest {
  private static final String GO = "arc-20260102_030405.000000006.wal";
  private static final String LATER = "arc-20260102_030405.100000006.wal";
  private static final String PYTHON = "worker-17-20251101_000000.wal";

  private final ArcFormat format = new ArcFormat();
  @TempDir private Path directory;

  private Path write(String name, byte[] bytes) throws IOException {
    return Files.write(directory.resolve(name), bytes);
  }

  @Test
  void theMagicIsTheContentWhateverTheName() throws IOException {
    assertThat(format.likeness(write("x", ArcFiles.vectors()))).isEqualTo(Likeness.CONTENT);
    assertThat(format.likeness(directory)).isEqualTo(Likeness.NONE);
    write("x.wal", ArcFiles.vectors());
    assertThat(format.likeness(directory)).isEqualTo(Likeness.CONTENT);
  }

  @Test
  void withoutTheMagicOnlyTheNameSpeaksForIt() throws IOException {
    assertThat(format.likeness(write(GO, new byte[0]))).isEqualTo(Likeness.NAME);
    assertThat(format.likeness(write(PYTHON, new byte[9]))).isEqualTo(Likeness.NAME);
    assertThat(format.likeness(directory)).isEqualTo(Likeness.NAME);
    // A segment of another system's.
    assertThat(format.likeness(write("0000000000000001.wal", new byte[9])))
        .isEqualTo(Likeness.NONE);
  }

  @Test
  void filesComeInTheOrderOfTheTimesInTheirNames() throws IOException {
    Path later = write(LATER, new byte[0]);
    Path python = write(PYTHON, new byte[0]);
    Path go = write(GO, new byte[0]);
    write(GO + ".recovered", ArcFiles.vectors());
    Files.createDirectory(directory.resolve("arc-1.wal"));
    assertThat(format.files(directory)).containsExactly(go, later, python);
    assertThat(format.files(later)).containsExactly(later);
  }

  @Test
  void aFileIsOpenedAndItsRecordsCarryNoNumbers() throws IOException {
    Path file = write(GO, ArcFiles.vectors());
    try (RecordReader reader =
        format.open(file, Reading.AS_THE_SYSTEM, DamageListener.ignoring())) {
      assertThat(reader.next()).isTrue();
      assertThat(format.sequences(reader.payload())).isEmpty();
    }
    Path none = directory.resolve("none.wal");
    assertThatThrownBy(() -> format.open(none, Reading.AS_THE_SYSTEM, DamageListener.ignoring()))
        .isInstanceOf(NoSuchFileException.class);
  }
}
