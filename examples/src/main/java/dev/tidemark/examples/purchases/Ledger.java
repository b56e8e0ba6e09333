package dev.tidemark.examples.purchases;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// What a department has made of the purchases up to an LSN, in a file that is replaced as a whole.
/// Sum and LSN stand together, so that a purchase that is delivered again is not counted again.
///
/// @param lsn the last purchase that is counted, 0 if none
/// @param sum the department's sum
record Ledger(long lsn, long sum) {

  /// {@return the ledger in a file, an empty one if there is no file}
  static Ledger read(Path file) throws IOException {
    if (!Files.exists(file)) {
      return new Ledger(0, 0);
    }
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
    return new Ledger(bytes.getLong(), bytes.getLong());
  }

  /// Replaces the ledger in a file. On return it survives a process kill; after a power cut the old
  /// one may be there, and what is missing in it is delivered again only if it was not
  /// acknowledged, so it is synced here, before the acknowledgement.
  void write(Path file) throws IOException {
    Path next = file.resolveSibling(file.getFileName() + ".tmp");
    ByteBuffer bytes = ByteBuffer.allocate(2 * Long.BYTES).putLong(lsn).putLong(sum).flip();
    try (FileChannel channel =
        FileChannel.open(
            next,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      while (bytes.hasRemaining()) {
        int _ = channel.write(bytes);
      }
      channel.force(true);
    }
    Path _ = Files.move(next, file, ATOMIC_MOVE);
    try (FileChannel directory = FileChannel.open(file.toAbsolutePath().getParent())) {
      directory.force(true); // the new name
    }
  }
}
