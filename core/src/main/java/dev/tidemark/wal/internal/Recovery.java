package dev.tidemark.wal.internal;

import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.OnCorruption;
import dev.tidemark.wal.RecoveryProgress.Phase;
import dev.tidemark.wal.RecoveryReport;
import dev.tidemark.wal.WalFullException;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.internal.events.Announcer;
import dev.tidemark.wal.internal.events.Progress;
import dev.tidemark.wal.storage.Host;
import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
import dev.tidemark.wal.storage.StorageFullException;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Opens what is on disk. First everything is read and judged; only a log that is accepted is
/// changed. Each change leaves a log that this code opens again to the same records, so it may
/// crash anywhere.
///
/// ```
/// manifest ─► headers, linked (Chain) ─► newest segment (TailScan) ─► Verdict ─► unproven frames written again,
/// synced ─► header of a new segment, synced ─► manifest, synced ─► dead files removed
/// ```
final class Recovery {
  private final Storage storage;
  private final Host host;
  private final WalOptions options;
  private final Announcer announcer;
  private final long begun;
  private Salvaged salvaged = Salvaged.NOTHING; // owned by the thread that opens

  /// A log on disk, ready to be appended to.
  ///
  /// @param manifest open for changes
  /// @param segments oldest first; the last is active
  /// @param holes what was accepted in them, and which of them are gone, header apart
  /// @param file the active segment
  /// @param offset where its next frame goes, in bytes
  /// @param chain the header CRC of the frame before
  /// @param lastLsn the last LSN that was handed out or must not be handed out again; all up to it
  ///   is durable or gone
  /// @param spares ready segments, by ascending number
  /// @param nextNumber no file of this number or above exists
  /// @param holders who holds the low-water mark
  /// @param report what was found
  record Recovered(
      ManifestFile manifest,
      List<SegmentHeader> segments,
      Holes holes,
      StorageFile file,
      long offset,
      int chain,
      long lastLsn,
      List<Spares.Spare> spares,
      long nextNumber,
      FoundHolders holders,
      RecoveryReport report) {}

  private Recovery(Storage storage, Host host, WalOptions options, Announcer announcer) {
    this.storage = storage;
    this.host = host;
    this.options = options;
    this.announcer = announcer;
    begun = host.nanoTime();
  }

  /// Opens or creates the log. The storage is locked already.
  ///
  /// @throws CorruptWalException if something promised is damaged or missing; nothing was changed,
  ///   unless the options say otherwise
  /// @throws WalFullException if there is no space for a new segment; nothing that was promised is
  ///   lost
  static Recovered run(Storage storage, Host host, WalOptions options, Announcer announcer)
      throws IOException {
    try {
      return new Recovery(storage, host, options, announcer).run();
    } catch (StorageFullException e) {
      throw new WalFullException("no space to open the log: " + e.getMessage(), e);
    }
  }

  /// Judges the log as [#run] would, and changes nothing. The storage is locked already.
  ///
  /// @throws CorruptWalException as [#run]
  static void check(Storage storage, Host host, WalOptions options, Announcer announcer)
      throws IOException {
    Recovery look = new Recovery(storage, host, options, announcer);
    try {
      Manifest manifest = look.manifest();
      if (manifest != null) {
        Chain chain = Chain.read(storage, manifest, options.segmentBytes());
        if (!chain.segments().isEmpty()) {
          look.judge(manifest, chain);
        }
      }
    } catch (CorruptWalException damage) {
      if (options.onCorruption() == OnCorruption.FAIL) {
        throw damage;
      }
      Salvage _ = Salvage.of(storage, host, options, look.begun, announcer, damage);
    }
  }

  private Recovered run() throws IOException {
    try {
      return runAsItIs();
    } catch (CorruptWalException damage) {
      if (options.onCorruption() == OnCorruption.FAIL) {
        throw damage;
      }
      Salvage salvage = Salvage.of(storage, host, options, begun, announcer, damage);
      if (salvage.changesLog()) {
        return salvage.run();
      }
      salvaged = salvage.tidy();
      return runAsItIs();
    }
  }

  private Recovered runAsItIs() throws IOException {
    Manifest manifest = manifest();
    if (manifest == null) {
      return create();
    }
    Chain chain = Chain.read(storage, manifest, options.segmentBytes());
    return chain.segments().isEmpty() ? createFirst(manifest, chain) : recover(manifest, chain);
  }

  // Null where there is no log yet, or one whose creation did not get far.
  private @Nullable Manifest manifest() throws IOException {
    boolean there = storage.list().contains(Manifest.FILE);
    Manifest manifest = there ? ManifestFile.read(storage) : null;
    if (manifest == null && Chain.hasSegments(storage)) {
      throw new CorruptWalException(
          (there ? "is damaged" : "is missing")
              + " while there are segments; "
              + CorruptWalException.ADVICE,
          Manifest.FILE,
          -1,
          0,
          0);
    }
    return manifest;
  }

  // ---- a new log

  private Recovered create() throws IOException {
    String temporary = Manifest.FILE + SegmentFiles.TEMPORARY;
    for (String name : storage.list()) {
      if (name.equals(temporary) || name.equals(Manifest.FILE)) {
        storage.delete(name); // of a creation that did not get further
      }
    }
    Manifest first = new Manifest(host.random(), host.random(), 1, 1, 0, 0, 0, 0, 1, Holders.NONE);
    ManifestFile.create(storage, host, first).close();
    return createFirst(first, Chain.read(storage, first, options.segmentBytes()));
  }

  private Recovered createFirst(Manifest manifest, Chain chain) throws IOException {
    SegmentHeader none = SegmentHeader.none(manifest.logIdHigh(), manifest.logIdLow());
    ManifestFile file = ManifestFile.open(storage, host, manifest);
    try {
      proveNames(file, chain);
      NextSegment next = nextSegment(file, chain);
      return next.behind(next.place(), none, 0, 0, 0, 1, Findings.nothing());
    } catch (Throwable e) {
      file.close();
      throw e;
    }
  }

  // ---- a log that is there

  /// What reading a log said.
  ///
  /// @param promised the largest LSN that anything promises durable
  /// @param verified how many bytes of older segments were verified
  private record Judged(
      TailScan scan,
      FoundHolders holders,
      RecoveryReport.Verdict verdict,
      long promised,
      long verified) {

    // Above every LSN that was ever seen: no LSN exists twice.
    long nextLsn() {
      return Math.max(Math.max(scan.lastLsn(), scan.highestLsn()), promised) + 1;
    }
  }

  // Reads everything there is to read; changes nothing.
  private Judged judge(Manifest manifest, Chain chain) throws IOException {
    SegmentHeader newest = chain.segments().getLast();
    String name = SegmentHeader.fileName(newest.number());
    TailScan scan;
    try (StorageFile file = storage.openForRead(name)) {
      scan = TailScan.of(file, newest, progress(Phase.SCAN, newest.fileBytes()));
    }
    FoundHolders holders =
        FoundHolders.read(storage, manifest, bytes -> progress(Phase.CHECKPOINT, bytes));
    long promised = Math.max(newest.durableLsn(), manifest.lowWaterLsn() - 1);
    promised = Math.max(promised, holders.promisedLsn());
    RecoveryReport.Verdict verdict = Verdict.of(name, scan, promised, options.onUnvouchedTail());
    CheckpointStamp checkpoint = holders.checkpoints().newest();
    if (options.verifyOnOpen() && checkpoint != null) {
      Progress progress = progress(Phase.CHECKPOINT, checkpoint.length());
      CheckpointReader.verify(storage, manifest, checkpoint, progress);
    }
    long verified =
        options.verifyOnOpen() || options.onCorruption() != OnCorruption.FAIL
            ? Verification.run(
                storage, chain, progress(Phase.VERIFY, Verification.bytes(chain.segments())))
            : 0;
    promised = Math.max(promised, scan.promisedLsn());
    Judged judged = new Judged(scan, holders, verdict, promised, verified);
    Verdict.checkLsnsAreLeft(name, judged.nextLsn());
    return judged;
  }

  private Recovered recover(Manifest manifest, Chain chain) throws IOException {
    SegmentHeader newest = chain.segments().getLast();
    Judged judged = judge(manifest, chain);
    TailScan scan = judged.scan;
    FoundHolders holders = judged.holders;
    long promised = judged.promised;

    // From here on the log is accepted and files are changed.
    ManifestFile file = ManifestFile.open(storage, host, manifest);
    try {
      proveNames(file, chain);
      holders.settle(storage, file);
      Salvaged done = salvaged.verified(judged.verified);
      if (chain.adopted()) {
        NextSegment.rewriteHeader(storage, newest);
        // Before the manifest names a later first segment: below that, what is there was truncated.
        done = done.andSetAside(SetAside.all(storage, chain.strays()));
        long first = chain.segments().getFirst().number();
        file.change(current -> current.withActivated(newest, first));
      }
      Findings findings = Findings.of(judged.verdict, scan, promised, chain, holders, done);
      if (scan.empty() && scan.isClean()) {
        return nextSegment(file, chain).newest(scan.end(), scan.chain(), findings);
      }
      if (findings.unproven() > 0 || scan.recordsEnd() < scan.end()) {
        TailProof.make(storage, newest, scan, promised, progress(Phase.REWRITE, scan.end()));
      }
      return goOn(nextSegment(file, chain), newest, scan, judged.nextLsn(), findings);
    } catch (Throwable e) {
      file.close();
      throw e;
    }
  }

  // In a segment of its own, so that a torn end is never appended to. On a disk that has no space
  // for one a log must open all the same, or nobody could truncate it: then in the newest, if it
  // has no torn end and no LSN is passed over.
  private static Recovered goOn(
      NextSegment next, SegmentHeader newest, TailScan scan, long nextLsn, Findings findings)
      throws IOException {
    NextSegment.Place place;
    try {
      place = next.place();
    } catch (StorageFullException full) {
      boolean goesOn = scan.isClean() && !scan.sealed() && scan.missingBytes() == 0;
      if (!goesOn || nextLsn != scan.lastLsn() + 1) {
        throw full;
      }
      return next.newestAgain(scan.end(), scan.chain(), scan.lastLsn(), findings);
    }
    return next.behind(place, newest, scan.end(), scan.lastLsn(), scan.chain(), nextLsn, findings);
  }

  private Progress progress(Phase phase, long totalBytes) {
    return Progress.of(announcer, host, phase, totalBytes);
  }

  private NextSegment nextSegment(ManifestFile manifest, Chain chain) {
    return new NextSegment(
        storage, host, options.segmentBytes(), manifest, chain, List.of(), begun);
  }

  // What was read may stand in the page cache alone: a manifest, before a file goes that an older
  // one still names, and the names of spares, before one of them is activated.
  private void proveNames(ManifestFile manifest, Chain chain) throws IOException {
    manifest.proveAgain();
    if (!chain.dead().isEmpty()) {
      manifest.change(Manifest::again); // the other slot must not name what is about to go
    }
    storage.syncDirectory();
  }
}
