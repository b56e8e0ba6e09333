package dev.tidemark.cli;

import dev.tidemark.cli.screen.Results;
import dev.tidemark.formats.leveldb.BatchWriter;
import dev.tidemark.formats.leveldb.LogWriter;
import dev.tidemark.wal.Batch;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/// Lets the commands that read much read something, for a JVM that keeps what it learned on the way
/// (`java -XX:AOTCacheOutput`, JEP 515): which classes there are, and which of their methods are
/// worth compiling at once. A command that is over in a second otherwise spends most of it in code
/// that is not compiled yet. The launcher runs this once for each build; the logs are made in a
/// temporary folder and removed.
final class Rehearsal {
  private static final int RECORD_BYTES = 120;
  private static final int BATCH_RECORDS = 500;
  private static final int RECORDS = 500_000;

  // How many are written as JSON, which takes longer.
  private static final String DUMPED = "40000";

  private Rehearsal() {}

  /// Rehearses, and says nothing unless it fails.
  ///
  /// @param arguments none
  /// @throws IOException if the logs cannot be made
  public static void main(String[] arguments) throws IOException {
    Path folder = Files.createTempDirectory("tidemark-rehearsal");
    try {
      Path own = folder.resolve("own");
      Path foreign = Files.createDirectories(folder.resolve("leveldb"));
      writeOwn(own);
      writeForeign(foreign.resolve("000003.log"));
      for (Path log : new Path[] {own, foreign}) {
        run("inspect", log.toString());
        run("stats", log.toString());
        run("verify", log.toString());
        run("verify", "--json", log.toString());
        run("dump", log.toString(), "--limit", DUMPED);
      }
    } finally {
      remove(folder);
    }
  }

  private static void run(String... arguments) {
    int code = Tidemark.run(new Results(OutputStream.nullOutputStream()), arguments);
    if (code != 0) {
      throw new IllegalStateException(String.join(" ", arguments) + " ended with " + code);
    }
  }

  private static byte[] record() {
    return "a record ".repeat(14).substring(0, RECORD_BYTES).getBytes(StandardCharsets.US_ASCII);
  }

  private static void writeOwn(Path directory) throws IOException {
    byte[] record = record();
    Batch batch = new Batch();
    for (int i = 0; i < BATCH_RECORDS; i++) {
      batch.add(record);
    }
    try (Wal wal = Wal.open(directory, WalOptions.defaults())) {
      for (int i = 0; i < RECORDS; i += BATCH_RECORDS) {
        wal.append(batch);
      }
    }
  }

  private static void writeForeign(Path file) throws IOException {
    ByteBuffer value = ByteBuffer.wrap(record());
    ByteBuffer key = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.BIG_ENDIAN);
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20);
        LogWriter log = new LogWriter(out)) {
      BatchWriter batch = new BatchWriter();
      for (int i = 0; i < RECORDS; i++) {
        batch.clear();
        batch.put(key.putInt(0, i), value);
        log.append(batch.payload(i + 1L));
      }
    }
  }

  private static void remove(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
