package dev.tidemark.wal.internal;

import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.storage.Host;
import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// The file that holds the [Manifest]. Safe for use by several threads; each change is durable on
/// return. Reading what it is now never waits for the disk.
final class ManifestFile implements Closeable {
  private final StorageFile file;
  private final MemorySegment slot = Arena.ofAuto().allocate(Manifest.SLOT_BYTES, 64);
  private final HostLock writing; // also guards slot
  private volatile Manifest current; // set under writing

  private ManifestFile(Host host, StorageFile file, Manifest current) {
    writing = new HostLock(host);
    this.file = file;
    this.current = current;
  }

  /// Creates the file, durable under its name on return.
  static ManifestFile create(Storage storage, Host host, Manifest first) throws IOException {
    String temporary = Manifest.FILE + ".tmp";
    MemorySegment bytes = Arena.ofAuto().allocate(Manifest.FILE_BYTES, 64);
    first.encode(bytes.asSlice(first.slotAt(), Manifest.SLOT_BYTES));
    try (StorageFile file = storage.create(temporary)) {
      file.write(0, bytes);
      file.sync(true);
    }
    storage.rename(temporary, Manifest.FILE);
    storage.syncDirectory();
    return new ManifestFile(host, storage.open(Manifest.FILE), first);
  }

  /// Puts the damaged file aside, if there is one, and another in its place.
  ///
  /// @param setAside gets the new name of the old one
  static ManifestFile replace(Storage storage, Host host, Manifest rebuilt, List<String> setAside)
      throws IOException {
    String temporary = Manifest.FILE + SegmentFiles.TEMPORARY;
    List<String> there = storage.list();
    if (there.contains(temporary)) {
      storage.delete(temporary);
    }
    if (there.contains(Manifest.FILE)) {
      setAside.add(SetAside.put(storage, Manifest.FILE, true));
    }
    return create(storage, host, rebuilt);
  }

  /// Opens the file for changes.
  ///
  /// @param current what [#read] found
  static ManifestFile open(Storage storage, Host host, Manifest current) throws IOException {
    return new ManifestFile(host, storage.open(Manifest.FILE), current);
  }

  /// Reads the newest whole manifest without changing anything.
  ///
  /// @return it, or null if no slot holds one
  /// @throws CorruptWalException if it is of a version this code does not know, or counts further
  ///   than any log ever does
  static @Nullable Manifest read(Storage storage) throws IOException {
    try (Arena arena = Arena.ofConfined(); // who follows a log reads it again and again
        StorageFile file = storage.openForRead(Manifest.FILE)) {
      MemorySegment bytes = arena.allocate(Manifest.FILE_BYTES, 64);
      int _ = file.read(0, bytes);
      return newest(bytes);
    }
  }

  private static @Nullable Manifest newest(MemorySegment bytes) throws CorruptWalException {
    Manifest newest = null;
    for (long at = 0; at < Manifest.FILE_BYTES; at += Manifest.SECOND_SLOT_AT) {
      switch (Manifest.decode(bytes.asSlice(at, Manifest.SLOT_BYTES))) {
        case Manifest.Found.Valid(Manifest manifest) -> {
          if (newest == null || manifest.generation() > newest.generation()) {
            newest = manifest;
          }
        }
        case Manifest.Found.TooNew(int version) ->
            throw new CorruptWalException(
                "written in format version "
                    + version
                    + ", newer than this program knows; use a newer program",
                Manifest.FILE,
                at,
                0,
                0);
        case Manifest.Found.Damaged() -> {}
      }
    }
    if (newest != null && newest.isUnreached()) {
      throw new CorruptWalException(
          "counts further than any log ever does: a program with a fault, or somebody who means"
              + " harm, wrote that; copy the directory, and look for a good copy of the log",
          Manifest.FILE,
          newest.slotAt(),
          0,
          0);
    }
    return newest;
  }

  /// Writes the current manifest again where it stands, and syncs it. It was read, but a process
  /// that died or a sync that failed may have left it in the page cache alone.
  void proveAgain() throws IOException {
    writing.lock();
    try {
      write(current);
    } finally {
      writing.unlock();
    }
  }

  private void write(Manifest manifest) throws IOException {
    manifest.encode(slot);
    file.write(manifest.slotAt(), slot);
    file.sync(false);
  }

  Manifest current() {
    return current;
  }

  /// Changes the manifest.
  ///
  /// @param change from the current one to the next, whose generation is one larger
  /// @throws IOException if it could not be made durable; which of the two is on disk is then
  ///   unknown
  void change(UnaryOperator<Manifest> change) throws IOException {
    writing.lock();
    try {
      Manifest next = change.apply(current);
      assert next.generation() == current.generation() + 1;
      write(next);
      current = next;
    } finally {
      writing.unlock();
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
