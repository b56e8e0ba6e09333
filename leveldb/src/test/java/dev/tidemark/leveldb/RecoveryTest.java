package dev.tidemark.leveldb;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.formats.leveldb.BatchReader;
import dev.tidemark.formats.leveldb.BatchWriter;
import dev.tidemark.formats.leveldb.FileName;
import dev.tidemark.formats.leveldb.LogReader;
import dev.tidemark.testkit.disk.Crash;
import dev.tidemark.testkit.disk.Faults;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.wal.storage.StorageFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The cases of google/leveldb, db/recovery_test.cc, db/corruption_test.cc,
/// db/fault_injection_test.cc and db/db_test.cc that are about what is found at open, under their
/// names; then those of the losses that LevelDB has and this store must not have.
class RecoveryTest {
  private final List<String> warnings = new ArrayList<>();
  private SimulatedDisk disk = new SimulatedDisk();

  private LevelDbOptions.Builder options() {
    return LevelDbOptions.builder().warnings(warnings::add);
  }

  private LevelDb open() throws IOException {
    return LevelDb.openQuiet(disk, options().build());
  }

  private LevelDb open(LevelDbOptions.Builder options) throws IOException {
    return LevelDb.openQuiet(disk, options.build());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  private static void put(LevelDb db, String key, String value) throws IOException {
    db.put(bytes(key), bytes(value), WriteOptions.BUFFERED);
  }

  private static String get(LevelDb db, String key) throws IOException {
    byte[] found = db.get(bytes(key));
    return found == null ? "NOT_FOUND" : new String(found, UTF_8);
  }

  private List<String> files(String end) {
    return disk.fileNames().stream().filter(name -> name.endsWith(end)).sorted().toList();
  }

  private String onlyLog() {
    assertThat(files(".log")).hasSize(1);
    return files(".log").getFirst();
  }

  private long logNumber() {
    return Long.parseLong(onlyLog().replace(".log", ""));
  }

  private String manifest() {
    return new String(disk.bytes("CURRENT"), UTF_8).strip();
  }

  private void makeLog(long number, long sequence, String key, String value) throws IOException {
    BatchWriter batch = new BatchWriter();
    batch.put(ByteBuffer.wrap(bytes(key)), ByteBuffer.wrap(bytes(value)));
    append(FileName.log(number), 0, batch.payload(sequence));
  }

  private void append(String name, long size, ByteBuffer payload) throws IOException {
    try (StorageFile file = size == 0 ? disk.create(name) : disk.open(name)) {
      AppendFile.log(file, 1, size).append(payload);
    }
  }

  // ---- recovery_test.cc

  /// Unlike LevelDB, which goes on with the manifest if it reuses logs.
  @Test
  void manifestReused() throws IOException {
    try (LevelDb db = open()) {
      put(db, "foo", "bar");
    }
    String before = manifest();
    try (LevelDb db = open(options().reuseLogs(true))) {
      assertThat(get(db, "foo")).isEqualTo("bar");
      assertThat(manifest()).isNotEqualTo(before);
    }
    assertThat(disk.fileNames().stream().filter(name -> name.startsWith("MANIFEST"))).hasSize(1);
  }

  @Test
  void largeManifestCompacted() throws IOException {
    try (LevelDb db = open()) {
      put(db, "foo", "bar");
    }
    disk.truncate(manifest(), 3 << 20); // zeros
    try (LevelDb db = open(options().reuseLogs(true))) {
      assertThat(disk.bytes(manifest())).hasSizeLessThan(100_000);
      assertThat(get(db, "foo")).isEqualTo("bar");
    }
    try (LevelDb db = open()) {
      assertThat(get(db, "foo")).isEqualTo("bar");
    }
  }

  @Test
  void noLogFiles() throws IOException {
    try (LevelDb db = open()) {
      put(db, "foo", "bar");
    }
    disk.delete(onlyLog());
    for (int i = 0; i < 2; i++) {
      try (LevelDb db = open()) {
        assertThat(get(db, "foo")).isEqualTo("NOT_FOUND");
      }
    }
    assertThat(warnings).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void logFileReuse(boolean flushFirst) throws IOException {
    try (LevelDb db = open(options().reuseLogs(true))) {
      put(db, "foo", "bar");
      if (flushFirst) {
        db.flush();
      }
    }
    String log = onlyLog();
    assertThat(disk.bytes(log).length > 0).isEqualTo(!flushFirst);
    for (int i = 0; i < 2; i++) {
      try (LevelDb db = open(options().reuseLogs(true))) {
        assertThat(onlyLog()).isEqualTo(log);
        assertThat(get(db, "foo")).isEqualTo("bar");
        put(db, "round" + i, "x");
      }
    }
    try (LevelDb db = open()) {
      assertThat(onlyLog()).isNotEqualTo(log);
      assertThat(get(db, "round0") + get(db, "round1")).isEqualTo("xx");
    }
  }

  @Test
  void multipleMemTables() throws IOException {
    int keys = 1000;
    try (LevelDb db = open()) {
      for (int i = 0; i < keys; i++) {
        put(db, String.format("%050d", i), String.format("%050d", i));
      }
      assertThat(files(".ldb")).isEmpty();
    }
    String before = onlyLog();
    try (LevelDb db = open(options().reuseLogs(true).writeBufferBytes(keys * 100 / 2))) {
      assertThat(files(".ldb")).hasSizeGreaterThanOrEqualTo(2);
      assertThat(onlyLog())
          .as("a log of which tables were written is not gone on with")
          .isNotEqualTo(before);
      for (int i = 0; i < keys; i++) {
        assertThat(get(db, String.format("%050d", i))).isEqualTo(String.format("%050d", i));
      }
    }
  }

  @Test
  void multipleLogFiles() throws IOException {
    try (LevelDb db = open()) {
      put(db, "foo", "bar");
    }
    long old = logNumber();
    makeLog(old + 1, 1000, "hello", "world");
    makeLog(old + 2, 1001, "hi", "there");
    makeLog(old + 3, 1002, "foo", "bar2");
    for (int i = 0; i < 2; i++) {
      try (LevelDb db = open()) {
        assertThat(get(db, "foo") + get(db, "hello") + get(db, "hi")).isEqualTo("bar2worldthere");
        assertThat(logNumber()).isGreaterThan(old + 3);
        assertThat(files(".ldb")).isNotEmpty();
      }
    }
    // A log older than the manifest says is not read again.
    makeLog(old + 1, 2000, "hello", "stale write");
    try (LevelDb db = open()) {
      assertThat(get(db, "foo") + get(db, "hello") + get(db, "hi")).isEqualTo("bar2worldthere");
    }
    assertThat(disk.fileNames()).doesNotContain(FileName.log(old + 1));
  }

  @Test
  void manifestMissing() throws IOException {
    try (LevelDb db = open()) {
      put(db, "foo", "bar");
    }
    disk.delete(manifest());
    assertThatThrownBy(this::open)
        .isInstanceOf(CorruptLevelDbException.class)
        .hasMessageContaining("CURRENT names MANIFEST-000002, which is not there");
  }

  // ---- corruption_test.cc

  /// A bit in the first block loses what stands in that block from there on, and nothing else.
  @Test
  void recovery() throws IOException {
    try (LevelDb db = open()) {
      for (int i = 0; i < 1000; i++) {
        put(db, String.format("key%06d", i), "v".repeat(100));
      }
    }
    disk.flip(onlyLog(), 19 + 20_000, 3);
    assertThatThrownBy(() -> open(options().paranoidChecks(true)))
        .isInstanceOf(CorruptLevelDbException.class)
        .hasMessageContaining("000003.log: checksum mismatch");
    try (LevelDb db = open()) {
      int found = Contents.of(db.cursor()).size();
      assertThat(found).isBetween(850, 950);
      assertThat(get(db, "key000000")).hasSize(100);
      assertThat(get(db, "key000999")).hasSize(100);
    }
    assertThat(warnings.getFirst()).contains("checksum mismatch").contains("passed over");
  }

  @Test
  void recoverWriteError() throws IOException {
    disk.faults().failForEver(Faults.Operation.CREATE, 1, new IOException("simulated"));
    assertThatThrownBy(this::open)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("simulated");
    disk.faults().clear();
    try (LevelDb db = open()) {
      put(db, "foo", "bar");
    }
    assertThat(disk.openFiles()).isZero();
  }

  @Test
  void newFileErrorDuringWrite() throws IOException {
    LevelDb db = open(options().writeBufferBytes(10_000));
    put(db, "b", "before");
    disk.faults().failForEver(Faults.Operation.CREATE, 1, new IOException("simulated"));
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 1000; i++) {
                put(db, "a", "v".repeat(100));
              }
            })
        .isInstanceOf(LevelDbFailedException.class)
        .hasMessageContaining("simulated");
    disk.faults().clear();
    assertThatThrownBy(() -> put(db, "a", "b")).isInstanceOf(LevelDbFailedException.class);
    assertThat(get(db, "b")).isEqualTo("before");
    db.close();
    try (LevelDb again = open()) {
      assertThat(get(again, "a")).hasSize(100);
    }
  }

  @Test
  void corruptedDescriptor() throws IOException {
    try (LevelDb db = open()) {
      put(db, "foo", "hello");
      db.compact();
    }
    // In the middle, at the end and with files of before gone, at the end and paranoid.
    SimulatedDisk good = disk.crash(Crash.keepingAll());
    int end = disk.bytes(manifest()).length - 1;
    disk.flip(manifest(), 20, 1);
    assertThatThrownBy(this::open)
        .isInstanceOf(CorruptLevelDbException.class)
        .hasMessageContaining("MANIFEST-000002: checksum mismatch");
    disk = good.crash(Crash.keepingAll());
    disk.flip(manifest(), end, 1);
    assertThatThrownBy(() -> open(options().paranoidChecks(true)))
        .isInstanceOf(CorruptLevelDbException.class)
        .hasMessageContaining("MANIFEST-000002: checksum mismatch");
    assertThatThrownBy(this::open)
        .isInstanceOf(CorruptLevelDbException.class)
        .hasMessageContaining("missing files");
    assertThatThrownBy(() -> LevelDbReader.open(disk, warnings::add))
        .isInstanceOf(CorruptLevelDbException.class);
  }

  /// LevelDB refuses it; nothing is missing, so there is no need.
  @Test
  void endOfAManifestThatAPowerCutLeftInPiecesIsPassedOver() throws IOException {
    LevelDb db = open();
    put(db, "foo", "hello");
    String log = onlyLog();
    SimulatedDisk before = disk.crash(Crash.keepingAll());
    db.flush();
    byte[] whole = disk.bytes(manifest());
    byte[] torn = Arrays.copyOf(whole, whole.length);
    Arrays.fill(torn, before.bytes(manifest()).length + 20, torn.length, (byte) 0);
    // The edit was being written: the log is there, and the table, which no manifest names.
    before.replace(manifest(), torn);
    disk = before;
    try (LevelDb again = open()) {
      assertThat(get(again, "foo")).isEqualTo("hello");
    }
    assertThat(warnings).hasSize(1);
    assertThat(warnings.getFirst()).contains("MANIFEST-000002: checksum mismatch");
    // The edit was durable and its end rotted later: the log is gone, and with it what only the
    // edit told of.
    disk = new SimulatedDisk();
    LevelDb other = open();
    put(other, "foo", "hello");
    other.flush();
    disk.flip(manifest(), disk.bytes(manifest()).length - 1, 0);
    disk = disk.crash(Crash.keepingAll());
    assertThatThrownBy(this::open)
        .isInstanceOf(CorruptLevelDbException.class)
        .hasMessageContaining(log + " is not there any more");
  }

  /// Not an end in pieces: something whole is behind it, so it was written and synced once.
  @Test
  void damageAmidAManifestIsRefusedWhateverIsThere() throws IOException {
    disk.faults().failForEver(Faults.Operation.DELETE, 1, new IOException("simulated"));
    LevelDb db = open();
    int first = disk.bytes(manifest()).length;
    put(db, "a", "1");
    db.flush();
    put(db, "b", "2");
    db.flush();
    db.close();
    disk.flip(manifest(), first + 10, 0);
    assertThatThrownBy(this::open)
        .isInstanceOf(CorruptLevelDbException.class)
        .hasMessageContaining("MANIFEST-000002: checksum mismatch");
  }

  @Test
  void missingDescriptor() throws IOException {
    try (LevelDb db = open()) {
      put(db, "foo", "hello");
    }
    for (String name : List.copyOf(disk.fileNames())) {
      if (name.startsWith("MANIFEST") || name.equals("CURRENT")) {
        disk.delete(name);
      }
    }
    // LevelDB begins a new store and removes the log.
    assertThatThrownBy(this::open)
        .isInstanceOf(CorruptLevelDbException.class)
        .hasMessageContaining("has no CURRENT");
    assertThat(files(".log")).hasSize(1);
  }

  @Test
  void missingTables() throws IOException {
    try (LevelDb db = open()) {
      put(db, "foo", "hello");
      db.flush();
    }
    disk.delete(files(".ldb").getFirst());
    assertThatThrownBy(this::open)
        .isInstanceOf(CorruptLevelDbException.class)
        .hasMessageContaining("1 missing files; e.g. 000005.ldb");
  }

  @Test
  void sequenceNumberRecovery() throws IOException {
    LevelDb db = open();
    for (int i = 1; i <= 5; i++) {
      put(db, "foo", "v" + i);
    }
    db.close();
    for (int i = 0; i < 3; i++) {
      try (LevelDb again = open()) {
        assertThat(get(again, "foo")).isEqualTo(i == 0 ? "v5" : "w" + i);
        put(again, "foo", "w" + (i + 1));
        assertThat(get(again, "foo")).isEqualTo("w" + (i + 1));
      }
    }
  }

  // ---- db_test.cc

  @Test
  void recoverWithLargeLog() throws IOException {
    try (LevelDb db = open()) {
      put(db, "big1", "1".repeat(200_000));
      put(db, "big2", "2".repeat(200_000));
      put(db, "small3", "3".repeat(10));
      put(db, "small4", "4".repeat(10));
    }
    try (LevelDb db = open(options().writeBufferBytes(100_000))) {
      assertThat(db.store().versions().current().level(0)).hasSize(3);
      assertThat(get(db, "big1")).isEqualTo("1".repeat(200_000));
      assertThat(get(db, "big2")).isEqualTo("2".repeat(200_000));
      assertThat(get(db, "small3") + get(db, "small4")).isEqualTo("33333333334444444444");
    }
  }

  @Test
  void logCloseError() throws IOException {
    LevelDb db = open(options().writeBufferBytes(10_000));
    disk.faults().failForEver(Faults.Operation.CLOSE, 1, new IOException("simulated close"));
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 1000; i++) {
                put(db, "a" + i, "v".repeat(100));
              }
            })
        .isInstanceOf(LevelDbFailedException.class)
        .hasMessageContaining("simulated close");
    assertThatThrownBy(() -> put(db, "b", "c")).isInstanceOf(LevelDbFailedException.class);
  }

  // ---- write_batch_test.cc, as recovery sees it

  @Test
  void batchesThatAreNone() throws IOException {
    try (LevelDb db = open()) {
      put(db, "good", "1");
    }
    String log = onlyLog();
    BatchWriter wrongCount = new BatchWriter();
    wrongCount.put(ByteBuffer.wrap(bytes("kept")), ByteBuffer.wrap(bytes("2")));
    ByteBuffer record = wrongCount.payload(2);
    byte[] changed = new byte[record.remaining()];
    record.get(changed);
    changed[8] = 9;
    append(log, disk.bytes(log).length, ByteBuffer.wrap(changed));
    append(log, disk.bytes(log).length, ByteBuffer.wrap(new byte[] {1, 2, 3}));
    wrongCount.clear();
    wrongCount.put(ByteBuffer.wrap(bytes("after")), ByteBuffer.wrap(bytes("3")));
    append(log, disk.bytes(log).length, wrongCount.payload(30));
    assertThatThrownBy(() -> open(options().paranoidChecks(true)))
        .isInstanceOf(CorruptLevelDbException.class)
        .hasMessageContaining("WriteBatch has wrong count");
    try (LevelDb db = open()) {
      assertThat(get(db, "good") + get(db, "kept") + get(db, "after")).isEqualTo("123");
      put(db, "kept", "newer");
      assertThat(get(db, "kept")).isEqualTo("newer");
    }
    assertThat(warnings).hasSize(2);
    assertThat(warnings.get(1)).contains("log record too small");
  }

  @Test
  void numbersThatAreInTheLogTwiceAreNoHindrance() throws IOException {
    try (LevelDb db = open()) {
      put(db, "k", "1");
    }
    long old = logNumber();
    makeLog(old + 1, 1, "k", "2");
    try (LevelDb db = open()) {
      assertThat(get(db, "k")).isEqualTo("2");
      db.compact();
      assertThat(get(db, "k")).isEqualTo("2");
    }
  }

  @Test
  void sequenceNumbersBeyondTheLastAreRefused() throws IOException {
    try (LevelDb db = open()) {
      put(db, "k", "1");
    }
    long old = logNumber();
    makeLog(old + 1, InternalKeys.MAX_SEQUENCE + 1, "k", "2");
    makeLog(old + 2, -1, "k", "3");
    try (LevelDb db = open()) {
      assertThat(get(db, "k")).isEqualTo("1");
    }
    assertThat(warnings).hasSize(2).allMatch(warning -> warning.contains("above 2^56 - 1"));
    makeLog(old + 10, InternalKeys.MAX_SEQUENCE, "k", "4");
    try (LevelDb db = open()) {
      assertThat(get(db, "k")).isEqualTo("4");
      assertThatThrownBy(() -> put(db, "k", "5"))
          .hasMessageContaining("all sequence numbers are used up");
    }
  }

  // ---- fault_injection_test.cc

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void faultTest(boolean reuseLogs) throws IOException {
    for (int syncedKeys = 0; syncedKeys < 60; syncedKeys += 7) {
      disk = new SimulatedDisk();
      LevelDbOptions.Builder small = options().writeBufferBytes(2048).reuseLogs(reuseLogs);
      for (int life = 0; life < 3; life++) {
        LevelDb db = open(small);
        for (int i = 0; i < syncedKeys; i++) {
          db.put(bytes(life + "synced" + i), bytes("v".repeat(i)), WriteOptions.SYNCED);
        }
        for (int i = 0; i < 10; i++) {
          put(db, life + "unsynced" + i, "v");
        }
        disk = disk.crash(Crash.losingUnsynced()); // unsynced data and files go
        for (int before = 0; before <= life; before++) {
          try (LevelDb again = open(small)) {
            for (int i = 0; i < syncedKeys; i++) {
              assertThat(get(again, before + "synced" + i)).isEqualTo("v".repeat(i));
            }
          }
        }
      }
    }
  }

  // ---- what LevelDB loses

  /// google/leveldb#1287: appended behind a torn record, a synced write is never read again.
  @Test
  void writesBehindATornEndAreRead() throws IOException {
    try (LevelDb db = open()) {
      put(db, "a", "1");
      put(db, "torn", "v".repeat(100));
    }
    String log = onlyLog();
    int whole = 24; // the first record: 7 of framing, 12 of the batch, 5 of the put
    disk.truncate(log, disk.bytes(log).length - 30);
    LevelDb db = open(options().reuseLogs(true));
    assertThat(onlyLog()).isEqualTo(log);
    assertThat(disk.durableBytes(log)).as("the torn end is cut off, durably").hasSize(whole);
    db.put(bytes("b"), bytes("2"), WriteOptions.SYNCED);
    disk = disk.crash(Crash.losingUnsynced());
    try (LevelDb again = open(options().paranoidChecks(true))) {
      assertThat(get(again, "a") + get(again, "b") + get(again, "torn")).isEqualTo("12NOT_FOUND");
    }
    assertThat(warnings).isEmpty();
  }

  @Test
  void damagedLogIsNotGoneOnWith() throws IOException {
    try (LevelDb db = open()) {
      put(db, "a", "1");
      put(db, "b", "2");
    }
    String log = onlyLog();
    disk.flip(log, disk.bytes(log).length - 1, 0);
    try (LevelDb db = open(options().reuseLogs(true))) {
      assertThat(onlyLog()).isNotEqualTo(log);
      assertThat(get(db, "a") + get(db, "b")).isEqualTo("1NOT_FOUND");
    }
  }

  /// google/leveldb#193: a power cut takes a full log that was not synced, and leaves the next one.
  @Test
  void fullLogIsSyncedBeforeTheNextOneIsUsed() throws IOException {
    LevelDb db = open(options().writeBufferBytes(2000));
    for (int i = 0; i < 10; i++) {
      put(db, "k" + i, "v".repeat(150));
    }
    String first = files(".log").getFirst();
    disk.clearOperations();
    while (disk.operations().stream().noneMatch(each -> each.startsWith("create"))) {
      put(db, "more", "v".repeat(150));
    }
    List<String> operations = disk.operations();
    int synced = operations.indexOf("sync " + first);
    int created =
        operations.indexOf(
            operations.stream()
                .filter(each -> each.startsWith("create"))
                .findFirst()
                .orElseThrow());
    assertThat(synced).isBetween(0, created - 1);
    assertThat(operations.get(created + 1)).isEqualTo("syncdir");
    db.close();
  }

  @Test
  void currentIsRenamedBetweenTwoSyncsOfTheDirectory() throws IOException {
    open().close();
    disk.clearOperations();
    open().close();
    List<String> operations = disk.operations();
    int renamed = operations.indexOf("rename 000004.dbtmp CURRENT");
    assertThat(operations.subList(0, renamed))
        .containsSubsequence(
            "create 000005.log",
            "create MANIFEST-000004",
            "sync MANIFEST-000004",
            "syncdir",
            "create 000004.dbtmp",
            "sync 000004.dbtmp");
    assertThat(operations.get(renamed + 1)).isEqualTo("syncdir");
    assertThat(operations.subList(renamed + 2, operations.size()))
        .contains("delete 000003.log", "delete MANIFEST-000002");
  }

  @Test
  void groupsAreOneRecordOfTheLog() throws IOException {
    try (LevelDb db = open()) {
      db.write(
          new WriteBatch().put(bytes("a"), bytes("1")).delete(bytes("b")), WriteOptions.SYNCED);
      db.write(new WriteBatch(), WriteOptions.SYNCED);
    }
    try (LogReader records =
        new LogReader(new ByteArrayInputStream(disk.bytes(onlyLog())), damage -> {})) {
      assertThat(records.next()).isTrue();
      assertThat(BatchReader.of(records.payload()).count()).isEqualTo(2);
      assertThat(records.next()).isFalse();
    }
  }
}
