package dev.tidemark.wal;

import java.io.IOException;
import java.io.InputStream;

/// A snapshot of the state that was built from the log: with it, only the records behind its LSN
/// are needed to build that state again.
///
/// Safe for use by any thread, also after the log is closed.
public interface Checkpoint {

  /// {@return the LSN up to which it contains all records; going on from it begins at the next}
  long lsn();

  /// {@return the size of the snapshot, in bytes}
  long bytes();

  /// Opens the snapshot for reading.
  ///
  /// No byte is delivered before its checksum was verified, and the end of the stream is not
  /// reached unless the snapshot is whole.
  ///
  /// @return a stream for one thread, to be closed by the caller; its `read` answers
  ///   [CorruptWalException] where the file is damaged
  /// @throws CorruptWalException if the file is missing or damaged while this is still the newest
  ///   checkpoint that can be used
  /// @throws java.nio.file.NoSuchFileException if a newer checkpoint took its place
  /// @throws IOException if the storage fails
  InputStream open() throws IOException;
}
