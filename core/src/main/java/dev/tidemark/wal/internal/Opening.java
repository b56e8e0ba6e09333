package dev.tidemark.wal.internal;

import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.internal.events.Announcer;
import dev.tidemark.wal.internal.jfr.RecoverEvent;
import dev.tidemark.wal.storage.Host;
import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;

/// How a log is opened, and opened again: lock, recovery, an [Engine] that runs. Whatever was
/// opened on the way is closed if it does not get to the end.
///
/// @param storage where the files are
/// @param host clock, random numbers, threads
/// @param options how the log works
/// @param closeNanos how long closing waits for a disk that hangs, about twice
record Opening(Storage storage, Host host, WalOptions options, long closeNanos) {

  /// Opens or creates the log; closes the storage if that fails.
  LocalWal open() throws IOException {
    try {
      storage.lock();
      return openLocked();
    } catch (Throwable e) {
      try {
        storage.close();
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
  }

  /// Judges the log as opening it would, changes nothing, and closes the storage.
  void check() throws IOException {
    try (storage) {
      storage.lock();
      Recovery.check(
          storage, host, options, new Announcer(options.events(), storage.description()));
    } catch (CorruptWalException e) {
      throw e.in(storage.description());
    }
  }

  /// Opens the log on a storage that is locked already; the storage is the log's if this succeeds,
  /// and otherwise still the caller's.
  LocalWal openLocked() throws IOException {
    RecoverEvent event = RecoverEvent.begun();
    Announcer announcer = new Announcer(options.events(), storage.description());
    Recovery.Recovered recovered = recover(announcer);
    LocalWal wal = start(announcer, recovered);
    if (event != null) {
      event.done(storage.description(), recovered.report());
    }
    announcer.recovered(recovered.report());
    return wal;
  }

  // A program may have several logs: the message says which.
  private Recovery.Recovered recover(Announcer announcer) throws IOException {
    try {
      return Recovery.run(storage, host, options, announcer);
    } catch (CorruptWalException e) {
      throw e.in(storage.description());
    }
  }

  // What recovery opened is closed again if there is no memory, or no thread, to go on.
  private LocalWal start(Announcer announcer, Recovery.Recovered recovered) throws IOException {
    Engine engine;
    Closing closing;
    LocalWal wal;
    try {
      engine = new Engine(storage, host, options, announcer, recovered);
      closing = new Closing(this, engine);
      wal = new LocalWal(engine, closing, options.pruneBy(), recovered);
    } catch (Throwable e) {
      try (ManifestFile _ = recovered.manifest();
          StorageFile _ = recovered.file()) {
        throw e;
      }
    }
    try {
      engine.start();
    } catch (Throwable e) {
      try (wal) {
        throw e;
      }
    }
    closing.ownStorage();
    return wal;
  }
}
