package dev.tidemark.wal.internal;

import dev.tidemark.wal.WalDamage;
import dev.tidemark.wal.WalFindings;
import dev.tidemark.wal.WalInspection;
import dev.tidemark.wal.storage.FileStorage;
import dev.tidemark.wal.storage.Storage;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Looks at files on a disk. Without state, but for what it looks at.
///
/// @param directory where the files are
/// @param file the one file of interest, null for the log as a whole
public record Inspection(Path directory, @Nullable String file) implements WalInspection {
  // Who verifies a log that is written to without a pause gives up after so many readings.
  private static final int READINGS = 8;

  /// Begins; the contract is [dev.tidemark.wal.Wal#inspect].
  ///
  /// @param path a directory or a file
  /// @return the inspection
  /// @throws IOException as the contract says
  public static Inspection of(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      return new Inspection(path, null);
    }
    if (!Files.exists(path)) {
      throw new NoSuchFileException(path.toString());
    }
    Path absolute = path.toAbsolutePath();
    Path parent = absolute.getParent();
    Path name = absolute.getFileName();
    if (parent == null || name == null) {
      throw new NoSuchFileException(path.toString());
    }
    return new Inspection(parent, name.toString());
  }

  @Override
  public WalFindings verify(Progress progress) throws IOException {
    for (int reading = 1; ; reading++) {
      Map<String, List<Object>> before = stamps();
      try {
        WalFindings found = read(new LogLook(storage(), progress, 0, null));
        boolean clean = found.damage().stream().allMatch(Inspection::isAccepted);
        if (clean || before.equals(stamps())) {
          return found;
        }
        if (reading == READINGS) {
          return ofLiveLog(found);
        }
      } catch (NoSuchFileException gone) {
        // Removed by whoever writes the log, between looking for it and opening it.
        if (reading == READINGS || !Files.exists(subject())) {
          throw gone;
        }
      }
    }
  }

  private static boolean isAccepted(WalDamage damage) {
    return damage.kind() == WalDamage.Kind.ACCEPTED;
  }

  // What is being written looks torn.
  private static WalFindings ofLiveLog(WalFindings found) {
    List<WalDamage> damage =
        found.damage().stream().filter(one -> one.kind() != WalDamage.Kind.TORN_TAIL).toList();
    boolean corrupt = found.verdict() == WalFindings.Verdict.CORRUPT;
    return new WalFindings(
        corrupt ? found.verdict() : WalFindings.Verdict.CLEAN,
        found.logId(),
        found.files(),
        damage,
        found.firstLsn(),
        found.lastLsn(),
        found.promisedLsn(),
        found.lowWaterLsn(),
        found.records(),
        found.frames(),
        found.codecs(),
        found.payloadBytes(),
        found.verifiedBytes(),
        found.refusal(),
        true,
        found.nanos());
  }

  @Override
  public void records(long fromLsn, Visitor visitor) throws IOException {
    Remembering shown = new Remembering(visitor, fromLsn);
    for (int reading = 1; ; reading++) {
      try {
        WalFindings _ = read(new LogLook(storage(), Progress.none(), shown.nextLsn, shown));
        return;
      } catch (LogLook.Enough _) {
        return; // the visitor wants no more
      } catch (NoSuchFileException gone) {
        // Removed by whoever writes the log, between looking for it and opening it.
        if (reading == READINGS || !Files.exists(subject())) {
          throw gone;
        }
      }
    }
  }

  /// Knows where to go on. For one thread, for one walk over the records.
  private static final class Remembering implements Visitor {
    private final Visitor visitor;
    private final Set<WalDamage> told = new HashSet<>();
    private long nextLsn;

    Remembering(Visitor visitor, long nextLsn) {
      this.visitor = visitor;
      this.nextLsn = nextLsn;
    }

    @Override
    public boolean record(Found record) throws IOException {
      nextLsn = record.lsn() + 1;
      return visitor.record(record);
    }

    @Override
    public void damage(WalDamage damage) {
      if (told.add(damage)) {
        visitor.damage(damage);
      }
    }
  }

  private Storage storage() throws IOException {
    return FileStorage.openReadOnly(directory);
  }

  private WalFindings read(LogLook look) throws IOException {
    return file == null ? new LookAtLog(look).read() : new LookAtFile(look, file).read();
  }

  private Path subject() {
    return file == null ? directory : directory.resolve(file);
  }

  // Sizes and times of all files: if they are the same afterwards, nobody wrote meanwhile.
  private Map<String, List<Object>> stamps() throws IOException {
    Map<String, List<Object>> stamps = new TreeMap<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path path : files) {
        try {
          BasicFileAttributes now = Files.readAttributes(path, BasicFileAttributes.class);
          stamps.put(path.toString(), List.of(now.size(), now.lastModifiedTime()));
        } catch (NoSuchFileException _) {
          // Gone: not in the other map either, or a change.
        }
      }
    }
    return stamps;
  }
}
