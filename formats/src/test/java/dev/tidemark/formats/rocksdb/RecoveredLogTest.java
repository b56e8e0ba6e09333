package dev.tidemark.formats.rocksdb;

import static dev.tidemark.formats.rocksdb.RecoveryMode.ABSOLUTE_CONSISTENCY;
import static dev.tidemark.formats.rocksdb.RecoveryMode.POINT_IN_TIME_RECOVERY;
import static dev.tidemark.formats.rocksdb.RecoveryMode.SKIP_ANY_CORRUPTED_RECORDS;
import static dev.tidemark.formats.rocksdb.RecoveryMode.TOLERATE_CORRUPTED_TAIL_RECORDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.formats.Damage;
import dev.tidemark.formats.DamageListener;
import dev.tidemark.formats.RepeatedBlock;
import dev.tidemark.formats.leveldb.LogLayout;
import dev.tidemark.formats.rocksdb.RecoveredLog.Outcome;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What RocksDB makes of damage under each of its recovery modes, in one log and over several.
class RecoveredLogTest {
  private static final int LARGE = 5000;

  @TempDir private Path directory;

  // ---- one log

  private record Recovered(List<Long> sequences, List<Damage> damage, Outcome outcome) {}

  private static Recovered recover(byte[] file, RecoveryMode mode) throws IOException {
    List<Damage> damage = new ArrayList<>();
    List<Long> sequences = new ArrayList<>();
    try (RecoveredLog log =
        new RecoveredLog(
            new ByteArrayInputStream(file),
            OptionalLong.of(WalFile.LOG_NUMBER),
            mode,
            damage::add)) {
      while (log.next()) {
        sequences.add(BatchReader.of(log.payload()).sequence());
      }
      assertThat(log.next()).isFalse();
      return new Recovered(sequences, damage, log.outcome());
    }
  }

  private static void assertRecovered(
      byte[] file, RecoveryMode mode, Outcome outcome, Long... sequences) throws IOException {
    Recovered recovered = recover(file, mode);
    assertThat(recovered.sequences()).as("%s", mode).containsExactly(sequences);
    assertThat(recovered.outcome()).as("%s", mode).isEqualTo(outcome);
  }

  private static WalFile batches(WalFile file, long... sequences) {
    for (long sequence : sequences) {
      file.record(WalFile.put(sequence, "key", "value"));
    }
    return file;
  }

  private static byte[] flipped(byte[] file, int at) {
    file[at] ^= 1;
    return file;
  }

  @Test
  void aHealthyLogIsAppliedUnderEachMode() throws IOException {
    byte[] file = batches(WalFile.plain(), 1, 2, 3).file();
    for (RecoveryMode mode : RecoveryMode.values()) {
      assertRecovered(file, mode, Outcome.APPLIED, 1L, 2L, 3L);
    }
  }

  @Test
  void aRecordThatIsCutShortIsIgnoredOrStopsOrRefuses() throws IOException {
    byte[] file = batches(WalFile.plain(), 1, 2, 3).file();
    byte[] cut = Arrays.copyOf(file, file.length - 1);
    assertRecovered(cut, TOLERATE_CORRUPTED_TAIL_RECORDS, Outcome.APPLIED, 1L, 2L);
    assertRecovered(cut, ABSOLUTE_CONSISTENCY, Outcome.REFUSED, 1L, 2L);
    assertRecovered(cut, POINT_IN_TIME_RECOVERY, Outcome.STOPPED, 1L, 2L);
    assertRecovered(cut, SKIP_ANY_CORRUPTED_RECORDS, Outcome.APPLIED, 1L, 2L);
  }

  @Test
  void damageInTheMiddleStopsOrRefusesAndOnlySkippingFindsWhatIsBehindItsBlock()
      throws IOException {
    WalFile first = batches(WalFile.plain(), 1, 2);
    int second = batches(WalFile.plain(), 1).size();
    BigBatch big = new BigBatch(3);
    byte[] file = flipped(batches(first.record(big.payload()), 4, 5).file(), second);
    assertRecovered(file, TOLERATE_CORRUPTED_TAIL_RECORDS, Outcome.REFUSED, 1L);
    assertRecovered(file, ABSOLUTE_CONSISTENCY, Outcome.REFUSED, 1L);
    assertRecovered(file, POINT_IN_TIME_RECOVERY, Outcome.STOPPED, 1L);
    // The big one began in the damaged block.
    assertRecovered(file, SKIP_ANY_CORRUPTED_RECORDS, Outcome.APPLIED, 1L, 4L, 5L);
  }

  /// A batch of 40,000 bytes.
  private record BigBatch(long sequence) {
    byte[] payload() {
      byte[] small = WalFile.put(sequence, "key", WalFile.big("v", 100));
      byte[] payload = Arrays.copyOf(small, 12 + 400 * (small.length - 12));
      for (int copy = 1; copy < 400; copy++) {
        System.arraycopy(small, 12, payload, 12 + copy * (small.length - 12), small.length - 12);
      }
      payload[8] = (byte) 400;
      payload[9] = (byte) (400 >> 8);
      return payload;
    }
  }

  @Test
  void inALogThatWasUsedAgainToleranceTakesDamageForTheEnd() throws IOException {
    int one = batches(WalFile.numbered(), 1).size();
    byte[] file = flipped(batches(WalFile.numbered(), 1, 2, 3).file(), one);
    assertRecovered(file, TOLERATE_CORRUPTED_TAIL_RECORDS, Outcome.APPLIED, 1L);
    assertThat(recover(file, TOLERATE_CORRUPTED_TAIL_RECORDS).damage())
        .extracting(Damage::kind)
        .containsExactly(Damage.Kind.OVERLOOKED);
    assertRecovered(file, POINT_IN_TIME_RECOVERY, Outcome.STOPPED, 1L);
    assertThat(recover(file, POINT_IN_TIME_RECOVERY).damage())
        .extracting(Damage::kind)
        .containsExactly(Damage.Kind.CORRUPTION);
  }

  @Test
  void oldFragmentsEndALogUnlessEverythingIsWanted() throws IOException {
    byte[] file = batches(WalFile.numbered(), 1, 2).file();
    byte[] old = batches(WalFile.numbered(77), 3, 4).file();
    byte[] both = Arrays.copyOf(file, file.length + old.length);
    System.arraycopy(old, 0, both, file.length, old.length);
    for (RecoveryMode mode : RecoveryMode.values()) {
      assertRecovered(both, mode, Outcome.APPLIED, 1L, 2L);
      assertThat(recover(both, mode).damage()).isEmpty();
    }
  }

  @Test
  void atATornFragmentWithAnotherLogNumberALogEndsUnderEachMode() throws IOException {
    WalFile begun = batches(WalFile.numbered(), 1);
    int end = begun.size();
    byte[] file = flipped(begun.raw(batches(WalFile.numbered(77), 5).file()).file(), end);
    for (RecoveryMode mode : RecoveryMode.values()) {
      assertRecovered(file, mode, Outcome.APPLIED, 1L);
      assertThat(recover(file, mode).damage())
          .extracting(Damage::kind)
          .containsExactly(Damage.Kind.TORN_TAIL);
    }
  }

  @Test
  void anOldFragmentAmidARecordCountsWhateverIsBehindIt() throws IOException {
    WalFile begun = batches(WalFile.numbered(), 1).fragment(6, new byte[20]);
    begun.raw(batches(WalFile.numbered(77), 5).file());
    for (byte[] file : List.of(begun.file(), batches(begun, 3).file())) {
      assertRecovered(file, TOLERATE_CORRUPTED_TAIL_RECORDS, Outcome.APPLIED, 1L);
      assertRecovered(file, ABSOLUTE_CONSISTENCY, Outcome.REFUSED, 1L);
      assertRecovered(file, POINT_IN_TIME_RECOVERY, Outcome.STOPPED, 1L);
    }
  }

  /// RocksDB's decompressor needs a new beginning behind bytes it cannot use, and gets none.
  @Test
  void behindWhatCannotBeDecompressedRocksDbSeesNothingMore() throws IOException {
    WalFile file = batches(WalFile.plain().compressed(), 1);
    int from = file.size();
    file.fragment(1, new byte[] {1, 2, 3, 4});
    byte[] whole = batches(file, 2).file();
    byte[] middle =
        batches(batches(WalFile.plain().compressed(), 1).fragment(3, new byte[4]), 2).file();
    WalFile twoBegun = batches(WalFile.plain().compressed(), 1).fragment(2, WalFile.zstd(FIRST));
    for (byte[] log : List.of(whole, middle)) {
      assertRecovered(log, SKIP_ANY_CORRUPTED_RECORDS, Outcome.APPLIED, 1L);
      assertThat(recover(log, POINT_IN_TIME_RECOVERY).damage())
          .singleElement()
          .satisfies(
              found -> {
                assertThat(found.kind()).isEqualTo(Damage.Kind.OVERLOOKED);
                assertThat(found.offset()).isEqualTo(from);
                assertThat(found.bytes()).isEqualTo(log.length - from);
              });
      assertThat(allThatIsWhole(log)).containsExactly(1L, 2L);
    }
    byte[] begun = batches(twoBegun, 2).file();
    assertRecovered(begun, SKIP_ANY_CORRUPTED_RECORDS, Outcome.APPLIED, 1L);
    assertThat(recover(begun, SKIP_ANY_CORRUPTED_RECORDS).damage())
        .extracting(Damage::kind)
        .containsExactly(Damage.Kind.CORRUPTION, Damage.Kind.OVERLOOKED);
    assertThat(allThatIsWhole(begun)).containsExactly(1L, 2L);
  }

  private static final byte[] FIRST = WalFile.put(9, "key", "value");

  private static List<Long> allThatIsWhole(byte[] file) throws IOException {
    List<Long> sequences = new ArrayList<>();
    try (LogReader log =
        LogReader.allThatIsWhole(
            new ByteArrayInputStream(file),
            OptionalLong.of(WalFile.LOG_NUMBER),
            DamageListener.ignoring())) {
      while (log.next()) {
        sequences.add(BatchReader.of(log.payload()).sequence());
      }
    }
    return sequences;
  }

  @Test
  void aRecordThatIsNoBatchIsDamage() throws IOException {
    WalFile file = batches(WalFile.plain(), 1).record(new byte[11]);
    byte[] short11 = batches(file, 2).file();
    assertRecovered(short11, POINT_IN_TIME_RECOVERY, Outcome.STOPPED, 1L);
    assertRecovered(short11, SKIP_ANY_CORRUPTED_RECORDS, Outcome.APPLIED, 1L, 2L);
    assertThat(recover(short11, POINT_IN_TIME_RECOVERY).damage().getFirst().reason())
        .contains("log record too small");
    byte[] wrongCount = WalFile.put(2, "key", "value");
    wrongCount[8] = 2;
    byte[] counted = batches(WalFile.plain(), 1).record(wrongCount).file();
    assertRecovered(counted, TOLERATE_CORRUPTED_TAIL_RECORDS, Outcome.REFUSED, 1L);
    assertThat(recover(counted, POINT_IN_TIME_RECOVERY).damage().getFirst().reason())
        .contains("wrong count");
    byte[] far = batches(WalFile.plain(), 1L << 56).file();
    assertThat(recover(far, POINT_IN_TIME_RECOVERY).damage().getFirst().reason())
        .contains("sequence 72057594037927936 is too large");
  }

  @Test
  void aLogNumberInALogWithoutIsDamageAndTheReaderGoesOnBehindItsBlock() throws IOException {
    byte[] file = batches(WalFile.plain(), 1).fragment(5, WalFile.put(2, "key", "value")).file();
    assertRecovered(file, POINT_IN_TIME_RECOVERY, Outcome.STOPPED, 1L);
    assertRecovered(file, SKIP_ANY_CORRUPTED_RECORDS, Outcome.APPLIED, 1L);
  }

  @Test
  void whatCannotBeDecompressedIsPassedOverAsRocksDbDoesAndSaid() throws IOException {
    WalFile file = batches(WalFile.plain().compressed(), 1);
    byte[] bad = file.fragment(1, new byte[] {1, 2, 3, 4}).file();
    Recovered recovered = recover(bad, POINT_IN_TIME_RECOVERY);
    assertThat(recovered.outcome()).isEqualTo(Outcome.APPLIED);
    assertThat(recovered.damage()).hasSize(1);
    assertThat(recovered.damage().getFirst().kind()).isEqualTo(Damage.Kind.OVERLOOKED);
    byte[] unknown = WalFile.plain().fragment(9, new byte[] {4, 0, 0, 0}).file();
    assertThat(recover(unknown, POINT_IN_TIME_RECOVERY).damage().getFirst().reason())
        .contains("WAL compression type 4 not supported");
  }

  @Test
  void aRecordThatGrowsBeyondTheLimitIsNotShownAndTakesNoMoreMemory() throws IOException {
    byte[] payload = new byte[3 * LARGE];
    byte[] file = WalFile.plain().compressed().record(payload).file();
    List<Damage> damage = new ArrayList<>();
    try (LogReader reader =
        new LogReader(
            new ByteArrayInputStream(file),
            OptionalLong.empty(),
            SKIP_ANY_CORRUPTED_RECORDS,
            damage::add,
            LARGE)) {
      assertThat(reader.next()).isFalse();
    }
    assertThat(damage).hasSize(1);
    assertThat(damage.getFirst().reason()).contains("more than 5000 bytes");
  }

  @Test
  void aRecordOfThreeGibibytesIsPassedInTheMemoryOfASmallOne() throws IOException {
    int block = LogLayout.BLOCK_BYTES;
    int data = block - WalLayout.NUMBERED_HEADER_BYTES;
    WalFile large = WalFile.numbered().record(new byte[2 * data + 1]);
    byte[] file = large.record(WalFile.put(2, "k", "v")).file();
    long times = (3L << 30) / block;
    List<Damage> damage = new ArrayList<>();
    try (LogReader reader =
        new LogReader(
            new RepeatedBlock(
                Arrays.copyOf(file, block),
                Arrays.copyOfRange(file, block, 2 * block),
                times,
                Arrays.copyOfRange(file, 2 * block, file.length)),
            OptionalLong.empty(),
            POINT_IN_TIME_RECOVERY,
            damage::add,
            LARGE)) {
      assertThat(reader.next()).isTrue();
      assertThat(BatchReader.of(reader.payload()).sequence()).isEqualTo(2);
      assertThat(reader.next()).isFalse();
    }
    long payload = (times + 1) * data + 1;
    assertThat(damage)
        .containsExactly(
            new Damage(
                Damage.Kind.CORRUPTION,
                0,
                (times + 1) * block + WalLayout.NUMBERED_HEADER_BYTES + 1,
                "a record of " + payload + " bytes, which is more than is read here"));
  }

  @Test
  void ofTimestampSizesSoManyAreRememberedAndNoMore() throws IOException {
    WalFile file = WalFile.plain();
    int last = MetadataRecords.MOST_SIZED;
    for (int family = 0; family <= last; family++) {
      file.fragment(WalLayout.TIMESTAMP_SIZES, sizes(family));
      if (family % 2000 == 0) {
        file.raw(new byte[LogLayout.BLOCK_BYTES - file.size() % LogLayout.BLOCK_BYTES]);
      }
    }
    file.raw(new byte[LogLayout.BLOCK_BYTES - file.size() % LogLayout.BLOCK_BYTES]);
    file.fragment(WalLayout.TIMESTAMP_SIZES, sizes(last)); // one too many to be remembered
    long known = file.size();
    file.fragment(WalLayout.TIMESTAMP_SIZES, sizes(last - 1));
    List<Damage> damage = recover(file.file(), SKIP_ANY_CORRUPTED_RECORDS).damage();
    assertThat(damage.stream().filter(found -> found.kind() == Damage.Kind.CORRUPTION))
        .extracting(Damage::offset)
        .containsExactly(known);
  }

  private static byte[] sizes(int family) {
    return new byte[] {(byte) family, (byte) (family >> 8), 0, 0, 8, 0};
  }

  // ---- several

  private final List<String> told = new ArrayList<>();
  private boolean refused;

  private Path log(int number, byte[] file) throws IOException {
    return Files.write(directory.resolve(String.format("%06d.log", number)), file);
  }

  private List<Long> replay(RecoveryMode mode) throws IOException {
    told.clear();
    List<Long> sequences = new ArrayList<>();
    try (LogReplay replay =
        new LogReplay(
            new RocksDbFormat().files(directory),
            mode,
            (file, damage) -> told.add(file.getFileName() + " " + damage.kind()))) {
      while (replay.next()) {
        sequences.add(BatchReader.of(replay.payload()).sequence());
        assertThat(replay.file()).exists();
        assertThat(replay.offset()).isLessThan(replay.endOffset());
      }
      refused = replay.isRefused();
      assertThat(replay.next()).isFalse();
    }
    return sequences;
  }

  @Test
  void logsAreReplayedInTheOrderOfTheirNumbers() throws IOException {
    log(11, batches(WalFile.plain(), 5, 6).file());
    log(9, batches(WalFile.plain(), 1, 2).file());
    log(10, batches(WalFile.plain(), 3, 4).file());
    assertThat(replay(POINT_IN_TIME_RECOVERY)).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
    assertThat(told).isEmpty();
    assertThat(refused).isFalse();
  }

  @Test
  void behindDamageALogIsAppliedOnlyIfItsFirstSequenceComesNext() throws IOException {
    byte[] torn = batches(WalFile.plain(), 1, 2, 3).file();
    log(9, Arrays.copyOf(torn, torn.length - 2));
    log(10, batches(WalFile.plain(), 4, 5).file());
    log(11, batches(WalFile.plain(), 3, 4).file());
    log(12, batches(WalFile.plain(), 5, 6).file());
    // 10 would leave a hole; 11 begins where 9 was cut: RocksDB went on from there.
    assertThat(replay(POINT_IN_TIME_RECOVERY)).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
    assertThat(told).containsExactly("000009.log TORN_TAIL");
    assertThat(replay(TOLERATE_CORRUPTED_TAIL_RECORDS))
        .containsExactly(1L, 2L, 4L, 5L, 3L, 4L, 5L, 6L);
  }

  @Test
  void behindALogOfWhichNothingIsLeftNothingIsApplied() throws IOException {
    log(9, flipped(batches(WalFile.plain(), 1).file(), 0));
    log(10, batches(WalFile.plain(), 2).file());
    assertThat(replay(POINT_IN_TIME_RECOVERY)).isEmpty();
    assertThat(replay(SKIP_ANY_CORRUPTED_RECORDS)).containsExactly(2L);
    assertThat(replay(ABSOLUTE_CONSISTENCY)).isEmpty();
    assertThat(refused).isTrue();
  }

  @Test
  void behindOldFragmentsTheNextLogHasToBeginWithTheNextSequence() throws IOException {
    byte[] file = batches(WalFile.numbered(9), 1, 2).file();
    byte[] old = batches(WalFile.numbered(7), 3, 4).file();
    byte[] both = Arrays.copyOf(file, file.length + old.length);
    System.arraycopy(old, 0, both, file.length, old.length);
    log(9, both);
    log(10, batches(WalFile.numbered(10), 3).file());
    assertThat(replay(POINT_IN_TIME_RECOVERY)).containsExactly(1L, 2L, 3L);
    log(10, batches(WalFile.numbered(10), 4).file());
    assertThat(replay(POINT_IN_TIME_RECOVERY)).containsExactly(1L, 2L);
  }
}
