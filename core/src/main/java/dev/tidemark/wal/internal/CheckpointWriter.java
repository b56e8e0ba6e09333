package dev.tidemark.wal.internal;

import static dev.tidemark.wal.internal.FrameLayout.INT;

import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// Writes a snapshot into the file of a checkpoint, as [CheckpointLayout] says. For one thread at a
/// time.
final class CheckpointWriter extends OutputStream {
  private final StorageFile file;
  private final long logIdHigh;
  private final long logIdLow;
  private final long lsn;
  private final long generation;
  private final CRC32C crc;
  private final MemorySegment piece =
      Arena.ofAuto().allocate(CheckpointLayout.PIECE_BYTES + CheckpointLayout.CRC_BYTES, 64);
  private int filled;
  private long length;
  private long offset;
  private @Nullable Throwable failure; // the first
  private volatile boolean closed; // set once; nothing is taken any more

  CheckpointWriter(StorageFile file, long logIdHigh, long logIdLow, long lsn, long generation) {
    this.file = file;
    this.logIdHigh = logIdHigh;
    this.logIdLow = logIdLow;
    this.lsn = lsn;
    this.generation = generation;
    crc = CheckpointLayout.begin(logIdHigh, logIdLow, lsn, generation);
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] source, int from, int count) throws IOException {
    Objects.checkFromIndexSize(from, count, source.length);
    if (closed) {
      throw new IOException("the snapshot is finished");
    }
    int done = 0;
    while (done < count) {
      int room = Math.min(count - done, CheckpointLayout.PIECE_BYTES - filled);
      MemorySegment.copy(source, from + done, piece, ValueLayout.JAVA_BYTE, filled, room);
      filled += room;
      done += room;
      if (filled == CheckpointLayout.PIECE_BYTES) {
        writePiece();
      }
    }
  }

  private void writePiece() throws IOException {
    if (failure != null) {
      throw new IOException("an earlier write failed: " + failure.getMessage(), failure);
    }
    crc.update(piece.asSlice(0, filled).asByteBuffer());
    piece.set(INT, filled, (int) crc.getValue());
    int bytes = filled + CheckpointLayout.CRC_BYTES;
    try {
      file.write(offset, piece, 0, bytes);
    } catch (Throwable e) {
      failure = e; // whoever passes over it would finish something else
      throw e;
    }
    offset += bytes;
    length += filled;
    filled = 0;
  }

  /// Writes what is left and the trailer. Durable after the next sync of the file.
  ///
  /// @return what was written
  CheckpointStamp finish() throws IOException {
    closed = true;
    if (filled > 0 || failure != null) {
      writePiece();
    }
    CheckpointStamp stamp =
        new CheckpointStamp(lsn, generation, length, (int) crc.getValue(), false);
    CheckpointLayout.encodeTrailer(piece, logIdHigh, logIdLow, stamp);
    file.write(offset, piece, 0, CheckpointLayout.TRAILER_BYTES);
    return stamp;
  }

  /// Takes nothing more.
  @Override
  public void close() {
    closed = true;
  }
}
