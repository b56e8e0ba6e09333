package dev.tidemark.wal;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// A look at a log's files that takes no lock, changes nothing, and answers for logs, too, that
/// [Wal#open] refuses: for tools and operators. The subject is a log's directory, or one file of
/// it. See [Wal#inspect].
///
/// Each call reads the files anew, once from the first to the last, in large pieces; memory is
/// bounded by the largest frame. Safe for use by any number of threads.
///
/// One file alone is judged with what stands beside it: if another segment of the same log names it
/// as its predecessor, it is known where it ends, and the holes that a salvage listed are known.
public interface WalInspection {

  /// Is told how far a long read has got.
  @FunctionalInterface
  interface Progress {
    /// Called now and then, on the thread that reads.
    ///
    /// @param bytes how many bytes were read so far
    /// @param totalBytes how many there are about
    void at(long bytes, long totalBytes);

    /// {@return one that tells nobody}
    static Progress none() {
      return (bytes, totalBytes) -> {};
    }
  }

  /// A record as it stands in a file.
  ///
  /// @param lsn its LSN
  /// @param file the name of its file
  /// @param offset where its length and bytes stand in the file; if the frame is compressed, where
  ///   the frame begins
  /// @param frame where its frame begins in the file, in bytes
  /// @param proven whether something in the files promises that it is durable; a whole record that
  ///   nothing promises stands at the end of a log alone, and opening the log keeps it
  /// @param payload its bytes, read-only; good until the visitor returns
  record Found(
      long lsn, String file, long offset, long frame, boolean proven, MemorySegment payload) {}

  /// Is shown the records of a log, in order.
  interface Visitor {
    /// Takes a record.
    ///
    /// @param record the record
    /// @return whether to go on
    /// @throws IOException if it cannot be taken; passed on
    boolean record(Found record) throws IOException;

    /// Takes note of damage, where it is in the order of records. What opening the log would refuse
    /// beside its segments is told last.
    ///
    /// @param damage what is damaged
    void damage(WalDamage damage);
  }

  /// Reads everything and holds it against its checksums.
  ///
  /// Where somebody writes to the log meanwhile, the files are read again a few times until they
  /// held still; if they never do, [WalFindings#live()] says so.
  ///
  /// @param progress is told how far it is
  /// @return what was found; damage is no reason to throw
  /// @throws java.nio.file.NoSuchFileException if the subject is not there any more
  /// @throws IOException if the storage fails
  WalFindings verify(Progress progress) throws IOException;

  /// Shows every record whose checksums hold, those behind damage too, as a salvage
  /// ([OnCorruption#SKIP]) would keep them. Segments that end before the first wanted record are
  /// not read.
  ///
  /// @param fromLsn the first LSN of interest
  /// @param visitor is shown the records
  /// @throws IOException if the storage fails, a codec is not on the path, or the visitor throws
  ///   it; damage is no reason to throw
  void records(long fromLsn, Visitor visitor) throws IOException;
}
