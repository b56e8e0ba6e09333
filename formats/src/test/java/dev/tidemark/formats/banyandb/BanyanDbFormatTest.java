package dev.tidemark.formats.banyandb;

import static dev.tidemark.formats.banyandb.Segments.bytes;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.formats.Damage;
import dev.tidemark.formats.DamageListener;
import dev.tidemark.formats.Described;
import dev.tidemark.formats.LogFormat;
import dev.tidemark.formats.LogFormat.Likeness;
import dev.tidemark.formats.Reading;
import dev.tidemark.formats.RecordReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BanyanDbFormatTest {
  private final BanyanDbFormat format = new BanyanDbFormat();

  @TempDir private Path directory;

  private Path file(String name, byte[] bytes) throws IOException {
    return Files.write(directory.resolve(name), bytes);
  }

  @Test
  void segmentsComeInTheOrderOfTheirNumbersAndOtherFilesAreLeftOut() throws IOException {
    Path second = file("segffffffffffffffff.wal", new byte[0]);
    Path first = file("seg000000000000000a.wal", new byte[0]);
    file("seg000000000000000a.wal.old", new byte[0]);
    file("000000000000000a.wal", new byte[0]);
    file("LOCK", new byte[0]);
    Files.createDirectory(directory.resolve("seg0000000000000001.wal"));
    assertThat(format.files(directory)).containsExactly(first, second);
    assertThat(format.files(second)).containsExactly(second);
    assertThat(BanyanDbFormat.fileName(10)).isEqualTo("seg000000000000000a.wal");
    assertThat(BanyanDbFormat.fileName(-1)).isEqualTo("segffffffffffffffff.wal");
  }

  @Test
  void aSegmentIsKnownByItsContentAndAnEmptyOneByItsName() throws IOException {
    assertThat(format.likeness(file("x", bytes(Segments.B)))).isEqualTo(Likeness.CONTENT);
    assertThat(format.likeness(file("y", Arrays.copyOf(bytes(Segments.B), 50))))
        .isEqualTo(Likeness.CONTENT);
    assertThat(format.likeness(file("z", new byte[0]))).isEqualTo(Likeness.NONE);
    assertThat(format.likeness(file("w", new byte[4096]))).isEqualTo(Likeness.NONE);
    assertThat(format.likeness(directory)).isEqualTo(Likeness.NONE);
    assertThat(format.likeness(file(BanyanDbFormat.fileName(1), new byte[100])))
        .isEqualTo(Likeness.NAME);
    assertThat(format.likeness(directory)).isEqualTo(Likeness.NAME);
    file(BanyanDbFormat.fileName(2), Segments.twenty());
    assertThat(format.likeness(directory)).isEqualTo(Likeness.CONTENT);
  }

  @Test
  void corruptionKeepsTheSystemFromReadingLaterSegmentsAndATornTailDoesNot() {
    assertThat(reach(Damage.Kind.CORRUPTION)).isEqualTo(LogFormat.Reach.LOG);
    assertThat(reach(Damage.Kind.TORN_TAIL)).isEqualTo(LogFormat.Reach.FILE);
    assertThat(reach(Damage.Kind.OVERLOOKED)).isEqualTo(LogFormat.Reach.FILE);
  }

  @Test
  void otherTextsAndLogsAreNotTakenForSegments() throws IOException {
    assertThat(format.likeness(file("a", "2026-11-22 hello\n".repeat(1000).getBytes(UTF_8))))
        .isEqualTo(Likeness.NONE);
    byte[] late = Segments.joined(new byte[40], bytes(Segments.B));
    assertThat(format.likeness(file("b", late))).isEqualTo(Likeness.NONE);
  }

  @Test
  void anEntryIsDescribedByItsSeriesTimestampsAndValues() throws IOException {
    try (RecordReader reader =
        format.open(
            file("a", bytes(Segments.A)), Reading.AS_THE_SYSTEM, DamageListener.ignoring())) {
      assertThat(reader.next()).isTrue();
      assertThat(Described.by(sink -> format.describe(reader.payload(), sink)))
          .isEqualTo(
              "{series: x'7331', count: 3, timestamps: [1700000000000000000, 1700000000000000000,"
                  + " 1700000000000000001], values: [x'68656c6c6f', x'68656c6c6f', x'68656c6c6f']}");
      assertThat(format.sequences(reader.payload())).isEmpty();
      assertThat(reader.payload().remaining()).isEqualTo(50);
    }
  }

  private LogFormat.Reach reach(Damage.Kind kind) {
    return format.reach(Path.of("seg0000000000000001.wal"), new Damage(kind, 0, 1, "any"));
  }
}
