package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.wal.Batch;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalDamage;
import dev.tidemark.wal.WalFindings;
import dev.tidemark.wal.WalInspection;
import dev.tidemark.wal.WalOptions;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What an inspection answers for real files, whole and damaged, as a log and alone.
class InspectionTest {
  private static final WalInspection.Progress NOBODY = WalInspection.Progress.none();

  @TempDir private Path folder;

  // Three segments of ten records, closed.
  private Path threeSegments() throws IOException {
    Path log = folder.resolve("log");
    try (Wal wal = Wal.open(log, Logs.SMALL)) {
      Logs.append(wal, 1, 10);
      wal.rotate();
      Logs.append(wal, 11, 20);
      wal.rotate();
      Logs.append(wal, 21, 30);
    }
    return log;
  }

  private static Path segment(Path log, int index) throws IOException {
    try (Stream<Path> files = Files.list(log)) {
      return files
          .filter(file -> file.toString().endsWith(".wal"))
          .sorted()
          .filter(file -> holdsFrames(file))
          .toList()
          .get(index);
    }
  }

  private static boolean holdsFrames(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains("record ");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static int offsetOf(Path file, String text) throws IOException {
    int at = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).indexOf(text);
    assertThat(at).isPositive();
    return at;
  }

  private static void flip(Path file, long at) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[(int) at] ^= 1;
    Files.write(file, bytes);
  }

  private static List<String> records(Path path, long from) throws IOException {
    List<String> records = new ArrayList<>();
    Wal.inspect(path)
        .records(
            from,
            new WalInspection.Visitor() {
              @Override
              public boolean record(WalInspection.Found record) {
                byte[] bytes = record.payload().toArray(ValueLayout.JAVA_BYTE);
                records.add(record.lsn() + ":" + new String(bytes, StandardCharsets.UTF_8));
                return true;
              }

              @Override
              public void damage(WalDamage damage) {}
            });
    return records;
  }

  private static Map<String, byte[]> bytes(Path log) throws IOException {
    Map<String, byte[]> all = new TreeMap<>();
    try (Stream<Path> files = Files.list(log)) {
      for (Path file : files.toList()) {
        all.put(file.getFileName().toString(), Files.readAllBytes(file));
      }
    }
    return all;
  }

  private static void assertSame(Map<String, byte[]> before, Path log) throws IOException {
    Map<String, byte[]> after = bytes(log);
    assertThat(after.keySet()).isEqualTo(before.keySet());
    after.forEach((name, bytes) -> assertThat(bytes).as(name).isEqualTo(before.get(name)));
  }

  @Test
  void aClosedLogIsCleanAndEachFileSaysWhatItIs() throws IOException {
    Path log = threeSegments();
    Map<String, byte[]> before = bytes(log);
    WalFindings found = Wal.inspect(log).verify(NOBODY);
    assertThat(found.verdict()).isEqualTo(WalFindings.Verdict.CLEAN);
    assertThat(found.opens()).isTrue();
    assertThat(found.damage()).isEmpty();
    assertThat(found.records()).isEqualTo(30);
    assertThat(found.firstLsn()).isEqualTo(1);
    assertThat(found.lastLsn()).isEqualTo(30);
    assertThat(found.promisedLsn()).isEqualTo(30);
    assertThat(found.logId()).hasSize(32);
    assertThat(found.files())
        .filteredOn(file -> file.state() == WalFindings.State.SEALED)
        .extracting(WalFindings.File::lastLsn)
        .containsExactly(10L, 20L);
    assertThat(found.files())
        .filteredOn(file -> file.state() == WalFindings.State.ACTIVE)
        .extracting(WalFindings.File::firstLsn, WalFindings.File::lastLsn)
        .containsExactly(org.assertj.core.groups.Tuple.tuple(21L, 30L));
    assertThat(records(log, 1)).isEqualTo(Logs.expected(1, 30));
    assertThat(records(log, 15)).isEqualTo(Logs.expected(15, 30));
    assertSame(before, log);
  }

  @Test
  void aHoleIsNamedWithItsBytesItsLsnsAndTheNextWholeRecord() throws IOException {
    Path log = threeSegments();
    Path second = segment(log, 1);
    int at = offsetOf(second, "record 14");
    flip(second, at);
    WalFindings found = Wal.inspect(log).verify(NOBODY);
    assertThat(found.verdict()).isEqualTo(WalFindings.Verdict.CORRUPT);
    WalDamage hole = found.damage().getFirst();
    String name = second.getFileName().toString();
    assertThat(found.damage()).hasSize(1);
    assertThat(hole.kind()).isEqualTo(WalDamage.Kind.CORRUPTION);
    assertThat(hole.file()).isEqualTo(name);
    assertThat(hole.fromByte()).isLessThan(at).isGreaterThan(at - 128);
    assertThat(hole.toByte()).isGreaterThan(at);
    assertThat(hole.fromLsn()).isEqualTo(14);
    assertThat(hole.toLsn()).isEqualTo(14);
    assertThat(hole.next()).isEqualTo(new WalDamage.Place(name, hole.toByte(), 15));
    List<String> expected = Logs.expected(1, 30);
    expected.remove("14:record 14");
    assertThat(records(log, 1)).isEqualTo(expected);
  }

  @Test
  void theHoleOfAMissingSegmentIsItsLsns() throws IOException {
    Path log = threeSegments();
    Files.delete(segment(log, 1));
    WalFindings found = Wal.inspect(log).verify(NOBODY);
    assertThat(found.verdict()).isEqualTo(WalFindings.Verdict.CORRUPT);
    assertThat(found.refusal()).contains("is missing");
    WalDamage hole = found.damage().getFirst();
    assertThat(hole.fromLsn()).isEqualTo(11);
    assertThat(hole.toLsn()).isEqualTo(20);
    assertThat(Objects.requireNonNull(hole.next()).lsn()).isEqualTo(21);
  }

  @Test
  void bytesThatNothingVouchesForAreATornTailAlone() throws IOException {
    Path log = threeSegments();
    Path third = segment(log, 2);
    // The frame of the last record is damaged, and what promised it is wiped: the seal behind it.
    int at = offsetOf(third, "record 30");
    byte[] bytes = Files.readAllBytes(third);
    bytes[at] ^= 1;
    Arrays.fill(bytes, (at & -64) + 64, bytes.length - 256, (byte) 0);
    Files.write(third, bytes);
    WalFindings found = Wal.inspect(log).verify(NOBODY);
    assertThat(found.verdict()).as("%s", found).isEqualTo(WalFindings.Verdict.TORN_TAIL);
    assertThat(found.opens()).isTrue();
    assertThat(found.damage()).hasSize(1);
    assertThat(found.damage().getFirst().kind()).isEqualTo(WalDamage.Kind.TORN_TAIL);
    assertThat(found.damage().getFirst().toLsn()).isEqualTo(30);
    assertThat(records(log, 1)).isEqualTo(Logs.expected(1, 29));
  }

  @Test
  void oneFileIsJudgedByItsOwnBytesAndByWhatItsSuccessorStates() throws IOException {
    Path log = threeSegments();
    Path first = segment(log, 0);
    assertThat(Wal.inspect(first).verify(NOBODY).records()).isEqualTo(10);
    assertThat(records(first, 1)).isEqualTo(Logs.expected(1, 10));
    flip(first, offsetOf(first, "record 10"));
    assertThat(Wal.inspect(first).verify(NOBODY).verdict()).isEqualTo(WalFindings.Verdict.CORRUPT);
    // Alone, nothing says that the last record was promised.
    Path alone = Files.createDirectories(folder.resolve("alone")).resolve("renamed.bin");
    Files.copy(first, alone);
    WalFindings found = Wal.inspect(alone).verify(NOBODY);
    assertThat(found.verdict()).isEqualTo(WalFindings.Verdict.TORN_TAIL);
    assertThat(records(alone, 1)).isEqualTo(Logs.expected(1, 9));
  }

  @Test
  void aFileWhoseHeadersAreBothDamagedIsCorrupt() throws IOException {
    Path first = segment(threeSegments(), 0);
    flip(first, 40);
    assertThat(Wal.inspect(first).verify(NOBODY).verdict()).isEqualTo(WalFindings.Verdict.CLEAN);
    flip(first, Files.size(first) - 200);
    WalFindings found = Wal.inspect(first).verify(NOBODY);
    assertThat(found.verdict()).isEqualTo(WalFindings.Verdict.CORRUPT);
    assertThat(found.damage().getFirst().reason()).contains("both copies of the header");
  }

  @Test
  void aDamagedManifestIsCorruptionAndEveryRecordIsShown() throws IOException {
    Path log = threeSegments();
    Path manifest = log.resolve(Manifest.FILE);
    Files.write(manifest, new byte[(int) Files.size(manifest)]);
    WalFindings found = Wal.inspect(log).verify(NOBODY);
    assertThat(found.verdict()).isEqualTo(WalFindings.Verdict.CORRUPT);
    assertThat(found.damage()).extracting(WalDamage::file).containsExactly(Manifest.FILE);
    assertThat(records(log, 1)).isEqualTo(Logs.expected(1, 30));
  }

  @Test
  void aLogThatIsOpenIsLookedAtWithoutItsLock() throws IOException {
    Path log = folder.resolve("open");
    try (Wal wal = Wal.open(log, Logs.SMALL)) {
      Logs.append(wal, 1, 25);
      assertThat(Wal.inspect(log).verify(NOBODY).opens()).isTrue();
      assertThat(records(log, 1)).isEqualTo(Logs.expected(1, 25));
    }
  }

  @Test
  void aBatchWithoutItsEndIsNotShown() throws IOException {
    Path log = folder.resolve("batch");
    WalOptions options =
        WalOptions.builder().segmentBytes(4096).stagingBytes(1024).maxBatchBytes(1 << 20).build();
    Batch batch = new Batch();
    for (int n = 2; n <= 400; n++) {
      batch.add(Arrays.copyOf(Logs.record(n), 800));
    }
    try (Wal wal = Wal.open(log, options)) {
      Logs.append(wal, 1, 1);
      wal.append(batch);
    }
    assertThat(records(log, 1)).hasSize(400);
    assertThat(Wal.inspect(log).verify(NOBODY).records()).isEqualTo(400);
    Path file = segment(log, 1);
    Path alone = Files.createDirectories(folder.resolve("cut")).resolve("batch.wal");
    byte[] bytes = Files.readAllBytes(file);
    // Everything from the last frame of the batch on is wiped.
    Arrays.fill(bytes, offsetOf(file, "record 400") - 800, bytes.length - 256, (byte) 0);
    Files.write(alone, bytes);
    assertThat(records(alone, 1)).isEmpty();
    assertThat(Wal.inspect(alone).verify(NOBODY).records()).isZero();
  }

  @Test
  void anEmptyDirectoryIsAnEmptyLogAndAMissingOneIsNone() throws IOException {
    Path empty = Files.createDirectories(folder.resolve("empty"));
    assertThat(Wal.inspect(empty).verify(NOBODY).verdict()).isEqualTo(WalFindings.Verdict.EMPTY);
    assertThatThrownBy(() -> Wal.inspect(folder.resolve("none")))
        .isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void aSegmentThatGoesAwayWhileRecordsAreShownDoesNotEndIt() throws IOException {
    Path log = threeSegments();
    Path second = segment(log, 1);
    List<Long> seen = new ArrayList<>();
    List<WalDamage> told = new ArrayList<>();
    Wal.inspect(log)
        .records(
            1,
            new WalInspection.Visitor() {
              @Override
              public boolean record(WalInspection.Found record) throws IOException {
                seen.add(record.lsn());
                Files.deleteIfExists(second);
                return true;
              }

              @Override
              public void damage(WalDamage damage) {
                told.add(damage);
              }
            });
    assertThat(seen).hasSize(20).startsWith(1L, 2L).endsWith(29L, 30L).doesNotHaveDuplicates();
    assertThat(told).hasSize(1);
    assertThat(told.getFirst().fromLsn()).isEqualTo(11);
    assertThat(told.getFirst().toLsn()).isEqualTo(20);
  }

  @Test
  void whoVisitsCanStop() throws IOException {
    Path log = threeSegments();
    List<Long> seen = new ArrayList<>();
    Wal.inspect(log)
        .records(
            5,
            new WalInspection.Visitor() {
              @Override
              public boolean record(WalInspection.Found record) {
                seen.add(record.lsn());
                return seen.size() < 3;
              }

              @Override
              public void damage(WalDamage damage) {}
            });
    assertThat(seen).containsExactly(5L, 6L, 7L);
  }
}
