package dev.tidemark.formats.rocksdb;

import static dev.tidemark.formats.Damage.Kind.CORRUPTION;
import static dev.tidemark.formats.Damage.Kind.OVERLOOKED;
import static dev.tidemark.formats.Damage.Kind.TORN_TAIL;
import static dev.tidemark.formats.leveldb.LogLayout.BLOCK_BYTES;
import static dev.tidemark.formats.leveldb.LogLayout.FULL;
import static dev.tidemark.formats.leveldb.LogLayout.HEADER_BYTES;
import static dev.tidemark.formats.leveldb.LogLayout.TYPE_AT;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.formats.Damage;
import dev.tidemark.formats.DamageListener;
import dev.tidemark.formats.RecordReader;
import dev.tidemark.formats.Sweep;
import dev.tidemark.formats.Sweep.Outcome;
import dev.tidemark.formats.rocksdb.WalSweepTest.Kind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever is damaged, every other record of a log is shown, and damage is told in order.
class AllThatIsWholeTest {
  private static RecordReader open(InputStream in, DamageListener damage) {
    return LogReader.allThatIsWhole(in, OptionalLong.of(WalFile.LOG_NUMBER), damage);
  }

  private static Outcome read(byte[] file) {
    return Sweep.read(file, AllThatIsWholeTest::open);
  }

  private static List<String> hex(String... records) {
    return Arrays.stream(records)
        .map(record -> HexFormat.of().formatHex(record.getBytes(US_ASCII)))
        .toList();
  }

  private static byte[] joined(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  /// One behind the other, none telling of a byte twice.
  private static void assertInOrder(String what, Outcome outcome) {
    long end = 0;
    for (Damage damage : outcome.damage()) {
      assertThat(damage.offset()).as("%s: %s", what, outcome.damage()).isGreaterThanOrEqualTo(end);
      end = damage.offset() + damage.bytes();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aFlippedBitCostsItsRecordAlone(Kind kind) {
    byte[] file = kind.file();
    Outcome healthy = read(file);
    assertThat(healthy.records()).hasSize(3);
    Sweep.flips(
        file,
        AllThatIsWholeTest::open,
        (what, outcome) -> {
          Sweep.nothingWrong(healthy).check(what, outcome);
          assertInOrder(what, outcome);
          assertThat(outcome.records()).as(what).hasSizeGreaterThanOrEqualTo(2);
          assertThat(outcome.complains()).as(what).isTrue();
        });
  }

  @Test
  void aTypeThatSeemsToHaveALogNumberHidesNothing() {
    WalFile log = WalFile.plain().record("one");
    byte[] file = log.record("two").record("three").file();
    file[TYPE_AT] ^= 4; // FULL, with a log number
    Outcome outcome = read(file);
    assertThat(outcome.records()).isEqualTo(hex("two", "three"));
    assertThat(outcome.damage())
        .containsExactly(new Damage(CORRUPTION, 0, HEADER_BYTES + 3, "checksum mismatch"));
  }

  @Test
  void aLengthBehindTheEndOfTheFileHidesNothing() {
    WalFile begun = WalFile.plain().record("one");
    int second = begun.size();
    byte[] file = begun.record("two").record("three").file();
    file[second + 5] = 1;
    Outcome outcome = read(file);
    assertThat(outcome.records()).isEqualTo(hex("one", "three"));
    assertThat(outcome.damage()).extracting(Damage::kind).containsExactly(CORRUPTION);
    assertThat(outcome.damage().getFirst().bytes()).isEqualTo(HEADER_BYTES + 3);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void zerosInABlockHideNothingBehindThem(boolean numbered) {
    WalFile begun = numbered ? WalFile.numbered() : WalFile.plain();
    begun.record("one");
    int lost = begun.size();
    int end = begun.record("two").size();
    byte[] file = begun.record("three").file();
    Arrays.fill(file, lost, end, (byte) 0);
    Outcome outcome = read(file);
    assertThat(outcome.records()).isEqualTo(hex("one", "three"));
    assertThat(outcome.damage()).extracting(Damage::kind).containsExactly(OVERLOOKED);
    assertThat(outcome.damage().getFirst().offset()).isEqualTo(lost);
    assertThat(outcome.damage().getFirst().bytes()).isEqualTo(end - lost);
  }

  @Test
  void inALogThatWasUsedAgainDamageIsToldAndOldBytesAreNot() {
    WalFile begun = WalFile.numbered().record("one");
    int second = begun.size();
    begun.record("two").record("three");
    int last = begun.size();
    byte[] file = begun.record("four").file();
    file[second + 12] ^= 1;
    byte[] old = WalFile.numbered(7).record("x".repeat(2 * BLOCK_BYTES)).file();
    byte[] again = joined(file, Arrays.copyOfRange(old, file.length, old.length));
    Outcome outcome = read(again);
    assertThat(outcome.records()).isEqualTo(hex("one", "three", "four"));
    assertThat(outcome.damage()).extracting(Damage::kind).containsExactly(CORRUPTION, TORN_TAIL);
    again[last + 12] ^= 1; // the last record: what a crash leaves, too
    assertThat(read(again).records()).isEqualTo(hex("one", "three"));
    assertThat(read(again).damage())
        .extracting(Damage::kind)
        .containsExactly(CORRUPTION, TORN_TAIL);
  }

  @ParameterizedTest
  @EnumSource(
      value = RecoveryMode.class,
      names = {"SKIP_ANY_CORRUPTED_RECORDS", "POINT_IN_TIME_RECOVERY"})
  void damageAndZerosBehindItAreToldInOrder(RecoveryMode mode) {
    WalFile begun = WalFile.numbered().record("one");
    int second = begun.size();
    byte[] block = Arrays.copyOf(begun.record("two").file(), BLOCK_BYTES);
    block[second + 12] ^= 1;
    byte[] zeros = new byte[2 * BLOCK_BYTES];
    zeros[BLOCK_BYTES] = 1;
    byte[] file = joined(joined(block, zeros), WalFile.numbered().record("three").file());
    Outcome all = read(file);
    assertThat(all.records()).isEqualTo(hex("one", "three"));
    assertInOrder("all", all);
    Outcome system =
        Sweep.read(
            file,
            (in, damage) -> new LogReader(in, OptionalLong.of(WalFile.LOG_NUMBER), mode, damage));
    assertInOrder("as the system", system);
    assertThat(system.damage()).isNotEmpty();
  }

  @Test
  void zerosAreToldBeforeTheDamageBehindThem() {
    byte[] first = WalFile.plain().record("one").file();
    byte[] second = WalFile.plain().record("two").file();
    second[second.length - 1] ^= 1;
    Outcome outcome = read(joined(Arrays.copyOf(first, BLOCK_BYTES), second));
    assertThat(outcome.damage()).extracting(Damage::kind).containsExactly(OVERLOOKED, CORRUPTION);
    assertInOrder("zeros", outcome);
  }

  /// Its length is believed, so that nobody can put records into a log by way of a value.
  @Test
  void aLogThatADamagedRecordHoldsIsNotPartOfTheLog() {
    byte[] inner = WalFile.plain().record("never").record("written").file();
    WalFile begun = WalFile.plain().record(joined(new byte[20], inner));
    byte[] file = begun.record("last").file();
    file[HEADER_BYTES + 3] ^= 1;
    assertThat(read(file).records()).isEqualTo(hex("last"));
    byte[] torn = Arrays.copyOf(file, HEADER_BYTES + 20 + inner.length - 1);
    torn[HEADER_BYTES + 3] ^= 1;
    assertThat(read(torn).records()).isEmpty();
    assertThat(read(torn).damage()).extracting(Damage::kind).containsExactly(TORN_TAIL);
  }

  /// Each second position of a block is a header that promises a quarter of it.
  @Test
  void aFileMadeToBeSearchedForLongIsNotSearchedForLong() throws IOException {
    byte[] file = new byte[40 * BLOCK_BYTES];
    for (int at = 0; at < file.length; at += 2) {
      file[at] = FULL;
      file[at + 1] = BLOCK_BYTES >> 10;
    }
    try (FragmentReader fragments =
        new FragmentReader(new ByteArrayInputStream(file), OptionalLong.empty(), true)) {
      int found = fragments.next();
      while (found != FragmentReader.END) {
        assertThat(found).isNegative();
        fragments.goToNextWhole();
        found = fragments.next();
      }
      // It would be 4 GiB.
      assertThat(fragments.checkedBytes())
          .isBetween(FragmentReader.FREE_SEARCH_BYTES, 2 * FragmentReader.FREE_SEARCH_BYTES);
    }
  }
}
