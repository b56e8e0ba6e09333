package dev.tidemark.ingest;

import dev.tidemark.ingest.budget.DiskBudget;
import dev.tidemark.ingest.budget.DiskUse;
import dev.tidemark.sink.LocalSink;
import dev.tidemark.sink.Sink;
import dev.tidemark.wal.ReaderOptions;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.WalReader;
import dev.tidemark.wal.storage.Host;
import dev.tidemark.wal.storage.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The logs and files of a data directory: `wal/catalog`, `wal/shard-0000`, `parquet`.
final class DirectoryLogs implements Logs {
  private static final Pattern SHARD = Pattern.compile("shard-(\\d{4})");
  private static final String REMOVED = ".removed";

  private final Path logs;
  private final Path files;
  private final DiskUse disk;
  private final Folders folders;

  // By name, of the logs that were opened.
  private final Map<String, BudgetedStorage> storages = new ConcurrentHashMap<>();

  /// Makes a storage of a log's folder: the seam at which tests let a disk fail.
  interface Folders {
    /// {@return the storage; creates the folder if it is missing}
    Storage open(Path folder) throws IOException;
  }

  DirectoryLogs(Path dataDirectory, DiskBudget budget, long leastBytes, Folders folders)
      throws IOException {
    this.logs = dataDirectory.resolve("wal");
    this.files = dataDirectory.resolve("parquet");
    this.disk = DiskUse.of(logs, budget, leastBytes);
    this.folders = folders;
  }

  @Override
  public Presence presence(String name) throws IOException {
    Path folder = logs.resolve(name);
    if (!Files.exists(folder.resolve("manifest"))) {
      return Presence.MISSING;
    }
    try (WalReader log =
        Wal.openReadOnly(folders.open(folder), Host.system(), ReaderOptions.defaults())) {
      boolean used = log.firstLsn() > 1 || log.lastLsn() > 0;
      return used ? Presence.USED : Presence.EMPTY;
    }
  }

  @Override
  public void check(String name, WalOptions options) throws IOException {
    Path folder = logs.resolve(name);
    if (Files.isDirectory(folder)) {
      Wal.check(folders.open(folder), Host.system(), options);
    }
  }

  @Override
  public Wal open(String name, WalOptions options) throws IOException {
    BudgetedStorage storage = new BudgetedStorage(folders.open(logs.resolve(name)), disk);
    Wal wal = Wal.open(storage, Host.system(), options);
    storage.opened();
    storages.put(name, storage);
    return wal;
  }

  @Override
  public Wal reopen(String name, Wal failed) throws IOException {
    BudgetedStorage storage = storages.get(name);
    if (storage == null) {
      throw new IllegalStateException("log " + name + " was never opened");
    }
    storage.opening();
    Wal wal = failed.reopen();
    storage.opened();
    return wal;
  }

  @Override
  public DiskUse disk() {
    return disk;
  }

  @Override
  public Sink openSink() throws IOException {
    return LocalSink.open(files);
  }

  @Override
  public List<Integer> shards() throws IOException {
    if (!Files.isDirectory(logs)) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(logs)) {
      return all.map(path -> SHARD.matcher(path.getFileName().toString()))
          .filter(Matcher::matches)
          .map(name -> Integer.valueOf(name.group(1)))
          .sorted()
          .toList();
    }
  }

  // Renamed first: a log with some of its files gone would be refused as damaged.
  @Override
  public void removeShard(int number) throws IOException {
    Path log = logs.resolve(Logs.shard(number));
    Path removed = logs.resolve(Logs.shard(number) + REMOVED);
    deleteAll(removed);
    Files.move(log, removed, StandardCopyOption.ATOMIC_MOVE);
    deleteAll(removed);
  }

  private static void deleteAll(Path root) throws IOException {
    if (!Files.exists(root)) {
      return;
    }
    List<Path> deepestFirst;
    try (Stream<Path> all = Files.walk(root)) {
      deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : deepestFirst) {
      Files.delete(path);
    }
  }
}
