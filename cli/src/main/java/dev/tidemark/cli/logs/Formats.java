package dev.tidemark.cli.logs;

import dev.tidemark.formats.LogFormat;
import dev.tidemark.formats.LogFormat.Likeness;
import dev.tidemark.formats.arc.ArcFormat;
import dev.tidemark.formats.banyandb.BanyanDbFormat;
import dev.tidemark.formats.leveldb.LevelDbFormat;
import dev.tidemark.formats.leveldb.ManifestFormat;
import dev.tidemark.formats.loki.LokiFormat;
import dev.tidemark.formats.prometheus.PrometheusFormat;
import dev.tidemark.formats.rocksdb.RocksDbFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// All formats that the tool knows, and how it finds out which one a log has. Immutable.
///
/// @param foreign those of other systems; of two that a log is equally like, the first is taken
public record Formats(List<LogFormat> foreign) {
  private static final Formats ALL =
      new Formats(
          List.of(
              new ArcFormat(),
              new BanyanDbFormat(),
              new LokiFormat(),
              new PrometheusFormat(),
              new RocksDbFormat(),
              new LevelDbFormat(),
              new ManifestFormat()));

  /// What a log was found to be.
  ///
  /// @param log the log
  /// @param others names of other formats that it might be as well
  public record Found(Log log, List<String> others) {}

  /// {@return all that there are}
  public static Formats all() {
    return ALL;
  }

  /// {@return the names that users type}
  public List<String> names() {
    List<String> names = new ArrayList<>(List.of(OwnLog.FORMAT));
    foreign.forEach(format -> names.add(format.name()));
    return names;
  }

  /// {@return the log in a format that the user names}
  ///
  /// @param path a file or a directory
  /// @param name the format's name
  /// @throws NoSuchFileException if there is nothing at the path
  /// @throws IllegalArgumentException if there is no such format
  public Log open(Path path, String name) throws NoSuchFileException {
    mustExist(path);
    String wanted = name.toLowerCase(Locale.ROOT);
    if (wanted.equals(OwnLog.FORMAT)) {
      return new OwnLog(path);
    }
    return new ForeignLog(path, foreign(wanted).orElseThrow(() -> unknown(name)));
  }

  /// {@return the format of another system by its name}
  ///
  /// @param name as users type it
  public Optional<LogFormat> foreign(String name) {
    return foreign.stream().filter(format -> format.name().equals(name)).findFirst();
  }

  private IllegalArgumentException unknown(String name) {
    return new IllegalArgumentException(
        "there is no format '" + name + "'; there are " + String.join(", ", names()));
  }

  /// Finds out by content what a log is.
  ///
  /// @param path a file or a directory
  /// @return what it is, empty if it is like nothing that is known
  /// @throws NoSuchFileException if there is nothing at the path
  /// @throws IOException if it cannot be read
  public Optional<Found> detect(Path path) throws IOException {
    mustExist(path);
    Likeness own = OwnLog.likeness(path);
    if (own == Likeness.CONTENT) {
      return Optional.of(new Found(new OwnLog(path), List.of()));
    }
    List<LogFormat> byContent = new ArrayList<>();
    List<LogFormat> byName = new ArrayList<>();
    for (LogFormat format : foreign) {
      switch (format.likeness(path)) {
        case CONTENT -> byContent.add(format);
        case NAME -> byName.add(format);
        case NONE -> {}
      }
    }
    if (byContent.isEmpty() && own == Likeness.NAME) {
      return Optional.of(new Found(new OwnLog(path), List.of()));
    }
    List<LogFormat> candidates = byContent.isEmpty() ? byName : byContent;
    if (candidates.isEmpty()) {
      return Optional.empty();
    }
    List<String> others = candidates.stream().skip(1).map(LogFormat::name).toList();
    return Optional.of(new Found(new ForeignLog(path, candidates.getFirst()), others));
  }

  private static void mustExist(Path path) throws NoSuchFileException {
    if (!Files.exists(path)) {
      throw new NoSuchFileException(path.toString());
    }
  }
}
