package dev.tidemark.cli.logs;

import dev.tidemark.wal.Batch;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/// Writes a log of our own; LSNs begin with 1.
final class OwnTarget implements Target {
  private static final long BATCH_BYTES = 4 << 20;
  private static final int BATCH_RECORDS = 10_000;

  private final Path path;
  private final Path temporary;
  private final Wal wal;
  private final Batch batch = new Batch();
  private long batchBytes;
  private boolean finished;

  /// @param path a directory that is not there yet, or an empty one
  OwnTarget(Path path) throws IOException {
    this.path = path.toAbsolutePath();
    Trees.mustBeFree(path);
    temporary = this.path.resolveSibling(this.path.getFileName() + ".tidemark-tmp");
    Trees.delete(temporary); // of a conversion that was killed
    wal = Wal.open(temporary, WalOptions.defaults());
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public void append(Shown record) throws IOException {
    ByteBuffer payload = record.payload();
    int most = WalOptions.defaults().maxRecordBytes();
    if (payload.remaining() > most) {
      throw new IllegalArgumentException(
          "it has " + payload.remaining() + " bytes; a record of Tidemark's has at most " + most);
    }
    byte[] bytes = new byte[payload.remaining()];
    payload.get(payload.position(), bytes);
    batch.add(bytes);
    batchBytes += bytes.length;
    if (batchBytes > BATCH_BYTES || batch.count() >= BATCH_RECORDS) {
      write();
    }
  }

  private void write() throws IOException {
    if (batch.count() > 0) {
      wal.append(batch);
      batch.clear();
      batchBytes = 0;
    }
  }

  @Override
  public void finish() throws IOException {
    write();
    wal.close();
    Trees.replaceEmpty(temporary, path);
    finished = true;
  }

  @Override
  public void close() throws IOException {
    if (!finished) {
      wal.close();
      Trees.delete(temporary);
    }
  }
}
