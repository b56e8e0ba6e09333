package dev.tidemark.formats.rocksdb;

import dev.tidemark.formats.DamageListener;
import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.LogFormat.Likeness;
import dev.tidemark.formats.leveldb.BatchHeader;
import dev.tidemark.formats.leveldb.FileName;
import dev.tidemark.formats.leveldb.LogLayout;
import dev.tidemark.formats.leveldb.RocksDbTraces;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// Looks at the beginning of a log file, and at what stands beside it.
final class WalProbe {
  private static final int PROBED_BYTES = 256 * 1024;
  private static final int MOST_FILES = 3;

  private WalProbe() {}

  static Likeness ofDirectory(Path directory) throws IOException {
    Likeness most = Likeness.NONE;
    if (RocksDbTraces.in(directory)) {
      most = Files.exists(directory.resolve(FileName.CURRENT)) ? Likeness.CONTENT : Likeness.NAME;
    }
    List<Path> logs = new RocksDbFormat().files(directory);
    // The oldest may be empty.
    for (int log = 0; log < Math.min(MOST_FILES, logs.size()); log++) {
      Likeness likeness = ofFile(logs.get(log));
      most = likeness.compareTo(most) > 0 ? likeness : most;
    }
    return most;
  }

  static Likeness ofFile(Path file) throws IOException {
    Path directory = file.toAbsolutePath().getParent();
    boolean traces = directory != null && RocksDbTraces.in(directory);
    byte[] beginning;
    try (InputStream in = Files.newInputStream(file)) {
      beginning = in.readNBytes(PROBED_BYTES);
    }
    if (hasOwnFragments(beginning)) {
      return Likeness.CONTENT;
    }
    Likeness batches = ofBatches(beginning);
    if (batches == Likeness.NONE) {
      batches = ofLongRecord(beginning);
    }
    if (batches == Likeness.NAME) {
      return traces ? Likeness.CONTENT : Likeness.NAME;
    }
    if (batches == Likeness.NONE && isEmpty(beginning)) {
      return traces && FileName.isLog(file) ? Likeness.NAME : Likeness.NONE;
    }
    return batches;
  }

  /// {@return whether a whole fragment is of a type that LevelDB has not}
  private static boolean hasOwnFragments(byte[] beginning) throws IOException {
    try (FragmentReader fragments = fragments(beginning)) {
      while (true) {
        int type = fragments.next();
        if (type == FragmentReader.END || type == FragmentReader.TORN_HEADER) {
          return false;
        }
        if (type >= WalLayout.NUMBERED + 1
            && (WalLayout.isNumbered(type) || MetadataRecords.isOne(type))) {
          return true;
        }
      }
    }
  }

  /// {@return what [#ofBatches] would say of a first record that is longer than what was read, as
  /// far as its first fragment shows it}
  private static Likeness ofLongRecord(byte[] beginning) throws IOException {
    try (FragmentReader fragments = fragments(beginning)) {
      if (fragments.next() != LogLayout.FIRST) {
        return Likeness.NONE;
      }
      OptionalInt tag = BatchHeader.firstTag(fragments.payload());
      if (tag.isEmpty() || Operation.of(tag.getAsInt()) == null) {
        return Likeness.NONE;
      }
      return BatchReader.isLevelDb(tag.getAsInt()) ? Likeness.NAME : Likeness.CONTENT;
    }
  }

  private static FragmentReader fragments(byte[] beginning) {
    return new FragmentReader(new ByteArrayInputStream(beginning), OptionalLong.empty(), false);
  }

  private static boolean isEmpty(byte[] beginning) throws IOException {
    try (LogReader log = open(beginning)) {
      return !log.next();
    }
  }

  /// {@return CONTENT if a batch has what LevelDB has not; NAME if LevelDB could have written them;
  /// NONE if there is none, or something else}
  private static Likeness ofBatches(byte[] beginning) throws IOException {
    Likeness likeness = Likeness.NONE;
    try (LogReader log = open(beginning)) {
      while (log.next()) {
        likeness = Likeness.NAME;
        if (!isLevelDb(log.payload())) {
          return Likeness.CONTENT;
        }
      }
    } catch (FormatException noBatch) {
      return Likeness.NONE;
    }
    return likeness;
  }

  private static boolean isLevelDb(ByteBuffer payload) throws FormatException {
    BatchReader batch = BatchReader.of(payload);
    boolean levelDb = true;
    while (batch.next()) {
      levelDb &= batch.isLevelDb();
    }
    return levelDb;
  }

  private static LogReader open(byte[] beginning) {
    return new LogReader(
        new ByteArrayInputStream(beginning),
        OptionalLong.empty(),
        RecoveryMode.SKIP_ANY_CORRUPTED_RECORDS,
        DamageListener.ignoring());
  }
}
