package dev.tidemark.formats.leveldb;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.tidemark.formats.Damage;
import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.LogFormat.Likeness;
import dev.tidemark.formats.RecordReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The logs of a directory, and which of them LevelDB would replay: those with the number that the
/// manifest names or a larger one, and the one it names as the previous. Where there is no manifest
/// that can be read to its end, all.
///
/// @param logs all of them
/// @param logNumber the oldest that is replayed
/// @param previousLogNumber one more that is
record LogDirectory(List<Path> logs, long logNumber, long previousLogNumber) {
  private static final int CURRENT_BYTES = 4096;

  static LogDirectory read(Path directory) throws IOException {
    long logNumber = 0;
    long previousLogNumber = 0;
    Optional<Path> manifest = currentManifest(directory);
    if (manifest.isPresent()) {
      try (RecordReader edits = LogProbe.open(manifest.get(), LogDirectory::refuse)) {
        while (edits.next()) {
          VersionEdit edit = VersionEdit.decode(edits.payload());
          logNumber = edit.logNumber().orElse(logNumber);
          previousLogNumber = edit.previousLogNumber().orElse(previousLogNumber);
        }
      } catch (FormatException | Refused damaged) {
        logNumber = 0;
        previousLogNumber = 0;
      }
    }
    return new LogDirectory(logs(directory), logNumber, previousLogNumber);
  }

  boolean replays(long number) {
    return number >= logNumber || number == previousLogNumber;
  }

  static Likeness likeness(Path directory) throws IOException {
    Optional<Path> manifest = currentManifest(directory);
    if (manifest.isPresent() && new ManifestFormat().likeness(manifest.get()) == Likeness.CONTENT) {
      // RocksDB names its comparator as LevelDB does, and leaves these files beside it.
      return RocksDbTraces.in(directory) ? Likeness.NAME : Likeness.CONTENT;
    }
    Likeness best = manifest.isPresent() ? Likeness.NAME : Likeness.NONE;
    for (Path log : logs(directory).stream().sorted().limit(1).toList()) {
      Likeness likeness = new LevelDbFormat().likeness(log);
      best = likeness.compareTo(best) > 0 ? likeness : best;
    }
    return best;
  }

  /// {@return the manifest that `CURRENT` names, if it names one that is there}
  static Optional<Path> currentManifest(Path directory) throws IOException {
    Path current = directory.resolve(FileName.CURRENT);
    if (!Files.isRegularFile(current)) {
      return Optional.empty();
    }
    String name;
    try (InputStream in = Files.newInputStream(current)) {
      name = new String(in.readNBytes(CURRENT_BYTES), ISO_8859_1).strip();
    }
    FileName manifest = FileName.parse(name);
    if (manifest == null || manifest.kind() != FileName.Kind.MANIFEST) {
      return Optional.empty();
    }
    return Optional.of(directory.resolve(name)).filter(Files::isRegularFile);
  }

  private static List<Path> logs(Path directory) throws IOException {
    List<Path> logs = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory)) {
      files.filter(FileName::isLog).filter(Files::isRegularFile).forEach(logs::add);
    }
    return logs;
  }

  private static void refuse(Damage damage) {
    if (damage.kind() == Damage.Kind.CORRUPTION) {
      throw new Refused();
    }
  }

  /// Ends a walk over a damaged manifest.
  private static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }
}
