package dev.tidemark.wal.internal;

import dev.tidemark.wal.RecoveryReport;
import dev.tidemark.wal.storage.Host;
import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Gives a log that was accepted the segment in which it goes on. Each step leaves a log that opens
/// to the same records, so it may crash anywhere. For one thread.
///
/// @param holes to be listed at the head of the segment, all there are; none unless the log was
///   salvaged now
/// @param begun when opening began, for the report
record NextSegment(
    Storage storage,
    Host host,
    long segmentBytes,
    ManifestFile manifest,
    Chain chain,
    List<AcceptedHole> holes,
    long begun) {

  // Behind the HOLE frames at least this must fit into a segment.
  private static final long LEAST_BEHIND_HOLES_BYTES = 2048;

  // And a seal behind it.
  private static final long ROOM_FOR_A_MARK_BYTES =
      FrameLayout.HEADER_BYTES + 2L * FrameLayout.ALIGNMENT;

  /// The file in which the log is to go on, under its name and durable.
  ///
  /// @param left the spares that stay
  /// @param nextNumber what the next file is called
  record Place(Spares.Spare spare, List<Spares.Spare> left, long nextNumber) {}

  /// Goes on in the newest segment, which was activated and never written to: a crash right after
  /// activation, or in a recovery.
  ///
  /// @param offset behind its header and its HOLE frames, in bytes
  /// @param crc what the next frame names as its previous
  Recovery.Recovered newest(long offset, int crc, Findings findings) throws IOException {
    return newest(offset, crc, chain.segments().getLast().firstLsn() - 1, findings);
  }

  /// Goes on behind the frames of the newest segment, because there is no space for another. All of
  /// them must be durable and nothing may have been begun behind them. What is behind is zeroed
  /// first: unsynced frames of an earlier life that a power cut left there in part must never
  /// continue what is written from now on.
  ///
  /// @param end where its frames end, in bytes
  /// @param crc the header CRC of the last
  /// @param lastLsn its last LSN
  Recovery.Recovered newestAgain(long end, int crc, long lastLsn, Findings findings)
      throws IOException {
    SegmentHeader newest = chain.segments().getLast();
    FrameWriter mark = new FrameWriter(1 << 10, null);
    mark.enter(newest, end, crc);
    try (StorageFile file = storage.open(SegmentHeader.fileName(newest.number()))) {
      SegmentFiles.clear(file, end, newest.limit());
      if (newest.limit() - end >= ROOM_FOR_A_MARK_BYTES) {
        // As the header of another segment would: it promises what was found, also to readers.
        mark.addEmpty(FrameLayout.KIND_MARK, lastLsn + 1, lastLsn);
        file.write(end, mark.closedFrames(), 0, mark.bufferedBytes());
        file.sync(true);
      }
    }
    return newest(end + mark.bufferedBytes(), mark.chain(), lastLsn, findings);
  }

  private Recovery.Recovered newest(long offset, int crc, long lastLsn, Findings findings)
      throws IOException {
    SegmentHeader newest = chain.segments().getLast();
    rewriteHeader(storage, newest);
    List<Spares.Spare> spares = cleanSpares();
    List<String> setAside = SetAside.all(storage, chain.strays());
    removeDead();
    StorageFile file = storage.open(SegmentHeader.fileName(newest.number()));
    return new Recovery.Recovered(
        manifest,
        chain.segments(),
        chain.holes(),
        file,
        offset,
        crc,
        lastLsn,
        spares,
        chain.nextNumber(),
        findings.holders(),
        report(findings, chain.segments(), setAside));
  }

  /// Finds or makes the file of the next segment.
  ///
  /// @throws dev.tidemark.wal.storage.StorageFullException if there is no space for one; nothing
  ///   changed but that leftovers are gone
  Place place() throws IOException {
    List<Spares.Spare> spares = cleanSpares();
    long nextNumber = chain.nextNumber();
    long least = SegmentHeader.BYTES + HoleFrames.bytes(holes.size()) + LEAST_BEHIND_HOLES_BYTES;
    if (!spares.isEmpty() && spares.getFirst().fileBytes() >= least) {
      return new Place(spares.removeFirst(), spares, nextNumber);
    }
    long bytes = Math.max(segmentBytes, FrameLayout.align(least));
    Spares.Spare spare = new Spares.Spare(nextNumber, bytes, false);
    deleteDead(); // makes space, and frees a temporary name
    SegmentFiles.prepare(storage, spare.number(), spare.fileBytes(), () -> false);
    // None of a smaller number may come later; the next open removes them.
    return new Place(spare, new ArrayList<>(), nextNumber + 1);
  }

  /// Starts a segment behind `previous`, whose end its header states from now on.
  ///
  /// @param place its file
  /// @param end where the frames of `previous` end, in bytes
  /// @param lastLsn its last LSN
  /// @param crc the header CRC of its last frame
  /// @param nextLsn the first LSN of the new segment
  Recovery.Recovered behind(
      Place place,
      SegmentHeader previous,
      long end,
      long lastLsn,
      int crc,
      long nextLsn,
      Findings findings)
      throws IOException {
    Spares.Spare spare = place.spare();
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
            spare.flags() | (holes.isEmpty() ? 0 : SegmentHeader.SALVAGED),
            host.epochMillis());
    StorageFile file = storage.open(SegmentHeader.fileName(spare.number()));
    long offset = SegmentHeader.BYTES;
    int chainCrc = next.chainStart();
    List<String> setAside;
    try {
      if (holes.isEmpty()) {
        SegmentFiles.activate(file, next);
      } else { // the holes come before the header, with which they count
        HoleFrames.Head head = HoleFrames.write(file, next, holes);
        offset = head.end();
        chainCrc = head.crc();
        SegmentFiles.writeHeader(file, next);
      }
      // Before the manifest names a later first segment: below that, what is not linked was
      // truncated.
      setAside = SetAside.all(storage, chain.strays());
      long first =
          chain.segments().isEmpty() ? next.number() : chain.segments().getFirst().number();
      manifest.change(current -> current.withActivated(next, first));
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
        chain.holes(),
        file,
        offset,
        chainCrc,
        nextLsn - 1,
        place.left(),
        place.nextNumber(),
        findings.holders(),
        report(findings, segments, setAside));
  }

  private RecoveryReport report(
      Findings findings, List<SegmentHeader> segments, List<String> setAside) {
    long lowWater = manifest.current().lowWaterLsn();
    return findings.complete(lowWater, segments, setAside, host.nanoTime() - begun);
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
    return clean.size() < 2 ? clean : Twins.removed(storage, clean);
  }

  private void deleteDead() throws IOException {
    List<String> there = storage.list();
    for (String name : chain.dead()) {
      if (there.contains(name)) {
        storage.delete(name);
      }
    }
  }

  private void removeDead() throws IOException {
    deleteDead();
    for (SegmentHeader segment : chain.segments()) {
      if (chain.holes().isGone(segment.number())) {
        SegmentRemoval.finish(storage, segment, chain.holes());
      }
    }
  }
}
