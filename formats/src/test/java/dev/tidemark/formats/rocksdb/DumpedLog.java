package dev.tidemark.formats.rocksdb;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.tidemark.formats.leveldb.LogLayout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;

/// Shows records as `ldb dump_wal --header` does, RocksDB's own program.
final class DumpedLog {
  private static final String HEADER = "Sequence,Count,ByteSize,Physical Offset,Key(s)\n";

  // Behind sequence, count and size of a record.
  private static final Pattern OFFSET = Pattern.compile("(?m)^(\\d+,\\d+,\\d+,)(\\d+)");

  private final StringBuilder text = new StringBuilder(HEADER);

  private DumpedLog() {}

  /// {@return all records of a reader}
  static String of(LogReader reader) throws IOException {
    DumpedLog dumped = new DumpedLog();
    while (reader.next()) {
      dumped.add(reader);
    }
    return dumped.text.toString();
  }

  private void add(LogReader reader) throws IOException {
    BatchReader batch = BatchReader.of(reader.payload());
    text.append(
        String.format(
            Locale.ROOT,
            "%d,%d,%d,%d,",
            batch.sequence(),
            batch.count(),
            reader.payload().remaining(),
            reader.offset()));
    while (batch.next()) {
      text.append(operation(batch));
    }
    text.append('\n');
  }

  private static String operation(BatchReader batch) {
    String name = batch.operation().name();
    String family = name + "(" + batch.columnFamily() + ") : ";
    return switch (batch.operation()) {
      case PUT, DELETE, SINGLE_DELETE, MERGE -> family + hex(batch.key()) + " ";
      case DELETE_RANGE -> family + hex(batch.key()) + " " + hex(batch.value()) + " ";
      case BEGIN_PREPARE -> name + "(false) ";
      case END_PREPARE, COMMIT, ROLLBACK -> name + "(" + hex(batch.key()) + ") ";
      default -> "";
    };
  }

  private static String hex(ByteBuffer bytes) {
    return "0x" + HexFormat.of().withUpperCase().formatHex(array(bytes));
  }

  static byte[] array(ByteBuffer bytes) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(bytes.position(), copy);
    return copy;
  }

  /// Skips the test if the program is not there.
  static void assumeLdb() {
    boolean there;
    try {
      there = run("ldb", "--version").contains("ldb");
    } catch (IOException missing) {
      there = false;
    }
    Assumptions.assumeTrue(
        there,
        "no ldb (package rocksdb-tools): not proven that RocksDB's own reader shows the same records");
  }

  /// {@return what the program shows of a log} The program says of a record behind the trailer of a
  /// block that it begins with the trailer; here it does not.
  static String byLdb(Path file) throws IOException {
    String shown = run("ldb", "dump_wal", "--walfile=" + file, "--header");
    return OFFSET
        .matcher(shown)
        .replaceAll(found -> found.group(1) + behindTrailer(Long.parseLong(found.group(2))));
  }

  private static long behindTrailer(long offset) {
    long left = LogLayout.BLOCK_BYTES - offset % LogLayout.BLOCK_BYTES;
    return left < LogLayout.HEADER_BYTES ? offset + left : offset;
  }

  /// {@return what a program says on its standard output}
  static String run(String... command) throws IOException {
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    try {
      String said = new String(process.getInputStream().readAllBytes(), US_ASCII);
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        throw new IOException(command[0] + " hangs");
      }
      return said;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    } finally {
      process.destroyForcibly();
    }
  }
}
