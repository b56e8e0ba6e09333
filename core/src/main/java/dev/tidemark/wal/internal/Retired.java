package dev.tidemark.wal.internal;

import dev.tidemark.wal.storage.Host;
import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;

/// Files of segments that are no longer part of the log: the manifest names a later first segment,
/// durably, and no cursor needs them. Each becomes a spare if one is wanted, and is removed
/// otherwise. What fails is tried again, by itself after a while and by the next open.
///
/// ```
/// headers zeroed ─► synced ─► renamed to a new number ─► directory synced ─► a spare
/// ```
///
/// A crash before the new name is durable leaves a file without a header below the first segment,
/// which the next open removes; after it, a spare. Nothing in between has a valid header, so the
/// bytes of the earlier life, which stay where they are, belong to no segment, and the checksum of
/// each frame is seeded with what no later life has.
///
/// Owned by the [FileThread]; its count may be read by anybody.
final class Retired implements FileThread.Chore {
  private static final long RETRY_NANOS = 1_000_000_000;

  /// A file to be got rid of.
  ///
  /// @param names what it may be called
  /// @param reusable whether it may become a spare
  private record Old(List<String> names, boolean reusable) {}

  private final Host host;
  private final Storage storage;
  private final Spares spares;
  private final long segmentBytes;
  private final List<Old> files = new ArrayList<>();
  private long retryAtNanos;
  private volatile int count;

  /// @param segmentBytes the size of a usable spare
  Retired(Host host, Storage storage, Spares spares, long segmentBytes) {
    this.host = host;
    this.storage = storage;
    this.spares = spares;
    this.segmentBytes = segmentBytes;
  }

  /// Takes over the files of segments, and gets rid of them at once as far as that is possible.
  ///
  /// @param holes which of them have only their header left
  void retire(List<SegmentHeader> segments, Holes holes) {
    for (SegmentHeader segment : segments) {
      String name = SegmentHeader.fileName(segment.number());
      boolean gone = holes.isGone(segment.number());
      List<String> names =
          gone ? List.of(SegmentHeader.goneName(segment.number()), name) : List.of(name);
      files.add(new Old(names, !gone && segment.fileBytes() == segmentBytes));
    }
    clear();
  }

  /// Takes over a file that was never part of the log.
  void retire(Spares.Spare unused) {
    files.add(new Old(List.of(SegmentHeader.fileName(unused.number())), false));
    clear();
  }

  /// {@return how many files are still there although nobody needs them}
  int count() {
    return count;
  }

  @Override
  public long step() {
    if (files.isEmpty()) {
      return Long.MAX_VALUE;
    }
    long left = retryAtNanos - host.nanoTime();
    if (left <= 0) {
      clear();
    }
    return files.isEmpty() ? 0 : Math.max(1, retryAtNanos - host.nanoTime());
  }

  @Override
  public void stop() {
    // The next open finds what is left: nothing links to it.
  }

  private void clear() {
    List<Old> all = List.copyOf(files);
    files.clear();
    for (Old file : all) {
      if (file.reusable() && spares.wantsMore()) {
        recycle(file);
      } else {
        remove(file);
      }
    }
    count = files.size();
    retryAtNanos = host.nanoTime() + RETRY_NANOS;
    spares.spaceMayBeFree();
  }

  // What fails half-way is not worth a second try as a spare; it is removed, whatever its name is.
  private void recycle(Old file) {
    String name = file.names().getFirst();
    List<String> names = new ArrayList<>(file.names());
    try {
      if (clearHeaders(name)) {
        long number = spares.claimNumber();
        names.add(SegmentHeader.fileName(number));
        storage.rename(name, SegmentHeader.fileName(number));
        storage.syncDirectory();
        spares.add(new Spares.Spare(number, segmentBytes, true));
        return;
      }
    } catch (IOException | RuntimeException _) {
      // Removed below, or later.
    }
    remove(new Old(names, false));
  }

  private boolean clearHeaders(String name) throws IOException {
    try (StorageFile file = storage.open(name)) {
      if (file.size() != segmentBytes) {
        return false;
      }
      SegmentFiles.clearHeader(file, segmentBytes);
      return true;
    }
  }

  private void remove(Old file) {
    boolean gone = true;
    for (String name : file.names()) {
      try {
        storage.delete(name);
      } catch (NoSuchFileException _) {
        // It has another name, or somebody removed it by hand.
      } catch (IOException | RuntimeException _) {
        gone = false;
      }
    }
    if (!gone) {
      files.add(new Old(file.names(), false));
    }
  }
}
