package dev.tidemark.wal.internal;

import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.RecoveryProgress;
import dev.tidemark.wal.RecoveryReport;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.internal.events.Announcer;
import dev.tidemark.wal.internal.events.Progress;
import dev.tidemark.wal.storage.Host;
import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/// Does what a [SalvagePlan] says. The log stays as it was, to a recovery, until the header of a
/// new segment is synced: with it everything counts. Before that only headers that do not count by
/// themselves are written ([SegmentHeader#REBUILT]), and behind it files get other names. So it may
/// crash anywhere, and be done again.
///
/// ```
/// plan ─► manifest, if it is damaged ─► headers that are made up ─► HOLE frames of a new segment, synced
///      ─► its header, synced: done ─► manifest ─► files set aside
/// ```
///
/// For one thread, for one salvage.
final class Salvage {
  private final Storage storage;
  private final Host host;
  private final WalOptions options;
  private final long begun;
  private final SalvagePlan plan;
  private final FoundHolders holders;
  private final List<String> setAside = new ArrayList<>();
  private final long verifiedBytes;

  private Salvage(
      Storage storage,
      Host host,
      WalOptions options,
      long begun,
      SalvagePlan plan,
      FoundHolders holders,
      long verifiedBytes) {
    this.holders = holders;
    this.storage = storage;
    this.host = host;
    this.options = options;
    this.begun = begun;
    this.plan = plan;
    this.verifiedBytes = verifiedBytes;
  }

  /// Plans the salvage of a log; nothing is changed.
  ///
  /// @param damage why it was refused
  /// @throws CorruptWalException that, if a salvage would not help
  static Salvage of(
      Storage storage,
      Host host,
      WalOptions options,
      long begun,
      Announcer announcer,
      CorruptWalException damage)
      throws IOException {
    boolean there = storage.list().contains(Manifest.FILE);
    @Nullable Manifest manifest = there ? ManifestFile.read(storage) : null;
    long bytes = 0;
    for (SegmentHeader header : Inventory.read(storage).valid().values()) {
      bytes += header.fileBytes();
    }
    Progress progress = Progress.of(announcer, host, RecoveryProgress.Phase.VERIFY, bytes);
    Verification.Counter counter = new Verification.Counter(progress);
    LongFunction<Progress> ofCheckpoint =
        size -> Progress.of(announcer, host, RecoveryProgress.Phase.CHECKPOINT, size);
    SalvagePlan plan;
    FoundHolders holders;
    try {
      if (manifest != null) {
        holders = FoundHolders.read(storage, manifest, ofCheckpoint);
        long promised = Math.max(holders.promisedLsn(), manifest.lowWaterLsn() - 1);
        plan = SalvagePlanner.plan(storage, manifest, options, promised, counter);
      } else {
        plan = SalvagePlanner.plan(storage, null, options, 0, counter);
        plan = plan.with(rebuilt(storage, plan.manifest(), ofCheckpoint));
        holders = FoundHolders.read(storage, plan.manifest(), ofCheckpoint);
        if (holders.promisedLsn() > plan.promisedLsn()) {
          Manifest made = plan.manifest();
          plan = SalvagePlanner.plan(storage, null, options, holders.promisedLsn(), counter);
          plan = plan.with(made);
        }
      }
    } catch (CorruptWalException e) {
      e.addSuppressed(damage);
      throw e;
    }
    if (!plan.changesAnything()) {
      throw damage;
    }
    return new Salvage(storage, host, options, begun, plan, holders, counter.doneBytes());
  }

  /// {@return whether anything in the log is lost or was made up; if not, it can be opened as it is
  /// after [#tidy]}
  boolean changesLog() {
    return plan.changesLog();
  }

  /// Replaces a damaged manifest, and sets aside what is no part of the log.
  ///
  /// @return what was done
  Salvaged tidy() throws IOException {
    manifest().close();
    setAside.addAll(SetAside.all(storage, plan.strays()));
    return new Salvaged(List.of(), setAside, 0, plan.manifestRebuilt(), verifiedBytes);
  }

  private ManifestFile manifest() throws IOException {
    if (!plan.manifestRebuilt()) {
      return ManifestFile.open(storage, host, plan.manifest());
    }
    // What a manifest does not name goes at open, and nothing is to go in a salvage.
    Set<String> kept = plan.manifest().holders().checkpointFiles();
    for (String name : storage.list()) {
      if (CheckpointLayout.generationIn(name) > 0 && !kept.contains(name)) {
        setAside.add(SetAside.put(storage, name, false));
      }
    }
    // What lies below the first segment that the new one names would go at the next open.
    for (Map.Entry<String, Boolean> stray : plan.strays().entrySet()) {
      Long number = SegmentHeader.numberAtHead(stray.getKey());
      if (number != null && number < plan.manifest().firstNumber()) {
        setAside.add(SetAside.put(storage, stray.getKey(), stray.getValue()));
      }
    }
    storage.syncDirectory();
    return ManifestFile.replace(storage, host, plan.manifest(), setAside);
  }

  // A checkpoint's trailer says what it is. Subscriptions say themselves how far they are; only the
  // manifest knows how many blocks of them count, but one too many, which a crash left, is empty.
  private static Manifest rebuilt(Storage storage, Manifest made, LongFunction<Progress> progress)
      throws IOException {
    CheckpointStamp checkpoint = FoundCheckpoints.search(storage, made, progress);
    Holders holders =
        checkpoint == null
            ? Holders.NONE
            : Holders.NONE.withCheckpoints(checkpoint, null, checkpoint.generation() + 1);
    if (!storage.list().contains(SubscriptionFile.FILE)) {
      return made.withHolders(holders);
    }
    long bytes;
    try (StorageFile file = storage.openForRead(SubscriptionFile.FILE)) {
      bytes = file.size();
    }
    int blocks =
        (int) Math.min(SubscriptionBlock.MAX_BLOCKS, bytes / (2 * SubscriptionBlock.BYTES));
    return made.withHolders(holders.withBlocks(blocks));
  }

  /// Salvages the log.
  Recovery.Recovered run() throws IOException {
    ManifestFile manifest = manifest();
    try {
      manifest.proveAgain();
      storage.syncDirectory();
      holders.settle(storage, manifest);
      writeHeaders();
      SegmentHeader last = last();
      if (last.number() > manifest.current().lastNumber()) {
        NextSegment.rewriteHeader(storage, last); // it may stand in the page cache alone
      }
      if (plan.unproven() && !plan.segments().isEmpty()) {
        try (StorageFile file = storage.open(SegmentHeader.fileName(last.number()))) {
          TailProof.copyInPlace(file, SegmentHeader.BYTES, plan.end().offset(), Progress.none());
        }
      }
      SalvagePlan.End end = plan.end();
      NextSegment next =
          new NextSegment(
              storage,
              host,
              options.segmentBytes(),
              manifest,
              chain(manifest.current()),
              plan.holes().accepted(),
              begun);
      return next.behind(
          next.place(),
          last,
          end.offset(),
          end.lastLsn(),
          end.crc(),
          plan.nextLsn(),
          findings(last));
    } catch (Throwable e) {
      manifest.close();
      throw e;
    }
  }

  private SegmentHeader last() {
    Manifest log = plan.manifest();
    return plan.segments().isEmpty()
        ? SegmentHeader.none(log.logIdHigh(), log.logIdLow())
        : plan.segments().getLast();
  }

  private void writeHeaders() throws IOException {
    for (SegmentHeader segment : plan.segments()) {
      if (plan.rebuilt().contains(segment.number())) {
        NextSegment.rewriteHeader(storage, segment);
      } else if (plan.lost().contains(segment.number())) {
        String name = SegmentHeader.goneName(segment.number());
        if (storage.list().contains(name)) {
          setAside.add(SetAside.put(storage, name, true));
        }
        SegmentFiles.makeGone(storage, segment);
      }
    }
  }

  private Chain chain(Manifest manifest) throws IOException {
    Inventory files = Inventory.read(storage);
    long highest = Math.max(files.highest(), manifest.nextNumber() - 1);
    long newest = Math.max(manifest.lastNumber(), plan.segments().isEmpty() ? 0 : last().number());
    List<Spares.Spare> spares = new ArrayList<>();
    for (Map.Entry<Long, SegmentHeader.Found> file : files.invalid().entrySet()) {
      long number = file.getKey();
      boolean above = number > newest && files.valid().higherKey(number) == null;
      if (above && file.getValue() instanceof SegmentHeader.Found.Zeros) {
        try (StorageFile open = storage.openForRead(SegmentHeader.fileName(number))) {
          if (open.size() == options.segmentBytes()) {
            spares.add(new Spares.Spare(number, open.size(), true));
          }
        }
      }
    }
    Map<String, Boolean> strays = new TreeMap<>(plan.strays());
    Set<Long> gone = plan.holes().gone();
    gone.forEach(number -> strays.remove(SegmentHeader.goneName(number)));
    return new Chain(
        plan.segments(), false, spares, files.temporary(), strays, highest + 1, plan.holes());
  }

  private Findings findings(SegmentHeader last) {
    SalvagePlan.End end = plan.end();
    boolean raised = plan.nextLsn() > end.lastLsn() + 1;
    return new Findings(
        RecoveryReport.Verdict.SALVAGED,
        end.lastLsn(),
        plan.promisedLsn(),
        0,
        plan.segments().size(),
        plan.segments().isEmpty() ? "" : SegmentHeader.fileName(last.number()),
        end.offset(),
        0,
        0,
        0,
        holders,
        new Salvaged(
            plan.found().stream().map(AcceptedHole::toHole).toList(),
            setAside,
            raised ? plan.nextLsn() : 0,
            plan.manifestRebuilt(),
            verifiedBytes));
  }
}
