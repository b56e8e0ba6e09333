package dev.tidemark.wal.internal;

import dev.tidemark.wal.Checkpoint;
import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.storage.Storage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.util.function.Predicate;

/// A checkpoint of an open log.
///
/// @param log names the log that it is of
/// @param isCurrent whether the manifest still names a checkpoint
record LogCheckpoint(
    Storage storage, Manifest log, CheckpointStamp stamp, Predicate<CheckpointStamp> isCurrent)
    implements Checkpoint {

  @Override
  public long lsn() {
    return stamp.lsn();
  }

  @Override
  public long bytes() {
    return stamp.length();
  }

  @Override
  public InputStream open() throws IOException {
    try {
      return CheckpointReader.open(storage, log, stamp);
    } catch (NoSuchFileException e) {
      if (isCurrent.test(stamp)) {
        throw new CorruptWalException(
            "is missing, and it is the newest checkpoint; look for a copy",
            stamp.fileName(),
            -1,
            0,
            0);
      }
      throw new NoSuchFileException(
          stamp.fileName(), null, "a newer checkpoint has taken its place");
    }
  }

  @Override
  public String toString() {
    return "checkpoint at LSN " + lsn() + ", " + bytes() + " bytes";
  }
}
