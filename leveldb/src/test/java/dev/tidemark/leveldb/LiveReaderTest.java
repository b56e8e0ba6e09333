package dev.tidemark.leveldb;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.formats.leveldb.FileName;
import dev.tidemark.wal.storage.FileStorage;
import dev.tidemark.wal.storage.ForwardingFile;
import dev.tidemark.wal.storage.ForwardingStorage;
import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A reader beside a store that works.
@Timeout(60)
class LiveReaderTest {
  @TempDir private Path directory;

  private static byte[] bytes(String text) {
    return text.getBytes(US_ASCII);
  }

  /// What the store does between what a reader reads first and what it lists.
  private interface Meanwhile {
    void run() throws IOException;
  }

  private Storage beside(Meanwhile meanwhile) throws IOException {
    return new ForwardingStorage(FileStorage.openReadOnly(directory)) {
      // Owned by the reader's thread.
      private int lists;

      @Override
      public List<String> list() throws IOException {
        List<String> names = super.list();
        if (lists++ < 2) {
          meanwhile.run();
        }
        return lists == 1 ? names : super.list();
      }
    };
  }

  private void awaitOne(LevelDb db, String ending) throws IOException {
    while (FileStorage.openReadOnly(directory).list().stream()
            .filter(name -> name.endsWith(ending))
            .count()
        > 1) {
      assertThat(db.get(bytes("none"))).isNull();
      Thread.onSpinWait();
    }
  }

  @Test
  void aLogThatIsFlushedWhileTheDirectoryIsReadIsNotMissed() throws IOException {
    try (LevelDb db = LevelDb.open(directory)) {
      db.put(bytes("old"), bytes("1"));
      Meanwhile flush =
          () -> {
            db.flush();
            db.put(bytes("new"), bytes("2"));
            awaitOne(db, ".log");
          };
      try (LevelDbReader reader = LevelDbReader.open(beside(flush), warning -> {})) {
        assertThat(reader.get(bytes("old"))).isEqualTo(bytes("1"));
      }
    }
  }

  @Test
  void tablesThatAreMergedWhileTheDirectoryIsReadAreNoDamage() throws IOException {
    try (LevelDb db = LevelDb.open(directory)) {
      for (int round = 0; round < 2; round++) {
        db.put(bytes("key"), bytes("value " + round));
        db.flush();
      }
      Meanwhile merge =
          () -> {
            db.compact();
            awaitOne(db, ".ldb");
          };
      try (LevelDbReader reader = LevelDbReader.open(beside(merge), warning -> {})) {
        assertThat(reader.get(bytes("key"))).isEqualTo(bytes("value 1"));
      }
    }
  }

  /// Zeros at the end of a log are passed over; what is written over them, and behind them, while
  /// they are read is all seen or not at all.
  @Test
  void whatIsWrittenLaterIsNotSeenWithoutWhatWasWrittenBefore() throws IOException {
    try (LevelDb db = LevelDb.open(directory)) {
      db.put(bytes("first"), new byte[60_000]);
      Meanwhile write =
          () -> {
            db.put(bytes("second"), new byte[2_000]); // in place of zeros
            db.put(bytes("third"), new byte[10_000]);
            db.put(bytes("fourth"), new byte[10]); // in a block of which nothing was there
          };
      boolean[] written = {false};
      List<String> warnings = new ArrayList<>();
      try (LevelDbReader reader = LevelDbReader.open(readingLogs(write, written), warnings::add)) {
        assertThat(written[0]).isTrue();
        assertThat(reader.get(bytes("first"))).hasSize(60_000);
        assertThat(Contents.of(reader.cursor())).hasSize(1);
        assertThat(warnings).isEmpty();
      }
    }
  }

  /// Something happens behind the first read of a log.
  private Storage readingLogs(Meanwhile meanwhile, boolean[] done) throws IOException {
    return new ForwardingStorage(FileStorage.openReadOnly(directory)) {
      @Override
      public StorageFile openForRead(String name) throws IOException {
        return new ForwardingFile(super.openForRead(name)) {
          @Override
          public int read(long offset, MemorySegment target) throws IOException {
            int got = super.read(offset, target);
            if (name.endsWith(".log") && !done[0]) {
              done[0] = true;
              meanwhile.run();
            }
            return got;
          }
        };
      }
    };
  }

  @Test
  @Timeout(value = 30, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void aListenerThatThrowsAnErrorHangsNobody() throws IOException {
    boolean[] broken = {false};
    Storage storage =
        new ForwardingStorage(FileStorage.open(directory, FileName.LOCK)) {
          @Override
          public void syncDirectory() throws IOException {
            if (broken[0]) {
              throw new IOException("the disk is broken");
            }
            super.syncDirectory();
          }
        };
    LevelDbOptions options =
        LevelDbOptions.builder()
            .writeBufferBytes(1 << 10)
            .warnings(
                warning -> {
                  throw new AssertionError(warning);
                })
            .build();
    int refused = 0;
    try (LevelDb db = LevelDb.open(storage, options)) {
      broken[0] = true;
      for (int key = 0; key < 20; key++) {
        try {
          db.put(bytes("key " + key), new byte[500]);
        } catch (LevelDbFailedException failed) {
          refused++;
        }
      }
    }
    assertThat(refused).isPositive();
  }
}
