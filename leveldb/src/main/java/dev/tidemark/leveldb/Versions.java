package dev.tidemark.leveldb;

import dev.tidemark.formats.leveldb.VersionEdit;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The tables of an open store as they change, the numbers that are given out, and the manifest in
/// which both are kept.
///
/// What changes the tables is done by one thread at a time: that which opens the store, then the
/// one in the background. The rest is safe for use by any number of threads.
final class Versions {
  // Owned by the thread that changes tables.
  private final Map<Integer, byte[]> compactPointers;
  private @Nullable AppendFile manifest;
  private long logNumber;

  // Guarded by this.
  private long nextFileNumber;
  private final List<Version> versions = new ArrayList<>();

  /// Written by who leads, once what it numbers can be read.
  private volatile long lastSequence;

  private volatile Version current;

  /// @param current the tables, pinned once
  /// @param found what the manifest of before says
  /// @param nextFileNumber above the number of every file
  Versions(Version current, FoundManifest found, long nextFileNumber) {
    this.current = current;
    this.nextFileNumber = nextFileNumber;
    compactPointers = found.compactPointers();
    lastSequence = found.lastSequence();
    versions.add(current);
  }

  synchronized long newFileNumber() {
    return nextFileNumber++;
  }

  private synchronized long nextFileNumber() {
    return nextFileNumber;
  }

  long lastSequence() {
    return lastSequence;
  }

  void lastSequence(long sequence) {
    assert sequence >= lastSequence : sequence + " after " + lastSequence;
    lastSequence = sequence;
  }

  /// {@return the tables now; to be pinned before they are used}
  Version current() {
    return current;
  }

  long logNumber() {
    return logNumber;
  }

  long manifestNumber() {
    return manifest().number();
  }

  private AppendFile manifest() {
    AppendFile file = manifest;
    if (file == null) {
      throw new IllegalStateException("there is no manifest yet");
    }
    return file;
  }

  byte @Nullable [] compactPointer(int level) {
    return compactPointers.get(level);
  }

  /// Says where the next compaction of a level begins; part of the manifest with the next edit.
  void compactPointer(int level, byte[] key) {
    compactPointers.put(level, key);
  }

  /// Writes what a new manifest begins with: everything. Not synced.
  ///
  /// @param fresh closed by [#close()]
  void begin(AppendFile fresh) throws IOException {
    manifest = fresh;
    VersionEdit.Builder edit = VersionEdit.builder().comparator(FoundManifest.COMPARATOR);
    for (int level = 0; level < VersionEdit.LEVELS; level++) {
      byte[] pointer = compactPointers.get(level);
      if (pointer != null) {
        edit.add(new VersionEdit.CompactPointer(level, ByteBuffer.wrap(pointer)));
      }
      for (TableFile table : current.level(level)) {
        edit.add(table.at(level));
      }
    }
    fresh.append(edit.build().encode());
  }

  /// Writes a change into the manifest and syncs it.
  ///
  /// @param edit what changes about the tables; the numbers are filled in
  /// @param log the oldest log that is needed after it
  /// @return the tables after it, pinned once, to be handed to [#install]
  /// @throws IOException if it fails; whether the change is durable is then unknown
  Version write(VersionEdit.Builder edit, long log) throws IOException {
    VersionEdit built =
        edit.logNumber(log)
            .previousLogNumber(0)
            .nextFileNumber(nextFileNumber())
            .lastSequence(lastSequence)
            .build();
    Version next = after(built);
    manifest().append(built.encode());
    manifest().sync();
    logNumber = log;
    return next;
  }

  private Version after(VersionEdit edit) throws CorruptLevelDbException {
    List<TreeMap<Long, TableFile>> levels = new ArrayList<>();
    for (int level = 0; level < VersionEdit.LEVELS; level++) {
      TreeMap<Long, TableFile> tables = new TreeMap<>();
      current.level(level).forEach(table -> tables.put(table.number(), table));
      levels.add(tables);
    }
    edit.deletedFiles().forEach(file -> levels.get(file.level()).remove(file.number()));
    edit.newFiles()
        .forEach(file -> levels.get(file.level()).put(file.number(), TableFile.of(file)));
    return Version.of(levels.stream().map(TreeMap::values).toList());
  }

  /// Makes what [#write] returned the current tables.
  ///
  /// @return those before, to be unpinned once nobody finds them any more
  synchronized Version install(Version next) {
    Version before = current;
    versions.add(next);
    current = next;
    return before;
  }

  /// {@return the numbers of all tables that somebody may still read}
  synchronized Set<Long> tablesInUse() {
    versions.removeIf(version -> !version.isPinned());
    Set<Long> numbers = new HashSet<>();
    versions.forEach(version -> version.addNumbers(numbers));
    return numbers;
  }

  /// Closes the manifest, if there is one.
  void close() throws IOException {
    AppendFile file = manifest;
    if (file != null) {
      file.close();
    }
  }
}
