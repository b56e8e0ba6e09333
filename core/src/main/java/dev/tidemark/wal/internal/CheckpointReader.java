package dev.tidemark.wal.internal;

import static dev.tidemark.wal.internal.FrameLayout.INT;

import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.internal.events.Progress;
import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// Reads the snapshot in the file of a checkpoint, which must be what the manifest says, and
/// delivers no byte whose checksum it has not verified. For one thread.
final class CheckpointReader extends InputStream {
  private final StorageFile file;
  private final CheckpointStamp stamp;
  private final CRC32C crc;
  private final MemorySegment piece =
      Arena.ofAuto().allocate(CheckpointLayout.PIECE_BYTES + CheckpointLayout.CRC_BYTES, 64);
  private long offset; // of the next piece
  private long unread; // bytes of the snapshot behind the piece
  private int taken; // of the piece
  private int filled;
  private @Nullable CorruptWalException damage; // later calls answer the same
  private boolean closed;

  private CheckpointReader(StorageFile file, Manifest log, CheckpointStamp stamp) {
    this.file = file;
    this.stamp = stamp;
    unread = stamp.length();
    crc = CheckpointLayout.begin(log.logIdHigh(), log.logIdLow(), stamp.lsn(), stamp.generation());
  }

  /// Opens a checkpoint. Its size and its trailer are verified.
  ///
  /// @throws CorruptWalException if they are not what the manifest says
  /// @throws java.nio.file.NoSuchFileException if there is no such file
  static CheckpointReader open(Storage storage, Manifest log, CheckpointStamp stamp)
      throws IOException {
    StorageFile file = storage.openForRead(stamp.fileName());
    try {
      CheckpointReader reader = new CheckpointReader(file, log, stamp);
      reader.checkTrailer(log);
      return reader;
    } catch (Throwable e) {
      file.close();
      throw e;
    }
  }

  /// {@return what the trailer of a checkpoint's file says, nothing of it verified; null if there
  /// is none of this log}
  static @Nullable CheckpointStamp trailer(Storage storage, Manifest log, String name)
      throws IOException {
    MemorySegment trailer = Arena.ofAuto().allocate(CheckpointLayout.TRAILER_BYTES, 64);
    try (StorageFile file = storage.openForRead(name)) {
      long at = file.size() - CheckpointLayout.TRAILER_BYTES;
      return at < 0 || file.read(at, trailer) < CheckpointLayout.TRAILER_BYTES
          ? null
          : CheckpointLayout.decodeTrailer(trailer, log.logIdHigh(), log.logIdLow());
    }
  }

  /// Reads a checkpoint to its end.
  ///
  /// @param progress told how far it is
  /// @throws CorruptWalException if it is not whole
  /// @throws java.nio.file.NoSuchFileException if there is no such file
  static void verify(Storage storage, Manifest log, CheckpointStamp stamp, Progress progress)
      throws IOException {
    try (CheckpointReader reader = open(storage, log, stamp)) {
      while (reader.nextPiece()) {
        reader.taken = reader.filled;
        progress.at(stamp.fileName(), stamp.length() - reader.unread, 0);
      }
    }
  }

  // The size is bounded here: nothing is read beyond what manifest and file agree on.
  private void checkTrailer(Manifest log) throws IOException {
    long size = file.size();
    long expected = CheckpointLayout.fileBytes(stamp.length());
    if (size != expected) {
      throw corrupt("is " + size + " bytes, and the manifest says " + expected, -1);
    }
    long at = expected - CheckpointLayout.TRAILER_BYTES;
    MemorySegment trailer = piece.asSlice(0, CheckpointLayout.TRAILER_BYTES);
    int read = file.read(at, trailer);
    CheckpointStamp found =
        read < CheckpointLayout.TRAILER_BYTES
            ? null
            : CheckpointLayout.decodeTrailer(trailer, log.logIdHigh(), log.logIdLow());
    if (found == null || !(stamp.verified() ? found.asVerified() : found).equals(stamp)) {
      throw corrupt("is damaged, or not the checkpoint that the manifest names", at);
    }
  }

  private CorruptWalException corrupt(String reason, long at) {
    CorruptWalException exception = new CorruptWalException(reason, stamp.fileName(), at, 0, 0);
    damage = exception;
    return exception;
  }

  // Goes to the next piece; false at the end.
  private boolean nextPiece() throws IOException {
    if (unread == 0) {
      return false;
    }
    int bytes = (int) Math.min(unread, CheckpointLayout.PIECE_BYTES);
    int read = file.read(offset, piece.asSlice(0, bytes + CheckpointLayout.CRC_BYTES));
    crc.update(piece.asSlice(0, bytes).asByteBuffer());
    int expected = piece.get(INT, bytes);
    boolean isLast = bytes == unread;
    if (read < bytes + CheckpointLayout.CRC_BYTES
        || expected != (int) crc.getValue()
        || (isLast && expected != stamp.crc())) {
      throw corrupt("the snapshot is damaged", offset);
    }
    offset += read;
    unread -= bytes;
    filled = bytes;
    taken = 0;
    return true;
  }

  private boolean hasBytes() throws IOException {
    if (closed) {
      throw new IOException("the stream is closed");
    }
    if (damage != null) {
      throw damage;
    }
    return taken < filled || nextPiece();
  }

  @Override
  public int read() throws IOException {
    return hasBytes() ? piece.get(ValueLayout.JAVA_BYTE, taken++) & 0xff : -1;
  }

  @Override
  public int read(byte[] target, int from, int count) throws IOException {
    Objects.checkFromIndexSize(from, count, target.length);
    if (count == 0) {
      return 0;
    }
    if (!hasBytes()) {
      return -1;
    }
    int bytes = Math.min(count, filled - taken);
    MemorySegment.copy(piece, ValueLayout.JAVA_BYTE, taken, target, from, bytes);
    taken += bytes;
    return bytes;
  }

  @Override
  public int available() {
    return closed ? 0 : filled - taken;
  }

  @Override
  public void close() throws IOException {
    closed = true;
    file.close();
  }
}
