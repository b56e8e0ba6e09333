package dev.tidemark.formats.rocksdb;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.formats.DamageListener;
import dev.tidemark.formats.LogFormat.Likeness;
import dev.tidemark.formats.Reading;
import dev.tidemark.formats.RecordReader;
import dev.tidemark.formats.leveldb.LevelDbFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Told apart from LevelDB's logs, whose bytes may be the same.
class RocksDbFormatTest {
  private final RocksDbFormat rocksDb = new RocksDbFormat();
  private final LevelDbFormat levelDb = new LevelDbFormat();

  @TempDir private Path directory;

  private Path log(byte[] file) throws IOException {
    return Files.write(directory.resolve("000004.log"), file);
  }

  private void assertRocksDb(Path path) throws IOException {
    assertThat(rocksDb.likeness(path)).isEqualTo(Likeness.CONTENT);
    assertThat(levelDb.likeness(path)).isNotEqualTo(Likeness.CONTENT);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "plain/000004.log",
        "recycled/000029.log",
        "zstd/000004.log",
        "again/000017.log",
        "again-zstd/000014.log",
        "operations/000004.log",
        "prepared/000004.log",
        "tracked/000008.log"
      })
  void realLogsAreKnownByTheirBytesAlone(String name) throws IOException {
    assertRocksDb(log(GoldenTest.golden(name)));
    assertRocksDb(directory.resolve("000004.log"));
    assertThat(rocksDb.likeness(directory)).isEqualTo(Likeness.CONTENT);
  }

  /// As long as no name tells what it is.
  @ParameterizedTest
  @CsvSource({"true, 1, CONTENT", "false, 1, NAME", "false, 2, CONTENT", "false, 77, NONE"})
  void aLogWhoseFirstRecordIsLongIsKnownByItsBeginning(boolean numbered, int tag, Likeness likeness)
      throws IOException {
    byte[] payload = new byte[2 << 20];
    payload[8] = 1; // of operations
    payload[12] = (byte) tag;
    byte[] file = (numbered ? WalFile.numbered() : WalFile.plain()).record(payload).file();
    Path other = Files.write(directory.resolve("something"), file);
    assertThat(rocksDb.likeness(other)).isEqualTo(likeness);
    assertThat(levelDb.likeness(other))
        .isEqualTo(likeness == Likeness.NAME ? Likeness.CONTENT : Likeness.NONE);
  }

  @Test
  void aLogThatLevelDbCouldHaveWrittenIsLevelDbs() throws IOException {
    Path log = log(WalFile.plain().record(WalFile.put(1, "k", "v")).file());
    assertThat(rocksDb.likeness(log)).isEqualTo(Likeness.NAME);
    assertThat(levelDb.likeness(log)).isEqualTo(Likeness.CONTENT);
  }

  @ParameterizedTest
  @ValueSource(strings = {"IDENTITY", "OPTIONS-000007"})
  void unlessRocksDbsFilesStandBesideIt(String trace) throws IOException {
    Path log = log(WalFile.plain().record(WalFile.put(1, "k", "v")).file());
    Files.createFile(directory.resolve(trace));
    assertRocksDb(log);
    assertRocksDb(directory);
  }

  @Test
  void withoutARecordNothingButItsPlaceSpeaksForIt() throws IOException {
    Path log = log(new byte[0]);
    assertThat(rocksDb.likeness(log)).isEqualTo(Likeness.NONE);
    Files.createFile(directory.resolve("IDENTITY"));
    assertThat(rocksDb.likeness(log)).isEqualTo(Likeness.NAME);
    assertThat(rocksDb.likeness(directory)).isEqualTo(Likeness.NAME);
    Files.createFile(directory.resolve("CURRENT"));
    assertThat(rocksDb.likeness(directory)).isEqualTo(Likeness.CONTENT);
  }

  @Test
  void otherFilesAreNotRocksDbs() throws IOException {
    Path log =
        log("2026-01-01 00:00:00 a line of another kind of log\n".repeat(100).getBytes(US_ASCII));
    assertThat(rocksDb.likeness(log)).isEqualTo(Likeness.NONE);
    assertThat(rocksDb.likeness(directory)).isEqualTo(Likeness.NONE);
    Path noBatch = log(WalFile.plain().record("a record that is no batch").file());
    assertThat(rocksDb.likeness(noBatch)).isEqualTo(Likeness.NONE);
  }

  @Test
  void asTheSystemStopsAtDamageAndAllThatIsWholeGoesOn() throws IOException {
    WalFile begun = WalFile.plain().record(WalFile.put(1, "k", "v"));
    int damaged = begun.size();
    byte[] file =
        begun
            .record(WalFile.put(2, "k", WalFile.big("v", 100)))
            .raw(new byte[32_768 - damaged - 7 - 12 - 104])
            .record(WalFile.put(3, "k", "v"))
            .file();
    file[damaged] ^= 1;
    Path log = log(file);
    assertThat(records(log, Reading.AS_THE_SYSTEM)).isEqualTo(1);
    assertThat(records(log, Reading.ALL_THAT_IS_WHOLE)).isEqualTo(2);
  }

  private int records(Path log, Reading reading) throws IOException {
    int records = 0;
    try (RecordReader reader = rocksDb.open(log, reading, DamageListener.ignoring())) {
      while (reader.next()) {
        records++;
      }
    }
    return records;
  }

  @Test
  void theNumberInTheNameTellsOldFragments() throws IOException {
    Path log = log(WalFile.numbered(4).record(WalFile.put(1, "k", "v")).file());
    assertThat(records(log, Reading.AS_THE_SYSTEM)).isEqualTo(1);
    log(WalFile.numbered(5).record(WalFile.put(1, "k", "v")).file());
    assertThat(records(log, Reading.AS_THE_SYSTEM)).isZero();
    Path unnamed = Files.copy(log, directory.resolve("copy"));
    assertThat(records(unnamed, Reading.AS_THE_SYSTEM)).isEqualTo(1);
  }
}
