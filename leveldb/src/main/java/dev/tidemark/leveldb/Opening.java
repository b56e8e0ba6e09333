package dev.tidemark.leveldb;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.tidemark.formats.leveldb.FileName;
import dev.tidemark.formats.leveldb.VersionEdit;
import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Opens a store, whatever state it is in (google/leveldb, db/db_impl.cc, DBImpl::Recover). For one
/// thread, once.
/// 1. Without `CURRENT`, makes a store.
/// 2. Reads the manifest ([FoundManifest]) and sees that all its tables are there.
/// 3. Replays the logs that it still needs, oldest first ([LogReplay]); what they hold goes into
///    tables.
/// 4. Begins a log and a manifest, both new, and names the manifest in `CURRENT`: up to here
///    nothing was changed that the next open would not find as it was.
/// 5. Removes what is not needed any more.
///
/// Unlike LevelDB it syncs the directory after each change that later ones rely on, and cuts a torn
/// end off, durably, before it goes on with a log.
final class Opening {
  /// No store has made so many files between two edits of its manifest; a name that counts further
  /// is nobody's, and counting on from it would use up the numbers.
  private static final long FAR = 1L << 40;

  private final Storage storage;
  private final LevelDbOptions options;
  private final Warnings warnings;
  private final TableCache tables;
  private final VersionEdit.Builder edit = VersionEdit.builder();

  // Owned by the thread that opens.
  private @Nullable Versions versions;
  private @Nullable AppendFile log;
  private int tablesOfLog;

  Opening(Storage storage, LevelDbOptions options) {
    this.storage = storage;
    this.options = options;
    warnings = new Warnings(storage.description(), options.warnings());
    tables = new TableCache(storage, options.blockCacheBytes(), options.maxOpenTables(), null);
  }

  /// A store that is open.
  ///
  /// @param store its parts
  /// @param log in which to go on
  record Opened(Store store, AppendFile log) {}

  /// Opens the store. The storage is locked; files that were opened are closed if this throws.
  Opened open() throws IOException {
    boolean done = false;
    try {
      createIfMissing();
      FoundManifest found = FoundManifest.read(storage, options.paranoidChecks());
      List<String> names = storage.list();
      found.checkFiles(names, warnings);
      Versions opened = new Versions(found.version(), found, nextFileNumber(found, names));
      versions = opened;
      Opened result = recover(found, opened, names);
      done = true;
      return result;
    } finally {
      if (!done) {
        closeAll();
      }
    }
  }

  private void closeAll() throws IOException {
    tables.close();
    try (AppendFile _ = log) {
      if (versions != null) {
        versions.close();
      }
    }
  }

  private static long nextFileNumber(FoundManifest found, List<String> names)
      throws CorruptLevelDbException {
    long next = found.nextFileNumber();
    for (String name : names) {
      FileName parsed = FileName.parse(name);
      if (parsed == null) {
        continue;
      }
      if (parsed.number() < found.nextFileNumber() + FAR) {
        next = Math.max(next, parsed.number() + 1);
      } else if (parsed.kind() == FileName.Kind.LOG) {
        throw new CorruptLevelDbException(
            name
                + " counts further than the store ever did. If nobody needs it, move it out of the"
                + " directory");
      }
    }
    return next;
  }

  // ---- a new store

  private void createIfMissing() throws IOException {
    List<String> names = storage.list();
    if (names.contains(FileName.CURRENT)) {
      if (options.errorIfExists()) {
        throw new FileAlreadyExistsException(
            storage.description(), null, "a store is there, and errorIfExists is set");
      }
      return;
    }
    if (!options.createIfMissing()) {
      throw new NoSuchFileException(
          storage.description(), null, "no store is there, and createIfMissing is not set");
    }
    for (String name : names) {
      refuseLeftover(name);
    }
    create();
  }

  /// LevelDB would remove it, as no part of a new store.
  private void refuseLeftover(String name) throws IOException {
    FileName parsed = FileName.parse(name);
    if (parsed == null
        || (parsed.kind() != FileName.Kind.LOG && parsed.kind() != FileName.Kind.TABLE)) {
      return;
    }
    try (StorageFile file = storage.openForRead(name)) {
      if (file.size() > 0) {
        throw new CorruptLevelDbException(
            storage.description()
                + " has no CURRENT, but "
                + name
                + ": a new store would take its place. Restore CURRENT, or empty the directory");
      }
    }
  }

  private void create() throws IOException {
    VersionEdit first =
        VersionEdit.builder()
            .comparator(FoundManifest.COMPARATOR)
            .logNumber(0)
            .nextFileNumber(2)
            .lastSequence(0)
            .build();
    try (AppendFile manifest = createManifest(1)) {
      manifest.append(first.encode());
      manifest.sync();
    }
    makeCurrent(1);
  }

  private AppendFile createManifest(long number) throws IOException {
    return AppendFile.manifest(createFresh(FileName.manifest(number)), number);
  }

  /// A file of the name may be left of an attempt that a crash ended; nothing refers to it.
  private StorageFile createFresh(String name) throws IOException {
    try {
      return storage.create(name);
    } catch (FileAlreadyExistsException left) {
      storage.delete(name);
      return storage.create(name);
    }
  }

  /// Lets `CURRENT` name a manifest, which is synced.
  private void makeCurrent(long number) throws IOException {
    storage.syncDirectory();
    String temporary = FileName.temporary(number);
    try (StorageFile file = createFresh(temporary);
        StorageOutput out = new StorageOutput(file, 0, 64)) {
      byte[] text = (FileName.manifest(number) + "\n").getBytes(US_ASCII);
      out.write(text, 0, text.length);
      out.flush();
      file.sync(false);
    }
    storage.rename(temporary, FileName.CURRENT);
    storage.syncDirectory();
  }

  // ---- one that is there

  private Opened recover(FoundManifest found, Versions opened, List<String> names)
      throws IOException {
    long manifestNumber = opened.newFileNumber();
    LogReplay replay = new LogReplay(storage, options.paranoidChecks(), warnings, this::takeFull);
    List<Long> logs = found.logs(names);
    for (int i = 0; i < logs.size(); i++) {
      replay(replay, logs.get(i), i == logs.size() - 1);
    }
    opened.lastSequence(Math.max(found.lastSequence(), replay.lastSequence()));
    AppendFile goesOn = log;
    if (goesOn == null) {
      goesOn = WritePath.createLog(storage, opened.newFileNumber());
      log = goesOn;
      replay.startTable();
    }
    AppendFile manifest = createManifest(manifestNumber);
    opened.begin(manifest);
    Version next = opened.write(edit, goesOn.number());
    makeCurrent(manifestNumber);
    opened.install(next).unpin();
    Store store = new Store(storage, options, warnings, opened, tables, replay.table());
    new Cleanup(store).run();
    return new Opened(store, goesOn);
  }

  private void replay(LogReplay replay, long number, boolean last) throws IOException {
    tablesOfLog = 0;
    replay.replay(number);
    if (last && options.reuseLogs() && tablesOfLog == 0 && !replay.isDamaged()) {
      goOnWith(number, replay.wholeBytes());
    } else if (!replay.table().isEmpty()) {
      writeTable(replay.table());
      replay.startTable();
    }
  }

  private boolean takeFull(MemTable table) throws IOException {
    if (table.bytes() <= options.writeBufferBytes()) {
      return false;
    }
    writeTable(table);
    tablesOfLog++;
    return true;
  }

  private void writeTable(MemTable table) throws IOException {
    if (versions == null) {
      throw new IllegalStateException("nothing was read yet");
    }
    TableFile file = NewTable.of(storage, options, versions.newFileNumber(), table);
    tables.release(tables.acquire(file));
    edit.add(file.at(0));
  }

  /// Behind a torn end nothing would be read again (google/leveldb#1287), so it goes first. What a
  /// killed process wrote may not be durable yet, and nobody would sync it before the next log.
  private void goOnWith(long number, long wholeBytes) throws IOException {
    StorageFile file = storage.open(FileName.log(number));
    log = AppendFile.log(file, number, wholeBytes);
    if (file.size() > wholeBytes) {
      file.truncate(wholeBytes);
    }
    file.sync(true);
  }
}
