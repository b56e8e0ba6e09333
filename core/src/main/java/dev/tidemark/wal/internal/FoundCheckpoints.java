package dev.tidemark.wal.internal;

import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.internal.events.Progress;
import dev.tidemark.wal.storage.Storage;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/// The checkpoints as opening the log found and judged them: the newest that is whole holds.
///
/// @param newest the one that holds, verified; null if there is none
/// @param damaged the name of the file that was to be the newest, empty if there is no such
/// @param nextGeneration no file of this generation or above is there
/// @param dead files that no checkpoint needs
/// @param changed whether the manifest says something else
record FoundCheckpoints(
    @Nullable CheckpointStamp newest,
    String damaged,
    long nextGeneration,
    List<String> dead,
    boolean changed) {

  /// What a damaged file is renamed to: it is kept for whoever wants to look at it.
  static final String SET_ASIDE = ".damaged";

  /// Of a new log.
  static final FoundCheckpoints NONE = new FoundCheckpoints(null, "", 1, List.of(), false);

  FoundCheckpoints {
    dead = List.copyOf(dead);
  }

  /// Reads them without changing anything. One that was never verified is read to its end; of one
  /// that was, size and trailer must be right.
  ///
  /// @param progress makes what is told how far the reading of so many bytes is
  /// @throws CorruptWalException if none is whole that was relied upon: records before it are gone
  static FoundCheckpoints read(Storage storage, Manifest log, LongFunction<Progress> progress)
      throws IOException {
    Holders holders = log.holders();
    CheckpointStamp kept = holders.checkpoint();
    String damaged = "";
    if (kept != null && !kept.verified() && !isWhole(storage, log, kept, progress)) {
      damaged = kept.fileName();
      kept = holders.previous();
      if (kept != null && !kept.verified() && !isWhole(storage, log, kept, progress)) {
        kept = null; // it was never relied upon either: all records are still there
      }
    }
    if (kept != null) {
      relyOn(storage, log, kept, !damaged.isEmpty(), progress);
      kept = kept.asVerified();
    }
    long next = holders.nextGeneration();
    List<String> dead = new ArrayList<>();
    for (String name : storage.list()) {
      long generation = CheckpointLayout.generationIn(name);
      if (generation - holders.nextGeneration() > SegmentHeader.FAR) {
        throw new CorruptWalException(
            "has a number far behind all checkpoints of the log, so it is none of its files; move it"
                + " out of this directory",
            name,
            -1,
            0,
            0);
      }
      if (generation > 0 && (kept == null || !name.equals(kept.fileName()))) {
        next = Math.max(next, generation + 1);
        if (!name.equals(damaged)) {
          dead.add(name);
        }
      }
    }
    boolean changed =
        next != holders.nextGeneration()
            || holders.previous() != null
            || !java.util.Objects.equals(kept, holders.checkpoint());
    return new FoundCheckpoints(kept, damaged, next, dead, changed);
  }

  /// Looks for the newest whole checkpoint of a log whose manifest is lost. The log was durable up
  /// to it before its file had its name, so one that no manifest ever named holds as well.
  ///
  /// @param log whose checkpoints
  /// @param progress as with [#read]
  /// @return it, verified; null if there is none
  static @Nullable CheckpointStamp search(
      Storage storage, Manifest log, LongFunction<Progress> progress) throws IOException {
    CheckpointStamp newest = null;
    for (String name : storage.list()) {
      long generation = CheckpointLayout.generationIn(name);
      boolean newer = newest == null || generation > newest.generation();
      if (generation > 0 && newer) {
        CheckpointStamp found = CheckpointReader.trailer(storage, log, name);
        if (found != null
            && found.fileName().equals(name)
            && isWhole(storage, log, found, progress)) {
          newest = found;
        }
      }
    }
    return newest == null ? null : newest.asVerified();
  }

  private static boolean isWhole(
      Storage storage, Manifest log, CheckpointStamp stamp, LongFunction<Progress> progress)
      throws IOException {
    try {
      CheckpointReader.verify(storage, log, stamp, progress.apply(stamp.length()));
      return true;
    } catch (CorruptWalException | NoSuchFileException _) {
      return false;
    }
  }

  // Records before it may be gone, so it must be there.
  private static void relyOn(
      Storage storage,
      Manifest log,
      CheckpointStamp stamp,
      boolean isFallback,
      LongFunction<Progress> progress)
      throws IOException {
    try {
      if (isFallback) {
        CheckpointReader.verify(storage, log, stamp, progress.apply(stamp.length()));
      } else {
        CheckpointReader.open(storage, log, stamp).close();
      }
    } catch (NoSuchFileException _) {
      throw new CorruptWalException("is missing" + reason(isFallback), stamp.fileName(), -1, 0, 0);
    } catch (CorruptWalException e) {
      throw isFallback
          ? new CorruptWalException("is damaged" + reason(true), stamp.fileName(), e.offset(), 0, 0)
          : e;
    }
  }

  private static String reason(boolean isFallback) {
    return isFallback
        ? ", and the newer one is damaged too: no checkpoint is left to go on from; look for a copy"
        : ", and the records before it may be gone; look for a copy";
  }

  /// Says in the manifest what holds, sets a damaged file aside and removes dead ones.
  void settle(Storage storage, ManifestFile manifest) throws IOException {
    if (changed) {
      manifest.change(
          log -> log.withHolders(log.holders().withCheckpoints(newest, null, nextGeneration)));
    }
    List<String> there = storage.list();
    if (!damaged.isEmpty() && there.contains(damaged)) {
      storage.rename(damaged, damaged + SET_ASIDE);
    }
    for (String name : dead) {
      if (there.contains(name)) {
        storage.delete(name);
      }
    }
  }
}
