package dev.tidemark.formats.rocksdb;

import static dev.tidemark.formats.Damage.Kind.CORRUPTION;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.formats.Damage;
import dev.tidemark.formats.DamageListener;
import dev.tidemark.formats.RecordReader;
import dev.tidemark.formats.Sweep;
import dev.tidemark.formats.Sweep.Outcome;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Every flipped bit and every length of small logs, under each mode.
class WalSweepTest {
  enum Kind {
    PLAIN,
    NUMBERED,
    COMPRESSED,
    COMPRESSED_AND_NUMBERED;

    byte[] file() {
      WalFile begun = name().endsWith("NUMBERED") ? WalFile.numbered() : WalFile.plain();
      if (name().startsWith("COMPRESSED")) {
        begun.compressed();
      }
      return begun
          .record(WalFile.put(1, "a", "1"))
          .record(WalFile.put(2, "b", "22"))
          .record(WalFile.put(3, "", WalFile.big("v", 100)))
          .file();
    }
  }

  private static RecordReader open(InputStream in, RecoveryMode mode, DamageListener damage) {
    return new LogReader(in, OptionalLong.of(WalFile.LOG_NUMBER), mode, damage);
  }

  private static Outcome healthy(Kind kind) {
    Outcome healthy =
        Sweep.read(
            kind.file(), (in, damage) -> open(in, RecoveryMode.POINT_IN_TIME_RECOVERY, damage));
    assertThat(healthy.records()).hasSize(3);
    assertThat(healthy.complains()).isFalse();
    return healthy;
  }

  @ParameterizedTest
  @EnumSource
  void noFlippedBitShowsWhatWasNotWrittenOrLosesARecordInSilence(Kind kind) {
    Outcome healthy = healthy(kind);
    Sweep.Law all = Sweep.nothingWrong(healthy);
    // Where files are used again, a wrong checksum may be the old bytes behind the end.
    boolean reused = kind == Kind.NUMBERED || kind == Kind.COMPRESSED_AND_NUMBERED;
    Sweep.Law law = reused ? all : Sweep.neverTorn(all);
    for (RecoveryMode mode : RecoveryMode.values()) {
      Sweep.flips(kind.file(), (in, damage) -> open(in, mode, damage), law);
    }
  }

  @ParameterizedTest
  @EnumSource
  void anyCutIsATornTailAndAllBeforeItIsShown(Kind kind) {
    List<String> all = healthy(kind).records();
    for (RecoveryMode mode : RecoveryMode.values()) {
      Sweep.cuts(
          kind.file(),
          (in, damage) -> open(in, mode, damage),
          (what, outcome) -> {
            int shown = outcome.records().size();
            assertThat(outcome.records()).as(what).isEqualTo(all.subList(0, shown));
            assertThat(outcome.damage().stream().map(Damage::kind))
                .as(what)
                .doesNotContain(CORRUPTION);
            assertThat(outcome.damage()).as(what).hasSizeLessThan(2);
          });
    }
  }

  @Test
  void blocksOfGarbageAreAnsweredWithDamageAndNothingElse() {
    long seed = new Random().nextLong();
    System.out.printf("garbage for RocksDB's reader, seed %d%n", seed);
    Random random = new Random(seed);
    for (int drawn = 0; drawn < 300; drawn++) {
      byte[] garbage = new byte[random.nextInt(70_000)];
      random.nextBytes(garbage);
      for (int at = 0; at + 11 < garbage.length && random.nextInt(4) > 0; ) {
        // Types and lengths as in a real file, so that more than the first check is reached.
        garbage[at + 6] = (byte) random.nextInt(12);
        garbage[at + 4] = (byte) random.nextInt(40);
        garbage[at + 5] = 0;
        at += 7 + garbage[at + 4];
      }
      byte[] file = garbage;
      if (random.nextBoolean()) {
        file = WalFile.numbered().record("one").raw(garbage).file();
      }
      for (RecoveryMode mode : RecoveryMode.values()) {
        Outcome outcome = Sweep.read(file, (in, damage) -> open(in, mode, damage));
        assertThat(outcome.refusal()).as("seed %d", seed).isNull();
        assertThat(outcome.records().size()).as("seed %d", seed).isLessThan(2);
      }
    }
  }

  /// Each position could begin a fragment as long as the rest of its block.
  @Test
  void aBlockFullOfHeadersIsSearchedOnce() {
    byte[] file = WalFile.numbered().record("one").raw(new byte[4 * 32_768]).file();
    for (int at = 14; at + 11 < file.length; at += 11) {
      int left = 32_768 - at % 32_768;
      int length = Math.max(0, left - 11);
      file[at + 4] = (byte) length;
      file[at + 5] = (byte) (length >> 8);
      file[at + 6] = 5;
      file[at + 7] = WalFile.LOG_NUMBER;
    }
    Outcome outcome =
        Sweep.read(file, (in, damage) -> open(in, RecoveryMode.POINT_IN_TIME_RECOVERY, damage));
    assertThat(outcome.records()).hasSize(1);
    assertThat(outcome.damage()).hasSize(1);
    assertThat(Arrays.copyOf(file, 3)).isNotEmpty();
  }
}
