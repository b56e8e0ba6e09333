package dev.tidemark.wal;

import java.io.IOException;
import java.io.OutputStream;

/// Writes a snapshot of the caller's state into a checkpoint.
@FunctionalInterface
public interface SnapshotWriter {

  /// Writes all of it.
  ///
  /// @param target for one thread at a time, valid until this method returns; need not be closed,
  ///   and is buffered already
  /// @throws IOException if it cannot be written; the checkpoint is then dropped, and whatever was
  ///   there before stays
  void write(OutputStream target) throws IOException;
}
