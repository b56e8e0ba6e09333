package dev.tidemark.wal.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.SyncPolicy;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.storage.Host;
import dev.tidemark.wal.storage.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Small logs for tests: 4 KiB segments, 1 KiB of staging.
public final class Logs {
  public static final WalOptions SMALL =
      WalOptions.builder().segmentBytes(4096).stagingBytes(1024).build();

  private Logs() {}

  public static WalOptions small(SyncPolicy sync) {
    return WalOptions.builder().segmentBytes(4096).stagingBytes(1024).sync(sync).build();
  }

  public static Wal open(Storage storage) throws IOException {
    return Wal.open(storage, Host.system(), SMALL);
  }

  public static byte[] record(long n) {
    return ("record " + n).getBytes(UTF_8);
  }

  /// Appends `record n` for each n, durable on return.
  public static void append(Wal wal, int from, int to) throws IOException {
    for (int n = from; n <= to; n++) {
      wal.append(record(n));
    }
  }

  /// All records from the first on, each as `LSN:text`.
  public static List<String> read(Wal wal) throws IOException {
    try (Cursor cursor = wal.read()) {
      return read(cursor);
    }
  }

  public static List<String> read(Wal wal, long from) throws IOException {
    try (Cursor cursor = wal.read(from)) {
      return read(cursor);
    }
  }

  private static List<String> read(Cursor cursor) throws IOException {
    List<String> records = new ArrayList<>();
    while (cursor.next()) {
      records.add(cursor.lsn() + ":" + new String(cursor.bytes(), UTF_8));
    }
    return records;
  }

  /// What [#read] answers for a log to which `record n` was appended as LSN n.
  public static List<String> expected(long from, long to) {
    List<String> records = new ArrayList<>();
    for (long n = from; n <= to; n++) {
      records.add(n + ":record " + n);
    }
    return records;
  }

  /// Waits until the log has prepared what it wants, and no thread of it works by itself.
  public static void awaitSpares(Wal wal) {
    while (wal.metrics().files().spares() < Spares.WANTED) {
      if (Thread.interrupted()) {
        throw new AssertionError("no spares: " + wal.metrics());
      }
      Thread.onSpinWait();
    }
  }
}
