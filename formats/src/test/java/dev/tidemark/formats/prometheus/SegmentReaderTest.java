package dev.tidemark.formats.prometheus;

import static dev.tidemark.formats.Reading.ALL_THAT_IS_WHOLE;
import static dev.tidemark.formats.Reading.AS_THE_SYSTEM;
import static dev.tidemark.formats.prometheus.Fragments.corruption;
import static dev.tidemark.formats.prometheus.Fragments.hex;
import static dev.tidemark.formats.prometheus.Fragments.record;
import static dev.tidemark.formats.prometheus.Fragments.torn;
import static dev.tidemark.formats.prometheus.SegmentLayout.FIRST;
import static dev.tidemark.formats.prometheus.SegmentLayout.FULL;
import static dev.tidemark.formats.prometheus.SegmentLayout.LAST;
import static dev.tidemark.formats.prometheus.SegmentLayout.MIDDLE;
import static dev.tidemark.formats.prometheus.SegmentLayout.PAGE_BYTES;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.formats.Damage;
import dev.tidemark.formats.Reading;
import dev.tidemark.formats.Sweep;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The nine cases of Prometheus's reader_test.go under their descriptions there, and what else can
/// be wrong with a segment, one by one.
class SegmentReaderTest {
  // As there: 100,000 bytes that are zero.
  private static final byte[] DATA = new byte[100_000];

  private static byte[] data(int from, int to) {
    return Arrays.copyOfRange(DATA, from, to);
  }

  private static void assertShows(Sweep.Outcome outcome, byte[]... records) {
    assertThat(outcome.records())
        .containsExactly(Stream.of(records).map(Fragments::hex).toArray(String[]::new));
  }

  @Test
  void case0SequenceOfValidRecords() {
    Fragments segment =
        new Fragments()
            .add(FULL, data(0, 200))
            .add(FIRST, data(200, 300))
            .add(LAST, data(300, 400))
            .add(FIRST, data(400, 800))
            .add(MIDDLE, data(800, 900))
            .raw(new byte[PAGE_BYTES - 900 - 7 * 5])
            .add(LAST, data(900, 900))
            .add(FIRST, data(900, 1000))
            .add(MIDDLE, data(1000, 1200))
            .add(MIDDLE, data(1200, 30000))
            .add(MIDDLE, data(30000, 30001))
            .add(MIDDLE, data(30001, 30001))
            .add(LAST, data(30001, 32000));
    Sweep.Outcome outcome = segment.read(AS_THE_SYSTEM);
    assertShows(outcome, data(0, 200), data(200, 400), data(400, 900), data(900, 32000));
    assertThat(outcome.damage()).isEmpty();
  }

  @Test
  void case1ExactlyAtTheLimitOfOnePageMinusTheHeaderSize() {
    Sweep.Outcome outcome = new Fragments().add(FULL, data(0, PAGE_BYTES - 7)).read(AS_THE_SYSTEM);
    assertShows(outcome, data(0, PAGE_BYTES - 7));
    assertThat(outcome.damage()).isEmpty();
  }

  @Test
  void case2MoreThanAFullPage() {
    Fragments segment = new Fragments().add(FULL, data(0, PAGE_BYTES + 1));
    Sweep.Outcome outcome = segment.read(AS_THE_SYSTEM);
    assertShows(outcome);
    assertThat(outcome.damage())
        .containsExactly(corruption(0, segment.size(), "invalid record size 32769"));
  }

  @Test
  void case3TwoRecordsThatTogetherAreTooBigForAPage() {
    byte[] half = data(0, PAGE_BYTES / 2);
    Sweep.Outcome outcome = new Fragments().add(FULL, half).add(FULL, half).read(AS_THE_SYSTEM);
    assertShows(outcome, half, half);
    assertThat(outcome.damage()).isEmpty();
  }

  @Test
  void case4InvalidOrderMiddleAlone() {
    Sweep.Outcome outcome = new Fragments().add(MIDDLE, data(0, 200)).read(AS_THE_SYSTEM);
    assertShows(outcome);
    assertThat(outcome.damage())
        .containsExactly(corruption(0, 207, "unexpected middle record, dropping buffer"));
  }

  @Test
  void case5InvalidOrderLastAlone() {
    Sweep.Outcome outcome = new Fragments().add(LAST, data(0, 200)).read(AS_THE_SYSTEM);
    assertShows(outcome);
    assertThat(outcome.damage())
        .containsExactly(corruption(0, 207, "unexpected last record, dropping buffer"));
  }

  @Test
  void case6InvalidOrderFirstThenFull() {
    Fragments segment = new Fragments().add(FIRST, data(0, 200)).add(FULL, data(200, 400));
    Sweep.Outcome outcome = segment.read(AS_THE_SYSTEM);
    assertShows(outcome);
    assertThat(outcome.damage()).containsExactly(corruption(0, 414, "unexpected full record"));
    Sweep.Outcome all = segment.read(ALL_THAT_IS_WHOLE);
    assertShows(all, data(200, 400));
    assertThat(all.damage()).containsExactly(corruption(0, 207, "unexpected full record"));
  }

  @Test
  void case7InvalidOrderFirstMiddleFull() {
    Fragments segment =
        new Fragments()
            .add(FIRST, data(0, 100))
            .add(MIDDLE, data(100, 200))
            .add(FULL, data(200, 400));
    Sweep.Outcome outcome = segment.read(AS_THE_SYSTEM);
    assertShows(outcome);
    assertThat(outcome.damage()).containsExactly(corruption(0, 421, "unexpected full record"));
    assertShows(segment.read(ALL_THAT_IS_WHOLE), data(200, 400));
  }

  @Test
  void case8NonZeroDataAfterPageTermination() {
    byte[] padding = new byte[PAGE_BYTES - 7 - 101];
    padding[padding.length - 1] = 1;
    Sweep.Outcome outcome =
        new Fragments().add(FULL, data(0, 100)).raw(padding).read(AS_THE_SYSTEM);
    assertShows(outcome, data(0, 100));
    assertThat(outcome.damage())
        .containsExactly(
            corruption(107, PAGE_BYTES - 1 - 107, "unexpected non-zero byte in padded page"));
  }

  @Test
  void aFirstBehindAFirstLosesTheOneBefore() {
    byte[] good = record(60, 2);
    Fragments segment =
        new Fragments()
            .add(FIRST, record(40, 1))
            .add(FIRST, Arrays.copyOf(good, 30))
            .add(LAST, Arrays.copyOfRange(good, 30, 60));
    String reason = "unexpected first record, dropping buffer";
    assertShows(segment.read(AS_THE_SYSTEM));
    assertThat(segment.read(AS_THE_SYSTEM).damage())
        .containsExactly(corruption(0, segment.size(), reason));
    assertShows(segment.read(ALL_THAT_IS_WHOLE), good);
    assertThat(segment.read(ALL_THAT_IS_WHOLE).damage()).containsExactly(corruption(0, 47, reason));
  }

  @Test
  void aKindThatMeansNothingIsDamageThoughItsChecksumHolds() {
    for (int kind = 5; kind <= 7; kind++) {
      Fragments segment = new Fragments().add(kind, record(40, 1)).add(FULL, record(50, 2));
      assertThat(segment.read(AS_THE_SYSTEM).damage())
          .containsExactly(corruption(0, segment.size(), "unexpected record type " + kind));
      assertShows(segment.read(ALL_THAT_IS_WHOLE), record(50, 2));
    }
  }

  @Test
  void aWrongChecksumEndsTheSegmentForTheSystemAndLosesOneRecordOtherwise() {
    Fragments segment =
        new Fragments().add(FULL, record(40, 1)).add(FULL, record(50, 2)).add(FULL, record(60, 3));
    byte[] changed = segment.bytes();
    changed[47 + 7 + 20] ^= 1;
    Sweep.Outcome system = Fragments.read(changed, AS_THE_SYSTEM);
    assertShows(system, record(40, 1));
    assertThat(system.damage()).hasSize(1);
    assertThat(system.damage().getFirst().reason())
        .matches("unexpected checksum [0-9a-f]+, expected [0-9a-f]+");
    assertThat(system.damage().getFirst().bytes()).isEqualTo(changed.length - 47);
    Sweep.Outcome all = Fragments.read(changed, ALL_THAT_IS_WHOLE);
    assertShows(all, record(40, 1), record(60, 3));
    assertThat(all.damage().getFirst().offset()).isEqualTo(47);
    assertThat(all.damage().getFirst().bytes()).isEqualTo(57);
  }

  @Test
  void aWrongLengthLosesThePageAndNotTheNext() {
    Fragments segment =
        new Fragments().add(FULL, record(40, 1)).add(FULL, record(50, 2)).toPageEnd();
    segment.add(FULL, record(60, 3));
    byte[] changed = segment.bytes();
    changed[1] ^= 0x10;
    assertShows(Fragments.read(changed, AS_THE_SYSTEM));
    Sweep.Outcome all = Fragments.read(changed, ALL_THAT_IS_WHOLE);
    assertShows(all, record(60, 3));
    assertThat(all.damage()).hasSize(1);
    assertThat(all.damage().getFirst().bytes()).isEqualTo(7 + 0x1000 + 40);
  }

  @Test
  void aLengthIsNotBelievedForSomethingLikeAnEmptyRecordBehindIt() {
    byte[] second = record(50, 2);
    // What a number of 64 bits that is 256 looks like: a header without data.
    System.arraycopy(new byte[] {FULL, 0, 0, 0, 0, 0, 0}, 0, second, 1, 7);
    Fragments segment = new Fragments().add(FULL, record(40, 1)).add(FULL, second).toPageEnd();
    byte[] changed = segment.add(FULL, record(60, 3)).bytes();
    changed[2] = 40 + 7 + 1;
    assertShows(Fragments.read(changed, ALL_THAT_IS_WHOLE), record(60, 3));
  }

  @Test
  void whatIsLeftOfARecordWhoseBeginningIsDamagedIsPartOfTheSameHole() {
    byte[] segment =
        Fragments.written(SegmentCompression.NONE, List.of(record(90_000, 1), record(100, 2)));
    segment[5000] ^= 1;
    Sweep.Outcome all = Fragments.read(segment, ALL_THAT_IS_WHOLE);
    assertShows(all, record(100, 2));
    assertThat(all.damage()).hasSize(1);
    assertThat(all.damage().getFirst().offset()).isZero();
    assertThat(all.damage().getFirst().bytes()).isEqualTo(90_000 + 3 * 7);
  }

  @Test
  void aRecordThatNeverEndsIsATornTailInPrometheussWords() {
    Fragments segment = new Fragments().add(FULL, record(40, 1)).toPageEnd();
    segment.add(FIRST, record(PAGE_BYTES - 7, 2)).add(MIDDLE, record(PAGE_BYTES - 7, 3));
    for (Reading reading : Reading.values()) {
      Sweep.Outcome outcome = segment.read(reading);
      assertShows(outcome, record(40, 1));
      assertThat(outcome.damage())
          .containsExactly(torn(PAGE_BYTES, 2L * PAGE_BYTES, "last record is torn"));
    }
  }

  @Test
  void aFileThatEndsInARecordsBytesIsATornTail() {
    byte[] segment = new Fragments().add(FULL, record(40, 1)).add(FULL, record(50, 2)).bytes();
    Sweep.Outcome outcome =
        Fragments.read(Arrays.copyOf(segment, segment.length - 3), AS_THE_SYSTEM);
    assertShows(outcome, record(40, 1));
    assertThat(outcome.damage()).hasSize(1);
    assertThat(outcome.damage().getFirst().kind()).isEqualTo(Damage.Kind.TORN_TAIL);
    assertThat(outcome.damage().getFirst().reason()).startsWith("unexpected checksum ");
    assertThat(outcome.damage().getFirst().offset()).isEqualTo(47);
    assertThat(outcome.damage().getFirst().bytes()).isEqualTo(54);
  }

  @Test
  void aFileThatEndsWhereOnlyZerosAreMissingHasLostNothing() {
    byte[] record = record(50, 2);
    record[48] = 0;
    record[49] = 0;
    byte[] segment = new Fragments().add(FULL, record).bytes();
    Sweep.Outcome outcome =
        Fragments.read(Arrays.copyOf(segment, segment.length - 2), AS_THE_SYSTEM);
    assertShows(outcome, record);
    assertThat(outcome.damage()).isEmpty();
  }

  private static void assertTorn(byte[] segment, long offset, long bytes, String reason) {
    for (Reading reading : Reading.values()) {
      assertThat(Fragments.read(segment, reading).damage())
          .containsExactly(torn(offset, bytes, reason));
    }
  }

  @Test
  void aFileThatEndsInAHeaderShowsNoRecordThatWasNeverWritten() {
    byte[] segment = new Fragments().add(FULL, record(40, 1)).add(FULL, record(50, 2)).bytes();
    byte[] cut = Arrays.copyOf(segment, 48);
    assertShows(Fragments.read(cut, AS_THE_SYSTEM), record(40, 1));
    assertTorn(
        cut,
        47,
        1,
        "the file ends in the header of a record, of which zeros make one without bytes, of which"
            + " Prometheus says nothing");
    Damage header = Fragments.read(cut, AS_THE_SYSTEM).damage().getFirst();
    assertThat(SegmentReader.isSilent(header)).isTrue();
    assertThat(SegmentReader.isSilentEverywhere(header)).isTrue();
    cut[47] = FIRST;
    assertTorn(
        cut, 47, 1, "a record never ends, and padding follows, of which Prometheus says nothing");
    cut[47] = LAST;
    assertThat(Fragments.read(cut, AS_THE_SYSTEM).damage())
        .containsExactly(corruption(47, 1, "unexpected last record, dropping buffer"));
  }

  @Test
  void aFileThatEndsInTheHeaderOfARecordsLastFragmentDoesNotShowItShortened() {
    Fragments segment =
        new Fragments().add(FIRST, record(PAGE_BYTES - 7, 1)).raw(new byte[] {LAST});
    assertShows(segment.read(AS_THE_SYSTEM));
    assertTorn(segment.bytes(), 0, PAGE_BYTES + 1, "last record is torn");
  }

  @Test
  void aFileThatEndsAtAPageBehindAHeaderIsATornTail() {
    Fragments header = new Fragments().add(FULL, record(PAGE_BYTES - 14, 1));
    byte[] full = header.addClaiming(FULL, 100, new byte[0]).bytes();
    assertTorn(full, PAGE_BYTES - 7, 7, SegmentReader.HEADER_ALONE);
    Damage damage = Fragments.read(full, AS_THE_SYSTEM).damage().getFirst();
    assertThat(SegmentReader.isSilent(damage)).isTrue();
    assertThat(SegmentReader.isSilentEverywhere(damage)).isFalse();
    full[PAGE_BYTES - 7] = FIRST;
    assertTorn(full, PAGE_BYTES - 7, 7, "last record is torn");
    for (int left = 1; left < 7; left++) {
      byte[] first = new byte[left];
      first[0] = FIRST;
      assertTorn(
          new Fragments().add(FULL, record(PAGE_BYTES - 7 - left, 1)).raw(first).bytes(),
          PAGE_BYTES - left,
          left,
          left == 1 ? "last record is torn" : "read remaining header: unexpected EOF");
    }
  }

  @Test
  void aFragmentThatReachesBeyondTheLastPageIsATornTail() {
    Fragments segment = new Fragments().add(FULL, record(PAGE_BYTES - 100, 1));
    segment.add(FULL, record(500, 2));
    byte[] cut = Arrays.copyOf(segment.bytes(), PAGE_BYTES - 93 + 17);
    assertTorn(cut, PAGE_BYTES - 93, 17, "unexpected EOF");
  }

  @Test
  void anOpenRecordWithPaddingBehindItIsTornThoughPrometheusSaysNothing() {
    Fragments segment = new Fragments().add(FIRST, record(40, 1)).toPageEnd();
    Damage damage = segment.read(AS_THE_SYSTEM).damage().getFirst();
    assertThat(damage.kind()).isEqualTo(Damage.Kind.TORN_TAIL);
    assertThat(damage.bytes()).isEqualTo(PAGE_BYTES);
    assertThat(SegmentReader.isSilent(damage)).isTrue();
    assertThat(SegmentReader.isSilentEverywhere(damage)).isFalse();
    assertThat(SegmentReader.isSilent(torn(0, 1, SegmentReader.TORN))).isFalse();
    assertThat(SegmentReader.isSilent(corruption(0, 1, "unexpected full record"))).isFalse();
  }

  @Test
  void fragmentsThatDisagreeAboutCompressionAreDamage() {
    Fragments segment = new Fragments().add(FIRST, record(40, 1));
    segment.add(LAST | SegmentLayout.SNAPPY_FLAG, record(40, 2)).add(FULL, record(30, 3));
    assertShows(segment.read(ALL_THAT_IS_WHOLE), record(30, 3));
    assertThat(segment.read(ALL_THAT_IS_WHOLE).damage())
        .containsExactly(
            corruption(0, 94, "fragments of one record disagree about its compression"));
  }

  @Test
  void aRecordThatCannotBeDecompressedIsDamageAndTheNextOneIsRead() {
    for (int flag : new int[] {SegmentLayout.SNAPPY_FLAG, SegmentLayout.ZSTD_FLAG}) {
      Fragments segment = new Fragments().add(FULL | flag, record(40, 1)).add(FULL, record(30, 3));
      assertShows(segment.read(AS_THE_SYSTEM));
      Sweep.Outcome all = segment.read(ALL_THAT_IS_WHOLE);
      assertShows(all, record(30, 3));
      assertThat(all.damage()).hasSize(1);
      assertThat(all.damage().getFirst().reason())
          .startsWith(flag == SegmentLayout.SNAPPY_FLAG ? "snappy: " : "zstd: ");
      assertThat(all.damage().getFirst().bytes()).isEqualTo(47);
    }
  }

  @Test
  void aFewBytesThatClaimToBeManyTakeNoMemory() {
    // Both say that they stand for 100,000,000 bytes, which is less than what is read at most.
    byte[] snappy = HexFormat.of().parseHex("80c2d72f" + "0041");
    byte[] zstd = HexFormat.of().parseHex("28b52ffda000e1f505" + "0b0000" + "41");
    Fragments segment =
        new Fragments()
            .add(FULL | SegmentLayout.SNAPPY_FLAG, snappy)
            .add(FULL | SegmentLayout.ZSTD_FLAG, zstd)
            .add(FULL, record(5, 5));
    // Sweep.flips measures the memory that is taken.
    byte[] bytes = segment.bytes();
    Sweep.flips(
        bytes,
        (file, damage) -> SegmentReader.of(file, ALL_THAT_IS_WHOLE, damage),
        (what, outcome) -> {});
    assertThat(segment.read(ALL_THAT_IS_WHOLE).records()).containsExactly(hex(record(5, 5)));
  }

  @Test
  void anEmptySegmentAndOneOfPaddingAloneAreWhole() {
    for (int length : new int[] {0, 1, 100, PAGE_BYTES, PAGE_BYTES + 1, 3 * PAGE_BYTES}) {
      Sweep.Outcome outcome = Fragments.read(new byte[length], AS_THE_SYSTEM);
      assertThat(outcome.records()).isEmpty();
      assertThat(outcome.damage()).isEmpty();
    }
  }
}
