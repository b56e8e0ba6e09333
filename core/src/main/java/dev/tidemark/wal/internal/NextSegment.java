package dev.tidemark.wal.internal;

import dev.tidemark.wal.storage.Host;
import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Gives a log that was accepted the segment in which it goes on. Each step leaves a log that opens
/// to the same records, so it may crash anywhere. For one thread.
///
/// @param begun when opening began, for the report
record NextSegment(
    Storage storage, Host host, long segmentBytes, ManifestFile manifest, Chain chain, long begun) {

  /// Goes on in the newest segment, which was activated and never written to: a crash right after
  /// activation, or in a recovery.
  Recovery.Recovered newest(Findings findings) throws IOException {
    SegmentHeader newest = chain.segments().getLast();
    rewriteHeader(storage, newest);
    List<Spares.Spare> spares = cleanSpares();
    removeDead();
    StorageFile file = storage.open(SegmentHeader.fileName(newest.number()));
    return new Recovery.Recovered(
        manifest,
        chain.segments(),
        file,
        SegmentHeader.BYTES,
        newest.chainStart(),
        newest.firstLsn() - 1,
        spares,
        chain.nextNumber(),
        findings.holders(),
        report(findings, chain.segments()));
  }

  /// Starts a segment behind `previous`, whose end its header states from now on.
  ///
  /// @param end where the frames of `previous` end, in bytes
  /// @param lastLsn its last LSN
  /// @param crc the header CRC of its last frame
  /// @param nextLsn the first LSN of the new segment
  Recovery.Recovered behind(
      SegmentHeader previous, long end, long lastLsn, int crc, long nextLsn, Findings findings)
      throws IOException {
    List<Spares.Spare> spares = cleanSpares();
    long nextNumber = chain.nextNumber();
    Spares.Spare spare;
    if (spares.isEmpty()) {
      spare = new Spares.Spare(nextNumber++, segmentBytes, false);
      removeDead(); // makes space, and frees a temporary name
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
            lastLsn,
            spare.flags(),
            host.epochMillis());
    StorageFile file = storage.open(SegmentHeader.fileName(spare.number()));
    try {
      SegmentFiles.activate(file, next);
      manifest.change(current -> current.withActivated(next));
      removeDead();
    } catch (Throwable e) {
      file.close();
      throw e;
    }
    List<SegmentHeader> segments = new ArrayList<>(chain.segments());
    segments.add(next);
    return new Recovery.Recovered(
        manifest,
        segments,
        file,
        SegmentHeader.BYTES,
        next.chainStart(),
        nextLsn - 1,
        spares,
        nextNumber,
        findings.holders(),
        report(findings, segments));
  }

  private dev.tidemark.wal.RecoveryReport report(Findings findings, List<SegmentHeader> segments) {
    long lowWater = manifest.current().lowWaterLsn();
    return findings.complete(lowWater, segments, host.nanoTime() - begun);
  }

  /// Writes a header again, of which one copy may be torn.
  static void rewriteHeader(Storage storage, SegmentHeader header) throws IOException {
    try (StorageFile file = storage.open(SegmentHeader.fileName(header.number()))) {
      SegmentFiles.writeHeader(file, header);
    }
  }

  // A torn header of a segment that was never activated is wiped before the file counts as a spare.
  private List<Spares.Spare> cleanSpares() throws IOException {
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

  private void removeDead() throws IOException {
    List<String> there = storage.list();
    for (String name : chain.dead()) {
      if (there.contains(name)) {
        storage.delete(name);
      }
    }
  }
}
