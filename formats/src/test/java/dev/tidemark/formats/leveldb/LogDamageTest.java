package dev.tidemark.formats.leveldb;

import static dev.tidemark.formats.Damage.Kind.CORRUPTION;
import static dev.tidemark.formats.Damage.Kind.OVERLOOKED;
import static dev.tidemark.formats.Damage.Kind.TORN_TAIL;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.formats.Damage;
import dev.tidemark.formats.RepeatedBlock;
import dev.tidemark.formats.Sweep;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Ways in which a log can be bad that LevelDB's own tests leave out, and what its reader makes of
/// them.
class LogDamageTest {
  private static final int BLOCK = LogLayout.BLOCK_BYTES;
  private static final int HEADER = LogLayout.HEADER_BYTES;

  private static byte[] log(String... records) throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    try (LogWriter writer = new LogWriter(file)) {
      for (String record : records) {
        writer.append(ByteBuffer.wrap(record.getBytes(US_ASCII)));
      }
    }
    return file.toByteArray();
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  private static Sweep.Outcome read(byte[] file) {
    return Sweep.read(file, LogReader::new);
  }

  private static List<String> hex(String... records) {
    return Arrays.stream(records)
        .map(record -> HexFormat.of().formatHex(record.getBytes(US_ASCII)))
        .toList();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 6, 7, 100, BLOCK - 20, BLOCK - 17, BLOCK, 3 * BLOCK})
  void zerosBehindTheLastRecordAreNoCorruption(int zeros) throws IOException {
    Sweep.Outcome outcome = read(joined(log("one", "two"), new byte[zeros]));
    assertThat(outcome.records()).isEqualTo(hex("one", "two"));
    assertThat(outcome.damage()).allMatch(found -> found.kind() == TORN_TAIL && zeros < HEADER);
  }

  @Test
  void zerosWithARecordBehindThemAreOverlooked() throws IOException {
    byte[] file = joined(Arrays.copyOf(log("one"), BLOCK), log("two"));
    Sweep.Outcome outcome = read(file);
    assertThat(outcome.records()).isEqualTo(hex("one", "two"));
    assertThat(outcome.damage())
        .containsExactly(
            new Damage(
                OVERLOOKED,
                10,
                BLOCK - 10,
                "zeros, which LevelDB passes over, with something behind them"));
  }

  @Test
  void zerosWithOtherBytesBehindThemInTheBlockAreOverlooked() throws IOException {
    Sweep.Outcome outcome = read(joined(log("one"), new byte[20], log("two")));
    assertThat(outcome.records()).isEqualTo(hex("one"));
    assertThat(outcome.damage())
        .containsExactly(
            new Damage(
                OVERLOOKED,
                10,
                30,
                "zeros, which LevelDB passes over, with something behind them"));
  }

  private static final Damage PART =
      new Damage(TORN_TAIL, 10, BLOCK - 10, "the file ends in the middle of a record");
  private static final Damage LOST =
      new Damage(
          OVERLOOKED,
          10,
          BLOCK - 10,
          "zeros, which LevelDB passes over, with something behind them");

  /// A block of which the page that a record begins in was not written.
  private static byte[] withoutPage(String... records) throws IOException {
    byte[] file = Arrays.copyOf(log(records), BLOCK);
    Arrays.fill(file, 10, 4096, (byte) 0);
    return file;
  }

  /// What a writer leaves that is killed while it goes over zeros, the beginning last.
  @Test
  void aPartOfARecordBehindZerosInTheLastBlockIsATornTail() throws IOException {
    Sweep.Outcome outcome = read(withoutPage("one", "x".repeat(9000)));
    assertThat(outcome.records()).isEqualTo(hex("one"));
    assertThat(outcome.damage()).containsExactly(PART);
  }

  @Test
  void aWholeRecordBehindZerosInTheLastBlockIsOverlooked() throws IOException {
    Sweep.Outcome outcome = read(withoutPage("one", "x".repeat(9000), "two"));
    assertThat(outcome.records()).isEqualTo(hex("one"));
    assertThat(outcome.damage()).containsExactly(LOST);
  }

  @Test
  void aPartOfARecordBehindZerosInABlockBeforeTheLastIsOverlooked() throws IOException {
    byte[] block = withoutPage("one", "x".repeat(9000));
    assertThat(read(joined(block, log("two"))).damage()).containsExactly(LOST);
    assertThat(read(joined(block, new byte[BLOCK])).damage()).containsExactly(LOST);
    assertThat(read(joined(block, new byte[] {1})).damage())
        .containsExactly(
            LOST, new Damage(TORN_TAIL, BLOCK, 1, "the file ends in the middle of a record"));
    Damage second = new Damage(TORN_TAIL, BLOCK, BLOCK, PART.reason());
    byte[] next = Arrays.copyOf(new byte[BLOCK - 1], BLOCK);
    next[BLOCK - 1] = 1;
    assertThat(read(joined(block, next)).damage()).containsExactly(LOST, second);
  }

  @Test
  void zerosWithADamagedRecordBehindThemAreOverlookedToo() throws IOException {
    byte[] file = joined(Arrays.copyOf(log("one"), BLOCK), log("two"));
    file[file.length - 1] ^= 1;
    assertThat(read(file).damage())
        .containsExactly(
            new Damage(
                OVERLOOKED,
                10,
                BLOCK - 10,
                "zeros, which LevelDB passes over, with something behind them"),
            new Damage(CORRUPTION, BLOCK, 10, "checksum mismatch"));
  }

  @Test
  void damageBeforeWhereReadingBeginsIsNotTold() throws IOException {
    byte[] file = joined(log("one", "x".repeat(BLOCK - 5 * HEADER)), new byte[18], log("two"));
    file[2] ^= 1;
    List<Damage> damage = new ArrayList<>();
    try (LogReader reader = new LogReader(new ByteArrayInputStream(file), damage::add, 5)) {
      assertThat(reader.next()).isTrue();
      assertThat(US_ASCII.decode(reader.payload()).toString()).isEqualTo("two");
      assertThat(reader.next()).isFalse();
    }
    assertThat(damage).isEmpty();
  }

  @Test
  void aBlockOfZerosInARecordIsAnErrorInItsMiddle() throws IOException {
    String large = "x".repeat(3 * BLOCK);
    byte[] file = log(large, "two");
    Arrays.fill(file, BLOCK, 2 * BLOCK, (byte) 0);
    Sweep.Outcome outcome = read(file);
    assertThat(outcome.records()).isEqualTo(hex("two"));
    assertThat(outcome.damage().getFirst())
        .isEqualTo(new Damage(CORRUPTION, 0, BLOCK - HEADER, "error in middle of record"));
  }

  @Test
  void aLengthBehindTheEndWithWholeRecordsBehindItIsOverlooked() throws IOException {
    byte[] file = log("one", "two", "three");
    file[10 + 5] = 1; // the length of "two" is 259 now
    Sweep.Outcome outcome = read(file);
    assertThat(outcome.records()).isEqualTo(hex("one"));
    assertThat(outcome.damage())
        .containsExactly(
            new Damage(
                OVERLOOKED,
                10,
                file.length - 10,
                "bad record length: LevelDB takes this for a torn end, but whole records follow"));
  }

  @Test
  void aTornRecordThatHoldsALogIsTorn() throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    try (LogWriter writer = new LogWriter(all)) {
      writer.append(ByteBuffer.wrap(joined(log("one", "two", "three"), new byte[20])));
    }
    byte[] file = all.toByteArray();
    byte[] torn = Arrays.copyOf(file, file.length - 10);
    Sweep.Outcome outcome = read(torn);
    assertThat(outcome.records()).isEmpty();
    assertThat(outcome.damage())
        .containsExactly(
            new Damage(TORN_TAIL, 0, torn.length, "the file ends in the middle of a record"));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6})
  void aTornHeaderAtTheBeginningOfABlockIsATornTail(int bytes) throws IOException {
    String first = "x".repeat(BLOCK - HEADER);
    byte[] file = Arrays.copyOf(log(first, "two"), BLOCK + bytes);
    Sweep.Outcome outcome = read(file);
    assertThat(outcome.records()).isEqualTo(hex(first));
    assertThat(outcome.damage())
        .containsExactly(
            new Damage(TORN_TAIL, BLOCK, bytes, "the file ends in the middle of a record"));
  }

  @Test
  void aTrailerThatIsCutShortIsNothing() throws IOException {
    String first = "x".repeat(BLOCK - HEADER - 6);
    byte[] file = joined(log(first), new byte[3]);
    assertThat(read(file)).isEqualTo(new Sweep.Outcome(hex(first), List.of(), null));
  }

  @Test
  void aRecordTornInAFileOfWholeBlocksIsReported() throws IOException {
    byte[] file = log("one", "x".repeat(100), "y".repeat(BLOCK));
    byte[] torn = Arrays.copyOf(Arrays.copyOf(file, 60), BLOCK);
    Sweep.Outcome outcome = read(torn);
    assertThat(outcome.records()).isEqualTo(hex("one"));
    assertThat(outcome.damage())
        .containsExactly(new Damage(CORRUPTION, 10, BLOCK - 10, "checksum mismatch"));
  }

  @Test
  void aFlippedBitOfTheLastRecordIsReported() throws IOException {
    byte[] file = log("one", "two");
    file[file.length - 1] ^= 1;
    assertThat(read(file).damage())
        .containsExactly(new Damage(CORRUPTION, 10, 10, "checksum mismatch"));
  }

  @Test
  void aFlippedBitLosesTheRestOfItsBlockAlone() throws IOException {
    String filling = "x".repeat(BLOCK - 4 * HEADER - 9);
    byte[] file = log("one", "two", "333", filling, "next");
    file[10 + HEADER] ^= 1;
    Sweep.Outcome outcome = read(file);
    assertThat(outcome.records()).isEqualTo(hex("one", "next"));
    assertThat(outcome.damage())
        .containsExactly(new Damage(CORRUPTION, 10, BLOCK - 10, "checksum mismatch"));
  }

  @Test
  void anEmptyFirstFragmentWithoutAnEndIsNothing() throws IOException {
    String first = "x".repeat(BLOCK - 2 * HEADER);
    byte[] empty = Arrays.copyOf(log(first, "y"), BLOCK);
    Sweep.Outcome outcome = read(joined(empty, log("two")));
    assertThat(outcome).isEqualTo(new Sweep.Outcome(hex(first, "two"), List.of(), null));
  }

  @Test
  void whateverBitFlipsNothingIsShownThatWasNotWrittenAndNothingMissesInSilence()
      throws IOException {
    byte[] file = log("one", "", "x".repeat(300), "two", "", "three");
    Sweep.flips(file, LogReader::new, Sweep.neverTorn(Sweep.nothingWrong(read(file))));
  }

  @Test
  void whateverBitFlipsAcrossBlocksNothingIsShownThatWasNotWritten() throws IOException {
    byte[] file = log("x".repeat(BLOCK - 2 * HEADER), "two", "", "three");
    Sweep.Law law = Sweep.nothingWrong(read(file));
    for (int at = 0; at < file.length; at++) {
      if (at < HEADER || at > BLOCK - 2 * HEADER) {
        for (int bit = 0; bit < 8; bit++) {
          byte[] changed = file.clone();
          changed[at] ^= (byte) (1 << bit);
          law.check("bit " + bit + " of byte " + at + " flipped", read(changed));
        }
      }
    }
  }

  @Test
  void whereverTheFileIsCutTheRecordsBeforeAreShownAndTheCutIsTold() throws IOException {
    String[] records = {"one", "", "x".repeat(300), "two", "", "three"};
    byte[] file = log(records);
    List<String> all = hex(records);
    Sweep.cuts(
        file,
        LogReader::new,
        (what, outcome) -> {
          assertThat(outcome.records())
              .as(what)
              .isEqualTo(all.subList(0, outcome.records().size()));
          assertThat(outcome.damage()).as(what).allMatch(found -> found.kind() == TORN_TAIL);
          long kept = outcome.records().stream().mapToLong(hex -> HEADER + hex.length() / 2).sum();
          long torn = outcome.damage().stream().mapToLong(Damage::bytes).sum();
          assertThat("cut to " + (kept + torn) + " bytes").isEqualTo(what);
        });
  }

  @Test
  void noiseIsAnsweredWithReportsAlone() {
    long seed = new Random().nextLong();
    System.out.printf("noise, seed %d%n", seed);
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      byte[] file = new byte[random.nextInt(3 * BLOCK)];
      random.nextBytes(file);
      if (round % 2 == 0) {
        for (int at = 0; at + HEADER < file.length; at += 1 + random.nextInt(64)) {
          file[at] = 0;
        }
      }
      assertThat(read(file).refusal()).isNull();
    }
  }

  private static final int MOST = 2 * BLOCK;

  private static Sweep.Outcome readBounded(byte[] file) {
    return Sweep.read(file, (in, damage) -> new LogReader(in, damage, 0, MOST));
  }

  @Test
  void aRecordIsAsLargeAsItMayBeAndNoLarger() throws IOException {
    String most = "x".repeat(MOST);
    assertThat(readBounded(log("one", most, "two")))
        .isEqualTo(new Sweep.Outcome(hex("one", most, "two"), List.of(), null));
    byte[] file = log("one", most + "x", "two");
    Sweep.Outcome outcome = readBounded(file);
    assertThat(outcome.records()).isEqualTo(hex("one", "two"));
    assertThat(outcome.damage())
        .containsExactly(
            new Damage(
                CORRUPTION,
                HEADER + 3,
                file.length - 2 * (HEADER + 3),
                "a record of 65537 bytes, which is more than is read here"));
  }

  @Test
  void aRecordThatWouldNotBeReadIsNotWritten(@TempDir Path directory) throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    try (RandomAccessFile sparse = new RandomAccessFile(directory.resolve("large").toFile(), "rw");
        FileChannel channel = sparse.getChannel();
        LogWriter writer = new LogWriter(file)) {
      sparse.setLength(LogReader.MOST_RECORD_BYTES + 1L);
      ByteBuffer large = channel.map(FileChannel.MapMode.READ_ONLY, 0, sparse.length());
      assertThatThrownBy(() -> writer.append(large))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("a record of 1073741825 bytes; it may have 1 GiB");
      assertThat(writer.size()).isZero();
      writer.append(ByteBuffer.wrap(new byte[] {'a'}));
    }
    assertThat(read(file.toByteArray()).records()).isEqualTo(hex("a"));
  }

  @Test
  void aRecordThatIsTooLargeIsCountedAsLevelDbWouldWhereItIsDamaged() throws IOException {
    byte[] file = log("x".repeat(4 * BLOCK), "two");
    file[3 * BLOCK] ^= 1;
    Sweep.Outcome outcome = readBounded(file);
    assertThat(outcome.records()).isEqualTo(hex("two"));
    assertThat(outcome.damage())
        .containsExactly(
            new Damage(CORRUPTION, 0, 3 * (BLOCK - HEADER), "error in middle of record"),
            new Damage(CORRUPTION, 3 * BLOCK, BLOCK, "checksum mismatch"),
            new Damage(CORRUPTION, 4 * BLOCK, 4 * HEADER, "missing start of fragmented record(2)"));
  }

  @Test
  void aRecordOfThreeGibibytesIsPassedInTheMemoryOfASmallOne() throws IOException {
    byte[] large = log("x".repeat(2 * (BLOCK - HEADER) + 1), "two");
    byte[] first = Arrays.copyOf(large, BLOCK);
    byte[] middle = Arrays.copyOfRange(large, BLOCK, 2 * BLOCK);
    byte[] last = Arrays.copyOfRange(large, 2 * BLOCK, large.length);
    long times = (3L << 30) / BLOCK;
    List<Damage> damage = new ArrayList<>();
    try (LogReader reader =
        new LogReader(new RepeatedBlock(first, middle, times, last), damage::add, 0, MOST)) {
      assertThat(reader.next()).isTrue();
      assertThat(US_ASCII.decode(reader.payload()).toString()).isEqualTo("two");
      assertThat(reader.next()).isFalse();
    }
    long payload = (times + 1) * (BLOCK - HEADER) + 1;
    assertThat(damage)
        .containsExactly(
            new Damage(
                CORRUPTION,
                0,
                (times + 1) * BLOCK + HEADER + 1,
                "a record of " + payload + " bytes, which is more than is read here"));
  }

  @Test
  void aWriterWhoseStreamFailedNeverWritesAgain() {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    boolean[] full = {true};
    LogWriter writer =
        new LogWriter(
            new OutputStream() {
              @Override
              public void write(int octet) throws IOException {
                if (full[0]) {
                  throw new IOException("no space");
                }
                file.write(octet);
              }
            });
    assertThatThrownBy(
            () -> {
              writer.append(ByteBuffer.wrap(new byte[10]));
              writer.flush();
            })
        .hasMessage("no space");
    full[0] = false;
    assertThatThrownBy(() -> writer.append(ByteBuffer.wrap(new byte[10])))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("what it ends with is unknown");
    assertThatThrownBy(writer::flush).isInstanceOf(IOException.class);
    assertThat(file.size()).isZero();
  }
}
