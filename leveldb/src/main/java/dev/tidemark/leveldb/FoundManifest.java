package dev.tidemark.leveldb;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.tidemark.formats.Damage;
import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.leveldb.FileName;
import dev.tidemark.formats.leveldb.LogReader;
import dev.tidemark.formats.leveldb.VersionEdit;
import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What `CURRENT` and the manifest that it names say (google/leveldb, db/version_set.cc,
/// VersionSet::Recover). Nothing is changed.
///
/// Any damage of the manifest is an error, except an end that is cut: what is in it decides which
/// files are part of the store, so there is nothing to be guessed.
final class FoundManifest {
  static final String COMPARATOR = "leveldb.BytewiseComparator";

  private static final int CURRENT_BYTES = 1024;

  /// Numbers of more digits are in no file name.
  private static final long MOST_NUMBER = 1_000_000_000_000_000_000L;

  private final String name;
  private final List<TreeMap<Long, TableFile>> levels = new ArrayList<>();

  // Owned by the thread that reads.
  private OptionalLong logNumber = OptionalLong.empty();
  private OptionalLong previousLogNumber = OptionalLong.empty();
  private OptionalLong nextFileNumber = OptionalLong.empty();
  private OptionalLong lastSequence = OptionalLong.empty();
  private final Map<Integer, byte[]> compactPointers = new TreeMap<>();

  private @Nullable String brokenEnd;

  private FoundManifest(String name) {
    this.name = name;
    for (int level = 0; level < VersionEdit.LEVELS; level++) {
      levels.add(new TreeMap<>());
    }
  }

  /// Reads both files.
  ///
  /// @param paranoid whether an end in pieces is refused, too
  /// @throws NoSuchFileException if there is no `CURRENT`
  /// @throws CorruptLevelDbException if what they say is no store
  /// @throws IOException if they cannot be read
  static FoundManifest read(Storage storage, boolean paranoid) throws IOException {
    FoundManifest found = new FoundManifest(current(storage));
    try (StorageFile file = storage.openForRead(found.name)) {
      found.replay(file, paranoid);
    } catch (NoSuchFileException e) {
      throw new CorruptLevelDbException(
          "CURRENT names " + found.name + ", which is not there. Restore the directory from a copy",
          e);
    }
    found.check();
    return found;
  }

  private static String current(Storage storage) throws IOException {
    String text;
    try (StorageFile file = storage.openForRead(FileName.CURRENT)) {
      byte[] bytes = new StorageInput(file).readNBytes(CURRENT_BYTES);
      text = new String(bytes, ISO_8859_1);
    }
    if (!text.endsWith("\n")) {
      throw new CorruptLevelDbException(
          "CURRENT does not end with a newline: \"" + shown(text) + "\"");
    }
    String named = text.substring(0, text.length() - 1);
    FileName parsed = FileName.parse(named);
    if (parsed == null || parsed.kind() != FileName.Kind.MANIFEST) {
      throw new CorruptLevelDbException("CURRENT names no manifest: \"" + shown(named) + "\"");
    }
    return named;
  }

  private static String shown(String text) {
    String start = text.substring(0, Math.min(text.length(), 40));
    return start.replaceAll("[^ -~]", "?");
  }

  private void replay(StorageFile file, boolean paranoid) throws IOException {
    List<Damage> damage = new ArrayList<>();
    try (LogReader records = new LogReader(new StorageInput(file), damage::add)) {
      while (records.next()) {
        refuse(damage);
        try {
          apply(VersionEdit.decode(records.payload()));
        } catch (FormatException e) {
          throw new CorruptLevelDbException(
              name + ": the edit at byte " + records.offset() + ": " + e.getMessage(), e);
        }
      }
      brokenEnd = firstOf(damage);
      if (brokenEnd != null
          && (paranoid || FragmentScan.findsWhole(file, damage.getFirst().offset()))) {
        refuse(damage);
      }
    }
  }

  private void refuse(List<Damage> damage) throws CorruptLevelDbException {
    String found = firstOf(damage);
    if (found != null) {
      throw new CorruptLevelDbException(found + ". Restore the directory from a copy");
    }
  }

  private @Nullable String firstOf(List<Damage> damage) {
    for (Damage found : damage) {
      if (found.kind() == Damage.Kind.CORRUPTION) {
        return name
            + ": "
            + found.reason()
            + ", "
            + found.bytes()
            + " bytes at byte "
            + found.offset();
      }
    }
    return null;
  }

  private void apply(VersionEdit edit) throws CorruptLevelDbException {
    if (edit.comparator().isPresent() && !edit.comparator().get().equals(COMPARATOR)) {
      throw new CorruptLevelDbException(
          name
              + ": the keys are in the order of \""
              + shown(edit.comparator().get())
              + "\"; only "
              + COMPARATOR
              + " is known");
    }
    logNumber = newer(edit.logNumber(), logNumber);
    previousLogNumber = newer(edit.previousLogNumber(), previousLogNumber);
    nextFileNumber = newer(edit.nextFileNumber(), nextFileNumber);
    lastSequence = newer(edit.lastSequence(), lastSequence);
    edit.compactPointers()
        .forEach(
            pointer -> {
              byte[] key = new byte[pointer.key().remaining()];
              pointer.key().get(pointer.key().position(), key);
              compactPointers.put(pointer.level(), key);
            });
    edit.deletedFiles().forEach(file -> levels.get(file.level()).remove(file.number()));
    edit.newFiles()
        .forEach(file -> levels.get(file.level()).put(file.number(), TableFile.of(file)));
  }

  private static OptionalLong newer(OptionalLong found, OptionalLong before) {
    return found.isPresent() ? found : before;
  }

  private void check() throws CorruptLevelDbException {
    long log = required(logNumber, "log number");
    long next = required(nextFileNumber, "next file number");
    long last = required(lastSequence, "last sequence number");
    if (last > InternalKeys.MAX_SEQUENCE) {
      throw new CorruptLevelDbException(
          name + ": last sequence number " + last + " is above 2^56 - 1");
    }
    long largest = Math.max(Math.max(next, log), previousLogNumber());
    for (TreeMap<Long, TableFile> tables : levels) {
      largest = tables.isEmpty() ? largest : Math.max(largest, tables.lastKey());
    }
    if (largest >= MOST_NUMBER) {
      throw new CorruptLevelDbException(name + ": " + largest + " is the number of no file");
    }
  }

  private long required(OptionalLong found, String what) throws CorruptLevelDbException {
    if (found.isEmpty() && brokenEnd != null) {
      throw new CorruptLevelDbException(brokenEnd + ". Restore the directory from a copy");
    }
    if (found.isEmpty()) {
      throw new CorruptLevelDbException(name + " states no " + what);
    }
    return found.getAsLong();
  }

  /// Holds what the manifest names against the files that are there.
  ///
  /// @param names all names in the directory
  /// @param warnings are told of an end in pieces
  /// @throws CorruptLevelDbException if tables are missing, or, behind an end in pieces, the log
  void checkFiles(List<String> names, Warnings warnings) throws CorruptLevelDbException {
    checkTables(names);
    if (brokenEnd != null) {
      if (!logs(names).contains(logNumber())) {
        throw new CorruptLevelDbException(
            brokenEnd
                + ", and "
                + FileName.log(logNumber())
                + " is not there any more. Restore the directory from a copy");
      }
      warnings.tell(brokenEnd + ", passed over: the files of before are all there");
    }
  }

  private void checkTables(List<String> names) throws CorruptLevelDbException {
    Set<Long> there = new HashSet<>();
    for (String each : names) {
      FileName parsed = FileName.parse(each);
      if (parsed != null && parsed.kind() == FileName.Kind.TABLE) {
        there.add(parsed.number());
      }
    }
    List<Long> missing =
        levels.stream()
            .flatMap(tables -> tables.keySet().stream())
            .filter(number -> !there.contains(number))
            .toList();
    if (!missing.isEmpty()) {
      throw new CorruptLevelDbException(
          missing.size()
              + " missing files; e.g. "
              + FileName.table(missing.getFirst())
              + ". Restore the directory from a copy");
    }
  }

  /// {@return the tables, pinned once}
  ///
  /// @throws CorruptLevelDbException if two tables of a level share keys
  Version version() throws CorruptLevelDbException {
    return Version.of(levels.stream().map(TreeMap::values).toList());
  }

  /// {@return the numbers of the logs to replay, ascending}
  ///
  /// @param names all names in the directory
  List<Long> logs(List<String> names) {
    return names.stream()
        .map(FileName::parse)
        .filter(parsed -> parsed != null && parsed.kind() == FileName.Kind.LOG)
        .map(FileName::number)
        .filter(number -> number >= logNumber() || number == previousLogNumber())
        .distinct()
        .sorted()
        .toList();
  }

  long logNumber() {
    return logNumber.orElse(0);
  }

  long previousLogNumber() {
    return previousLogNumber.orElse(0);
  }

  long nextFileNumber() {
    return nextFileNumber.orElse(0);
  }

  long lastSequence() {
    return lastSequence.orElse(0);
  }

  /// {@return where the next compaction of each level begins, where that is known; the caller's}
  Map<Integer, byte[]> compactPointers() {
    return new TreeMap<>(compactPointers);
  }
}
