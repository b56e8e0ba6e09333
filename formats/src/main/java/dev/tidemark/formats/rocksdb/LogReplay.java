package dev.tidemark.formats.rocksdb;

import dev.tidemark.formats.Damage;
import dev.tidemark.formats.RecordReader;
import dev.tidemark.formats.leveldb.FileName;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// The records of several logs that RocksDB applies, one log behind the other, when it opens the
/// database (facebook/rocksdb, db/db_impl/db_impl_open.cc).
///
/// Under [RecoveryMode#POINT_IN_TIME_RECOVERY] a log behind damage, or behind one that ends with
/// old fragments, is applied only if its first record has the sequence number that comes next; else
/// all of it is left out, and the one behind it is held to the same number.
///
/// For one thread at a time. A log is opened when it is its turn.
public final class LogReplay implements RecordReader {
  /// Is told of damage.
  @FunctionalInterface
  public interface Listener {
    /// Called on the thread that reads, before the next record is shown.
    ///
    /// @param file where it was found
    /// @param damage what was found
    void found(Path file, Damage damage);
  }

  private final Iterator<Path> files;
  private final RecoveryMode mode;
  private final Listener listener;

  // All owned by the caller's thread.
  private @Nullable Path file;
  private @Nullable RecoveredLog log;
  private boolean begun;
  private boolean inDoubt;
  private boolean refused;
  private OptionalLong nextSequence = OptionalLong.empty();

  /// @param files the logs in the order of their numbers
  /// @param mode the database's
  /// @param listener is told what is damaged
  public LogReplay(List<Path> files, RecoveryMode mode, Listener listener) {
    this.files = List.copyOf(files).iterator();
    this.mode = mode;
    this.listener = listener;
  }

  /// Goes to the next record that is applied, in whichever file.
  @Override
  public boolean next() throws IOException {
    while (!refused && hasLog()) {
      RecoveredLog current = log();
      if (!current.next()) {
        inDoubt |= mode == RecoveryMode.POINT_IN_TIME_RECOVERY && current.leavesDoubt();
        refused = current.outcome() == RecoveredLog.Outcome.REFUSED;
        closeLog();
      } else if (isNextInSequence(current)) {
        return true;
      } else {
        closeLog();
      }
    }
    return false;
  }

  @Override
  public ByteBuffer payload() {
    return log().payload();
  }

  /// {@return the file of the record} Only after [#next()] returned true.
  public Path file() {
    if (file == null) {
      throw new IllegalStateException("there is no record");
    }
    return file;
  }

  /// {@return where the record begins in its file}
  @Override
  public long offset() {
    return log().offset();
  }

  /// {@return where the record ends in its file}
  @Override
  public long endOffset() {
    return log().endOffset();
  }

  /// {@return whether RocksDB refuses to open the database, so that nothing is applied} Only after
  /// [#next()] returned false.
  public boolean isRefused() {
    return refused;
  }

  @Override
  public void close() throws IOException {
    while (files.hasNext()) {
      Path _ = files.next();
    }
    if (log != null) {
      closeLog();
    }
  }

  /// {@return whether nothing is missing before the record} Asked for the first of a log that comes
  /// behind doubt; the others follow it.
  private boolean isNextInSequence(RecoveredLog current) throws IOException {
    BatchReader batch = BatchReader.of(current.payload());
    long sequence = batch.sequence();
    if (!begun && inDoubt) {
      if (nextSequence.isEmpty() || nextSequence.getAsLong() != sequence) {
        return false;
      }
      inDoubt = false;
    }
    begun = true;
    nextSequence = OptionalLong.of(sequence + batch.count());
    return true;
  }

  private boolean hasLog() throws IOException {
    if (log == null && files.hasNext()) {
      Path next = files.next();
      OptionalLong number =
          FileName.isLog(next) ? OptionalLong.of(FileName.number(next)) : OptionalLong.empty();
      log =
          new RecoveredLog(
              Files.newInputStream(next), number, mode, found -> listener.found(next, found));
      file = next;
      begun = false;
    }
    return log != null;
  }

  private RecoveredLog log() {
    if (log == null) {
      throw new IllegalStateException("there is no record");
    }
    return log;
  }

  private void closeLog() throws IOException {
    RecoveredLog closed = log();
    log = null;
    closed.close();
  }
}
