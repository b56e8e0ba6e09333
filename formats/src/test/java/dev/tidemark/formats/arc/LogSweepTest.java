package dev.tidemark.formats.arc;

import static dev.tidemark.formats.Damage.Kind.CORRUPTION;
import static dev.tidemark.formats.arc.ArcFiles.allThatIsWhole;
import static dev.tidemark.formats.arc.ArcFiles.asArc;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.formats.Damage;
import dev.tidemark.formats.DamageListener;
import dev.tidemark.formats.FileWindow;
import dev.tidemark.formats.Reading;
import dev.tidemark.formats.Sweep;
import dev.tidemark.formats.Sweep.Outcome;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LogSweepTest {
  private static final byte[] FILE = ArcFiles.vectors();

  @Test
  void anyFlippedBitIsSaidAndOnlyItsRecordIsMissing() {
    Sweep.Law law = Sweep.neverTorn(Sweep.nothingWrong(asArc(FILE)));
    Sweep.flips(FILE, (in, damage) -> LogReader.of(in, Reading.AS_THE_SYSTEM, damage), law);
    Sweep.Law whole = Sweep.neverTorn(Sweep.nothingWrong(allThatIsWhole(FILE)));
    Sweep.flips(
        FILE,
        (in, damage) -> LogReader.of(in, Reading.ALL_THAT_IS_WHOLE, damage),
        (what, outcome) -> {
          whole.check(what, outcome);
          if (outcome.refusal() == null) {
            assertThat(outcome.records()).as(what).hasSizeGreaterThanOrEqualTo(2);
          }
        });
  }

  @Test
  void anyCutIsATornTailAndAllBeforeItIsShown() {
    List<String> all = asArc(FILE).records();
    int[] ends = {7, 7 + 69, 7 + 69 + 59, 7 + 69 + 59 + 78};
    for (Reading reading : Reading.values()) {
      Sweep.cuts(
          FILE,
          (in, damage) -> LogReader.of(in, reading, damage),
          (what, outcome) -> {
            int length = Integer.parseInt(what.replaceAll("\\D", ""));
            int whole = 0;
            while (whole < 3 && ends[whole + 1] <= length) {
              whole++;
            }
            assertThat(outcome.records()).as(what).isEqualTo(all.subList(0, whole));
            boolean clean = length == 0 || length == ends[whole];
            assertThat(outcome.damage()).as(what).hasSize(clean ? 0 : 1);
            assertThat(outcome.damage().stream().map(Damage::kind)).doesNotContain(CORRUPTION);
          });
    }
  }

  @Test
  void garbageIsAnsweredWithDamageThatCoversIt() {
    long seed = new Random().nextLong();
    System.out.printf("garbage for Arc's reader, seed %d%n", seed);
    Random random = new Random(seed);
    for (int drawn = 0; drawn < 2000; drawn++) {
      byte[] garbage = new byte[random.nextInt(400)];
      random.nextBytes(garbage);
      if (random.nextBoolean()) {
        // Lengths and times as in a real file, so that more than one check is reached.
        for (int at = 0; at + 8 <= garbage.length; at += 1 + random.nextInt(20)) {
          ByteBuffer.wrap(garbage).putInt(at, random.nextInt(40)).putInt(at + 4, 0x60a24);
        }
      }
      byte[] file = ArcFiles.begun().record(garbage).file();
      byte[] bare = ArcFiles.begun().hex(HexFormat.of().formatHex(garbage)).file();
      for (byte[] each : List.of(file, bare)) {
        checkCovered(each, asArc(each), seed);
        checkCovered(each, allThatIsWhole(each), seed);
      }
    }
  }

  /// Each byte is part of a record or of damage, and of one only.
  private static void checkCovered(byte[] file, Outcome outcome, long seed) {
    long covered = 7;
    for (Damage damage : outcome.damage()) {
      covered += damage.bytes();
    }
    for (String record : outcome.records()) {
      covered += 16 + record.length() / 2;
    }
    assertThat(covered).as("seed %d: %s", seed, outcome).isEqualTo(file.length);
  }

  /// Each header of a file of some MiB promises almost all that is behind it, at a plausible time:
  /// whoever compared each with its checksum would read a terabyte.
  @Test
  void theSearchTakesTimeThatFollowsFromTheSizeOfTheFile() throws IOException {
    int records = 400_000;
    ByteBuffer file = ByteBuffer.allocate(16 * records + 1);
    for (int record = 0; record < records; record++) {
      int length = Math.max(1, file.remaining() - 17);
      file.putInt(length).putLong(ArcFiles.TIME).putInt(record);
    }
    try (FileWindow window =
        new FileWindow(new ByteArrayInputStream(file.array()), Long.MAX_VALUE)) {
      RecordSearch search = new RecordSearch(window);
      assertThat(search.advance()).isFalse();
      assertThat(window.offset()).isEqualTo(file.capacity());
      assertThat(search.checkedBytes()).isBetween(200L << 20, (256L << 20) + 8L * file.capacity());
    }
  }

  /// Memory is taken for what is there, whatever lengths say.
  @Test
  void aLengthOfAHundredMebibytesTakesNoMoreMemoryThanThereIsFile() {
    byte[] file = ArcFiles.begun().framed(100 << 20, 0, new byte[1000]).file();
    Sweep.flips(
        file,
        (in, damage) -> LogReader.of(in, Reading.ALL_THAT_IS_WHOLE, damage),
        (what, outcome) -> assertThat(outcome.records()).as(what).isEmpty());
  }

  @Test
  void aFileThatCannotBeReadIsNoDamage() {
    InputStream failing =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("no such disk");
          }

          @Override
          public int read(byte[] bytes, int from, int length) throws IOException {
            return read();
          }
        };
    assertThatThrownBy(
            () -> LogReader.of(failing, Reading.AS_THE_SYSTEM, DamageListener.ignoring()))
        .isInstanceOf(IOException.class)
        .hasMessage("no such disk");
  }
}
