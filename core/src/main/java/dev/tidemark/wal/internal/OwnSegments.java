package dev.tidemark.wal.internal;

import dev.tidemark.wal.WalFullException;
import dev.tidemark.wal.storage.Storage;
import java.io.IOException;

/// Segments of a size of their own, made for batches too large for staging. Safe for use by several
/// threads.
final class OwnSegments {
  private final Storage storage;
  private final FileThread files;
  private final Spares spares;
  private final Retired retired;

  OwnSegments(Storage storage, FileThread files, Spares spares, Retired retired) {
    this.storage = storage;
    this.files = files;
    this.spares = spares;
    this.retired = retired;
  }

  /// Prepares a segment, and waits for it.
  ///
  /// @throws WalFullException if it cannot be prepared
  Spares.Spare prepare(long fileBytes) throws IOException {
    try {
      return files.call(
          () -> {
            long number = spares.claimNumber();
            SegmentFiles.prepare(storage, number, fileBytes, files::isClosed);
            return new Spares.Spare(number, fileBytes, false);
          });
    } catch (IOException e) {
      throw new WalFullException(
          "no segment of " + fileBytes + " bytes could be prepared: " + e.getMessage(), e);
    }
  }

  /// Takes back what [#prepare] made and nobody used.
  void giveBack(Spares.Spare unused) {
    files.later(() -> retired.retire(unused));
  }

  /// Gives a segment made by [#prepare] a new number if later ones were activated before it:
  /// numbers of activated segments ascend. For the lease holder.
  ///
  /// @return the segment, under a number above `activated`
  Spares.Spare above(long activated, Spares.Spare own) throws IOException {
    if (own.number() > activated) {
      return own;
    }
    long number = spares.claimNumber();
    storage.rename(SegmentHeader.fileName(own.number()), SegmentHeader.fileName(number));
    storage.syncDirectory();
    return new Spares.Spare(number, own.fileBytes(), own.recycled());
  }
}
