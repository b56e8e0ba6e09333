package dev.tidemark.formats.rocksdb;

import static dev.tidemark.formats.rocksdb.RecoveryMode.TOLERATE_CORRUPTED_TAIL_RECORDS;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.formats.leveldb.BatchWriter;
import dev.tidemark.formats.leveldb.LogLayout;
import dev.tidemark.formats.leveldb.LogWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// RocksDB's own program shows the same records, with the same sequence numbers, counts, sizes,
/// offsets and keys.
class LdbTest {
  @TempDir private Path directory;

  @BeforeAll
  static void assumeLdb() {
    DumpedLog.assumeLdb();
  }

  private static String shown(Path file, long number) throws IOException {
    try (LogReader reader =
        GoldenTest.open(
            Files.readAllBytes(file), number, TOLERATE_CORRUPTED_TAIL_RECORDS, new ArrayList<>())) {
      return DumpedLog.of(reader);
    }
  }

  private void assertSame(String what, byte[] file, int number) throws IOException {
    Path path = directory.resolve(String.format("%06d.log", number));
    Files.write(path, file);
    assertThat(shown(path, number)).as(what).isEqualTo(DumpedLog.byLdb(path));
  }

  @Test
  void logsThatLdbItselfWrites() throws IOException {
    String db = "--db=" + directory.resolve("db");
    assertThat(DumpedLog.run("ldb", db, "--create_if_missing", "put", "k", "v")).contains("OK");
    DumpedLog.run("ldb", db, "batchput", "a", "1", "b", "2");
    DumpedLog.run("ldb", db, "deleterange", "a", "b");
    RocksDbFormat format = new RocksDbFormat();
    List<Path> logs = format.files(directory.resolve("db"));
    assertThat(logs).isNotEmpty();
    for (Path log : logs) {
      long number = Long.parseLong(log.getFileName().toString().replace(".log", ""));
      String byLdb = DumpedLog.byLdb(log);
      assertThat(byLdb).contains("DELETE_RANGE");
      assertThat(shown(log, number)).isEqualTo(byLdb);
      assertThat(format.likeness(log).name()).isEqualTo("CONTENT");
    }
    assertThat(format.likeness(directory.resolve("db")).name()).isEqualTo("CONTENT");
  }

  @Test
  void logsThatOurWriterWritesForLevelDb() throws IOException {
    long seed = new Random().nextLong();
    System.out.printf("a LevelDB log for ldb, seed %d%n", seed);
    Random random = new Random(seed);
    Path path = directory.resolve("000007.log");
    long sequence = 1;
    try (OutputStream out = Files.newOutputStream(path);
        LogWriter writer = new LogWriter(out)) {
      for (int record = 0; record < 300; record++) {
        BatchWriter batch = new BatchWriter();
        int operations = random.nextInt(6);
        for (int operation = 0; operation < operations; operation++) {
          ByteBuffer key = ByteBuffer.wrap(("key" + random.nextInt(100)).getBytes(US_ASCII));
          if (random.nextInt(3) > 0) {
            batch.put(key, ByteBuffer.allocate(random.nextInt(1 << random.nextInt(17))));
          } else {
            batch.delete(key);
          }
        }
        writer.append(batch.payload(sequence));
        sequence += operations;
      }
    }
    String byLdb = DumpedLog.byLdb(path);
    assertThat(byLdb.lines()).hasSize(301);
    assertThat(shown(path, 7)).as("seed %d", seed).isEqualTo(byLdb);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 6, 7, 8, 10, 11})
  void recordsBehindTheTrailerOfABlock(int trailer) throws IOException {
    WalFile plain = WalFile.plain();
    WalFile numbered = WalFile.numbered();
    BatchWriter batch = new BatchWriter();
    int value = LogLayout.BLOCK_BYTES - trailer - 12 - 6; // behind header, tag, key and its length
    batch.put(
        ByteBuffer.wrap(new byte[] {'k'}), ByteBuffer.allocate(value - LogLayout.HEADER_BYTES));
    plain.record(DumpedLog.array(batch.payload(1))).record(WalFile.put(2, "k", "v"));
    assertSame("plain, trailer " + trailer, plain.file(), 123);
    batch.clear();
    batch.put(
        ByteBuffer.wrap(new byte[] {'k'}),
        ByteBuffer.allocate(value - WalLayout.NUMBERED_HEADER_BYTES));
    numbered.record(DumpedLog.array(batch.payload(1))).record(WalFile.put(2, "k", "v"));
    assertSame("with log numbers, trailer " + trailer, numbered.file(), 123);
    assertThat(shown(directory.resolve("000123.log"), 123).lines()).hasSize(3);
  }

  /// Whatever is damaged: the same records are shown. Not compared are types that came after 7.8.
  @Test
  void damagedLogs() throws IOException {
    long seed = new Random().nextLong();
    System.out.printf("damaged logs for ldb, seed %d%n", seed);
    Random random = new Random(seed);
    List<byte[]> files =
        List.of(
            GoldenTest.golden("operations/000004.log"),
            GoldenTest.golden("operations-zstd/000004.log"),
            GoldenTest.golden("again/000017.log"),
            GoldenTest.golden("again-zstd/000017.log"),
            crafted());
    int[] numbers = {4, 4, 17, 17, 123};
    for (int drawn = 0; drawn < 150; drawn++) {
      int which = random.nextInt(files.size());
      byte[] file = files.get(which).clone();
      String what = "seed " + seed + ", number " + drawn + ", file " + which + ": ";
      if (random.nextBoolean()) {
        int length = random.nextInt(file.length);
        file = Arrays.copyOf(file, length);
        what += "cut to " + length;
      }
      for (int flip = random.nextInt(3); flip > 0 && file.length > 7; flip--) {
        // Early, where the log is: files used again are longer than what is in them.
        int at = random.nextInt(Math.min(file.length, 6000));
        file[at] ^= (byte) (1 << random.nextInt(8));
        what += ", changed at " + at;
      }
      assertSame(what, file, numbers[which]);
    }
  }

  /// Records of several blocks with log numbers, empty ones, and an old tail.
  private static byte[] crafted() {
    byte[] old = WalFile.numbered(90).record(new byte[100_000]).file();
    WalFile file = WalFile.numbered(123);
    for (int record = 0; record < 20; record++) {
      file.record(WalFile.put(record + 1, "k" + record, WalFile.big("v", record * 6)));
    }
    BatchWriter large = new BatchWriter();
    large.put(ByteBuffer.wrap(new byte[] {'k'}), ByteBuffer.allocate(50_000));
    file.record(DumpedLog.array(large.payload(21))).record(WalFile.put(22, "last", "1"));
    byte[] both = old.clone();
    System.arraycopy(file.file(), 0, both, 0, file.size());
    return both;
  }
}
