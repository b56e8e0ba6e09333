package dev.tidemark.formats.rocksdb;

import static dev.tidemark.formats.Damage.Kind.TORN_TAIL;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.formats.Damage;
import dev.tidemark.formats.Described;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Logs that RocksDB 7.8 and 11.8.1 left, and what `ldb dump_wal --header` of 7.8 shows of them.
class GoldenTest {
  static byte[] golden(String name) throws IOException {
    String path = "/golden/rocksdb/" + name + ".gz";
    try (InputStream file = GoldenTest.class.getResourceAsStream(path)) {
      if (file == null) {
        throw new IOException("no " + path);
      }
      return new GZIPInputStream(file).readAllBytes();
    }
  }

  static LogReader open(byte[] file, long number, RecoveryMode mode, List<Damage> damage) {
    return new LogReader(
        new ByteArrayInputStream(file), OptionalLong.of(number), mode, damage::add);
  }

  static long number(String name) {
    return Long.parseLong(name.replaceAll(".*/(\\d+)\\.log", "$1"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "plain/000004.log",
        "recycled/000027.log",
        "recycled/000029.log",
        "zstd/000004.log",
        "again/000014.log",
        "again/000017.log",
        "again-zstd/000014.log",
        "again-zstd/000017.log",
        "operations/000004.log",
        "operations-zstd/000004.log",
        "prepared/000004.log",
        "tracked/000004.log",
        "tracked/000008.log",
        "tracked/000010.log",
        "tracked-again/000004.log"
      })
  void recordsAreThoseThatLdbShows(String name) throws IOException {
    byte[] file = golden(name);
    String expected = new String(golden(name + ".expect"), US_ASCII);
    for (RecoveryMode mode :
        List.of(RecoveryMode.POINT_IN_TIME_RECOVERY, RecoveryMode.SKIP_ANY_CORRUPTED_RECORDS)) {
      List<Damage> damage = new ArrayList<>();
      try (LogReader reader = open(file, number(name), mode, damage)) {
        assertThat(DumpedLog.of(reader)).isEqualTo(expected);
      }
      if (!name.contains("again/000017") && !name.contains("again-zstd/000017")) {
        assertThat(damage).isEmpty();
      }
      assertThat(damage.stream().map(Damage::kind)).allMatch(TORN_TAIL::equals);
    }
  }

  /// The file is longer than what was written when it was used again.
  @Test
  void aFileThatWasUsedAgainEndsAmidOldBytesWhichIsNoCorruption() throws IOException {
    for (String name : List.of("again/000017.log", "again-zstd/000017.log")) {
      byte[] file = golden(name);
      List<Damage> damage = new ArrayList<>();
      long last = 0;
      try (LogReader reader = open(file, 17, RecoveryMode.POINT_IN_TIME_RECOVERY, damage)) {
        while (reader.next()) {
          last = reader.endOffset();
        }
      }
      assertThat(last).isLessThan(file.length / 4);
      assertThat(damage).hasSize(1);
      assertThat(damage.getFirst().kind()).isEqualTo(TORN_TAIL);
      assertThat(damage.getFirst().offset()).isEqualTo(last);
      assertThat(damage.getFirst().reason()).contains("old bytes of a file that is used again");
    }
  }

  /// `ldb` of 7.8 takes these for damaged: they name the log before them, which came later.
  @ParameterizedTest
  @ValueSource(strings = {"tracked-again/000008.log", "tracked-again/000010.log"})
  void aLogThatNamesTheOneBeforeItIsRead(String name) throws IOException {
    int round = name.contains("08") ? 1 : 2;
    List<Damage> damage = new ArrayList<>();
    List<String> records = new ArrayList<>();
    try (LogReader reader =
        open(golden(name), number(name), RecoveryMode.POINT_IN_TIME_RECOVERY, damage)) {
      while (reader.next()) {
        ByteBuffer payload = reader.payload();
        records.add(Described.by(sink -> new RocksDbFormat().describe(payload, sink)));
      }
    }
    List<String> expected = new ArrayList<>();
    for (int key = 0; key < 9; key++) {
      expected.add(
          String.format(
              "{sequence: %d, count: 1, operations: [{op: \"put\", columnFamily: 0, key: x'6b%02x',"
                  + " value: x'726f756e6420%02x20%02x'}]}",
              2 + 9 * round + key, '0' + key, '0' + round, '0' + key));
    }
    assertThat(records).isEqualTo(expected);
    assertThat(damage).isEmpty();
  }
}
