package dev.tidemark.wal.internal;

import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.RecoveryReport;
import dev.tidemark.wal.WalFullException;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.storage.Host;
import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
import dev.tidemark.wal.storage.StorageFullException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// Opens what is on disk. First everything is read and judged; only a log that is accepted is
/// changed. Each change leaves a log that this code opens again to the same records, so it may
/// crash anywhere.
///
/// ```
/// manifest ─► headers, linked (Chain) ─► newest segment (TailScan) ─► Verdict ─► unproven frames written again,
/// synced ─► header of a new segment, synced ─► manifest, synced ─► dead files removed
/// ```
final class Recovery {
  private static final int COPY_BYTES = 1 << 20;

  private final Storage storage;
  private final Host host;
  private final WalOptions options;
  private final long begun;

  /// A log on disk, ready to be appended to.
  ///
  /// @param manifest open for changes
  /// @param segments oldest first; the last is active
  /// @param file the active segment
  /// @param offset where its next frame goes, in bytes
  /// @param chain the header CRC of the frame before
  /// @param lastLsn the last LSN that was handed out or must not be handed out again; all up to it
  ///   is durable or gone
  /// @param spares ready segments, by ascending number
  /// @param nextNumber no file of this number or above exists
  /// @param report what was found
  record Recovered(
      ManifestFile manifest,
      List<SegmentHeader> segments,
      StorageFile file,
      long offset,
      int chain,
      long lastLsn,
      List<Spares.Spare> spares,
      long nextNumber,
      RecoveryReport report) {}

  private Recovery(Storage storage, Host host, WalOptions options) {
    this.storage = storage;
    this.host = host;
    this.options = options;
    begun = host.nanoTime();
  }

  /// Opens or creates the log. The storage is locked already.
  ///
  /// @throws CorruptWalException if something promised is damaged or missing; nothing was changed
  /// @throws WalFullException if there is no space for a new segment; nothing that was promised is
  ///   lost
  static Recovered run(Storage storage, Host host, WalOptions options) throws IOException {
    try {
      return new Recovery(storage, host, options).run();
    } catch (StorageFullException e) {
      throw new WalFullException("no space to open the log: " + e.getMessage(), e);
    }
  }

  private Recovered run() throws IOException {
    boolean there = storage.list().contains(Manifest.FILE);
    Manifest manifest = there ? ManifestFile.read(storage) : null;
    if (manifest != null) {
      Chain chain = Chain.read(storage, manifest, options.segmentBytes());
      return chain.segments().isEmpty() ? createFirst(manifest, chain) : recover(manifest, chain);
    }
    if (Chain.hasSegments(storage)) {
      throw new CorruptWalException(
          (there ? "is damaged" : "is missing")
              + " while there are segments; it can be rebuilt from their headers",
          Manifest.FILE,
          -1,
          0,
          0);
    }
    return create(there);
  }

  // ---- a new log

  private Recovered create(boolean removeOld) throws IOException {
    String temporary = Manifest.FILE + SegmentFiles.TEMPORARY;
    for (String name : storage.list()) {
      if (name.equals(temporary) || (removeOld && name.equals(Manifest.FILE))) {
        storage.delete(name); // of a creation that did not get further
      }
    }
    Manifest first = new Manifest(host.random(), host.random(), 1, 1, 0, 0, 0, 1);
    ManifestFile.create(storage, first).close();
    return createFirst(first, Chain.read(storage, first, options.segmentBytes()));
  }

  private Recovered createFirst(Manifest manifest, Chain chain) throws IOException {
    SegmentHeader none =
        new SegmentHeader(manifest.logIdHigh(), manifest.logIdLow(), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    ManifestFile file = ManifestFile.open(storage, manifest);
    try {
      proveNames(file);
      RecoveryReport.Verdict verdict = RecoveryReport.Verdict.CREATED;
      Report report = new Report(verdict, 0, 0, 0, 0, "", 0, 0, 0, 0);
      return activate(file, chain, none, 0, 0, 0, 1, report);
    } catch (Throwable e) {
      file.close();
      throw e;
    }
  }

  // ---- a log that is there

  private Recovered recover(Manifest manifest, Chain chain) throws IOException {
    SegmentHeader newest = chain.segments().getLast();
    String name = SegmentHeader.fileName(newest.number());
    TailScan scan;
    try (StorageFile file = storage.openForRead(name)) {
      scan = TailScan.of(file, newest);
    }
    long promised = Math.max(newest.durableLsn(), manifest.lowWaterLsn() - 1);
    RecoveryReport.Verdict verdict = Verdict.of(name, scan, promised, options.onUnvouchedTail());
    promised = Math.max(promised, scan.promisedLsn());

    // From here on the log is accepted and files are changed.
    ManifestFile file = ManifestFile.open(storage, manifest);
    try {
      proveNames(file);
      if (chain.adopted()) {
        rewriteHeader(newest);
        file.change(current -> current.withActivated(newest));
      }
      // LSNs that an earlier recovery discarded are no records.
      long lastLsn = scan.empty() ? newest.previousLastLsn() : scan.lastLsn();
      long unproven = Math.max(0, lastLsn - Math.max(promised, newest.firstLsn() - 1));
      long cut =
          verdict == RecoveryReport.Verdict.UNVOUCHED_TAIL ? scan.dirtyEnd() - scan.end() : 0;
      long discardedTo = scan.highestLsn() > scan.lastLsn() ? scan.highestLsn() : 0;
      long discardedFrom = discardedTo == 0 ? 0 : scan.lastLsn() + 1;
      Report report =
          new Report(
              verdict,
              lastLsn,
              promised,
              unproven,
              chain.segments().size(),
              name,
              scan.end(),
              cut,
              discardedFrom,
              discardedTo);
      if (scan.empty() && scan.isClean()) {
        return goOnIn(file, chain, newest, report);
      }
      if (unproven > 0 || scan.recordsEnd() < scan.end()) {
        proveAgain(newest, scan, promised);
      }
      // Above every LSN that was ever seen: no LSN exists twice.
      long nextLsn = Math.max(Math.max(scan.lastLsn(), scan.highestLsn()), promised) + 1;
      return activate(
          file, chain, newest, scan.end(), scan.lastLsn(), scan.chain(), nextLsn, report);
    } catch (Throwable e) {
      file.close();
      throw e;
    }
  }

  // What was read may stand in the page cache alone: a manifest, before a file goes that an older
  // one still names, and the names of spares, before one of them is activated.
  private void proveNames(ManifestFile manifest) throws IOException {
    manifest.proveAgain();
    storage.syncDirectory();
  }

  private void rewriteHeader(SegmentHeader header) throws IOException {
    try (StorageFile file = storage.open(SegmentHeader.fileName(header.number()))) {
      SegmentFiles.writeHeader(file, header);
    }
  }

  // After a failed sync the page cache may show what the disk does not hold: writing the bytes
  // again makes them dirty, so that the next sync really proves them. Marks and a seal belong to
  // the chain as records do, and nobody waited for their sync.
  private void proveAgain(SegmentHeader newest, TailScan scan, long promised) throws IOException {
    try (StorageFile file = storage.open(SegmentHeader.fileName(newest.number()))) {
      long from = provenEnd(file, newest, scan, promised);
      MemorySegment copy = Arena.ofAuto().allocate(COPY_BYTES, 64);
      for (long at = from; at < scan.end(); at += COPY_BYTES) {
        long length = Math.min(COPY_BYTES, scan.end() - at);
        int read = file.read(at, copy.asSlice(0, length));
        if (read != length) {
          throw new IOException(file.name() + " became shorter while it was read, at byte " + at);
        }
        file.write(at, copy, 0, length);
      }
      file.sync(true);
      TailScan again = TailScan.of(file, newest);
      if (again.lastLsn() != scan.lastLsn() || again.chain() != scan.chain()) {
        throw new IOException(file.name() + " changed while unproven records were written again");
      }
    }
  }

  // Behind the last records that were promised: they were synced, and with them all before.
  private static long provenEnd(
      StorageFile file, SegmentHeader segment, TailScan scan, long promised) throws IOException {
    if (scan.lastLsn() <= promised) {
      return scan.recordsEnd();
    }
    FrameReader reader = new FrameReader(file, segment);
    long proven = SegmentHeader.BYTES;
    long offset = SegmentHeader.BYTES;
    while (offset < scan.end()) {
      if (reader.readHeader(offset) == FrameReader.Found.NOTHING) {
        throw new IOException(file.name() + " changed while it was read, at byte " + offset);
      }
      FrameHeader frame = reader.header();
      offset += frame.frameBytes();
      if (frame.lastLsn() > promised) {
        break;
      }
      if (frame.records > 0) {
        proven = offset;
      }
    }
    return proven;
  }

  // The newest segment was activated and never written to: a crash right after activation, or in a
  // recovery.
  private Recovered goOnIn(ManifestFile manifest, Chain chain, SegmentHeader newest, Report report)
      throws IOException {
    rewriteHeader(newest);
    List<Spares.Spare> spares = cleanSpares(chain);
    removeDead(chain.dead());
    StorageFile file = storage.open(SegmentHeader.fileName(newest.number()));
    return new Recovered(
        manifest,
        chain.segments(),
        file,
        SegmentHeader.BYTES,
        newest.chainStart(),
        newest.firstLsn() - 1,
        spares,
        chain.nextNumber(),
        report.complete(lowWater(manifest), chain.segments(), host.nanoTime() - begun));
  }

  // Starts a segment behind `previous`, whose end its header states from now on.
  private Recovered activate(
      ManifestFile manifest,
      Chain chain,
      SegmentHeader previous,
      long end,
      long lastLsn,
      int crc,
      long nextLsn,
      Report report)
      throws IOException {
    List<Spares.Spare> spares = cleanSpares(chain);
    long nextNumber = chain.nextNumber();
    Spares.Spare spare;
    if (spares.isEmpty()) {
      spare = new Spares.Spare(nextNumber++, options.segmentBytes());
      removeDead(chain.dead()); // makes space, and frees a temporary name
      SegmentFiles.prepare(storage, spare.number(), spare.fileBytes(), () -> false);
    } else {
      spare = spares.removeFirst();
    }
    SegmentHeader next =
        new SegmentHeader(
            previous.logIdHigh(),
            previous.logIdLow(),
            spare.number(),
            host.random(),
            spare.fileBytes(),
            nextLsn,
            previous.number(),
            previous.nonce(),
            end,
            lastLsn,
            crc,
            lastLsn);
    StorageFile file = storage.open(SegmentHeader.fileName(spare.number()));
    try {
      SegmentFiles.writeHeader(file, next);
      manifest.change(current -> current.withActivated(next));
      removeDead(chain.dead());
    } catch (Throwable e) {
      file.close();
      throw e;
    }
    List<SegmentHeader> segments = new ArrayList<>(chain.segments());
    segments.add(next);
    return new Recovered(
        manifest,
        segments,
        file,
        SegmentHeader.BYTES,
        next.chainStart(),
        nextLsn - 1,
        spares,
        nextNumber,
        report.complete(lowWater(manifest), segments, host.nanoTime() - begun));
  }

  private static long lowWater(ManifestFile manifest) {
    return manifest.current().lowWaterLsn();
  }

  // A torn header of a segment that was never activated is wiped before the file counts as a spare.
  private List<Spares.Spare> cleanSpares(Chain chain) throws IOException {
    List<Spares.Spare> clean = new ArrayList<>();
    for (Spares.Spare spare : chain.spares()) {
      if (!(Chain.readHeader(storage, spare.number()) instanceof SegmentHeader.Found.Zeros)) {
        try (StorageFile file = storage.open(SegmentHeader.fileName(spare.number()))) {
          SegmentFiles.clearHeader(file, spare.fileBytes());
        }
      }
      clean.add(spare);
    }
    return clean;
  }

  private void removeDead(List<String> dead) throws IOException {
    List<String> there = storage.list();
    for (String name : dead) {
      if (there.contains(name)) {
        storage.delete(name);
      }
    }
  }

  /// What was found, before it is known which LSN is the first.
  private record Report(
      RecoveryReport.Verdict verdict,
      long lastLsn,
      long promisedLsn,
      long unproven,
      int segments,
      String file,
      long end,
      long cutBytes,
      long discardedFrom,
      long discardedTo) {

    RecoveryReport complete(long lowWaterLsn, List<SegmentHeader> chain, long nanos) {
      long first = Math.min(Math.max(lowWaterLsn, chain.getFirst().firstLsn()), lastLsn + 1);
      return new RecoveryReport(
          verdict,
          first,
          lastLsn,
          promisedLsn,
          unproven,
          segments,
          file,
          end,
          cutBytes,
          discardedFrom,
          discardedTo,
          nanos);
    }
  }
}
