package dev.tidemark.wal.internal;

import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.WalDamage;
import dev.tidemark.wal.WalFindings;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads one segment's file, with what its neighbours say about it where they are there. For one
/// thread, once.
final class LookAtFile {
  private final LogLook look;
  private final String name;
  private @Nullable SegmentHeader next;
  private Holes holes = Holes.NONE;
  private long promisedLsn;

  LookAtFile(LogLook look, String name) {
    this.look = look;
    this.name = name;
  }

  WalFindings read() throws IOException {
    SegmentHeader header = null;
    boolean removed = SegmentHeader.numberOfGone(name) != null;
    boolean spare = false;
    SegmentWalk.Found end = null;
    try (StorageFile file = look.storage.openForRead(name)) {
      switch (header(file)) {
        case SegmentHeader.Found.Valid(SegmentHeader valid) -> {
          header = valid;
          readNeighbours(valid);
          look.totalBytes = file.size();
          promisedLsn = valid.durableLsn();
          end = removed ? null : walk(file, valid);
        }
        case SegmentHeader.Found.Zeros() -> spare = true;
        case SegmentHeader.Found.Damaged() ->
            note(
                0,
                SegmentHeader.BYTES,
                "both copies of the header are damaged, so that no frame can be told to be this"
                    + " file's own; look at the whole directory: its neighbours may vouch for it");
        case SegmentHeader.Found.Misnamed() ->
            note(
                0,
                SegmentHeader.BYTES,
                "the header is that of another segment: this is a copy under a wrong name");
        case SegmentHeader.Found.TooNew(int version) ->
            note(
                0,
                SegmentHeader.BYTES,
                "written in format version "
                    + version
                    + ", newer than this program knows; use a newer program");
      }
      look.end();
      look.damage.sort(Comparator.comparingLong(WalDamage::fromByte));
      return findings(header, end, file.size(), removed, spare);
    }
  }

  private SegmentHeader.Found header(StorageFile file) throws IOException {
    Long number = SegmentHeader.numberIn(name);
    if (number == null) {
      number = SegmentHeader.numberOfGone(name);
    }
    return Inventory.readHeader(file, number != null ? number : numberInside(file));
  }

  // Of a file that has another name by now.
  private static long numberInside(StorageFile file) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment copy = arena.allocate(SegmentHeader.BYTES, 64);
      long last = Math.max(0, file.size() - SegmentHeader.BYTES);
      for (long at : new long[] {0, last}) {
        copy.fill((byte) 0);
        int _ = file.read(at, copy);
        if (SegmentHeader.decode(copy) instanceof SegmentHeader.Found.Valid(SegmentHeader valid)) {
          return valid.number();
        }
      }
      return 0;
    }
  }

  private void readNeighbours(SegmentHeader own) throws IOException {
    Inventory files;
    try {
      files = Inventory.read(look.storage);
    } catch (CorruptWalException _) {
      return; // nothing that concerns this file
    }
    for (SegmentHeader other : files.valid().values()) {
      boolean sameLog = other.logIdHigh() == own.logIdHigh() && other.logIdLow() == own.logIdLow();
      if (!sameLog) {
        continue;
      }
      if (other.isSalvaged()) {
        HoleFrames.Head head = Chain.readHead(look.storage, files.fileName(other.number()), other);
        holes = head == null ? holes : holes.and(head.holes());
      }
      if (other.fits(own)) {
        next = other;
      }
    }
  }

  private SegmentWalk.Found walk(StorageFile file, SegmentHeader header) throws IOException {
    SegmentWalk walk = new SegmentWalk(file, header, holes, look);
    SegmentHeader successor = next;
    try {
      if (successor != null) {
        promisedLsn = Math.max(promisedLsn, successor.previousLastLsn());
        return walk.toStatedEnd(successor);
      }
      TailScan scan = TailScan.of(file, header);
      promisedLsn = Math.max(promisedLsn, scan.promisedLsn());
      look.newest(header, scan, promisedLsn);
      SegmentWalk.Found end = walk.toTail(promisedLsn, Long.MAX_VALUE);
      SegmentWalk.Found reached = look.isCut() ? LookAtLog.endOf(scan) : end;
      judgeTail(file, header, scan, reached);
      return reached;
    } catch (CorruptWalException tooNew) {
      note(Math.max(0, tooNew.offset()), Math.max(0, tooNew.offset()), tooNew.getMessage());
      return new SegmentWalk.Found(List.of(), 0, 0, -1);
    }
  }

  private void judgeTail(
      StorageFile file, SegmentHeader header, TailScan scan, SegmentWalk.Found end)
      throws IOException {
    boolean cutShort =
        scan.missingBytes() > 0
            && !new FrameReader(file, header).isZero(end.end(), FrameLayout.ALIGNMENT);
    boolean lost = promisedLsn > end.lastLsn();
    if (lost || cutShort) {
      look.note(
          new WalDamage(
              WalDamage.Kind.CORRUPTION,
              name,
              end.end(),
              Math.max(scan.dirtyEnd(), end.end()),
              lost ? end.lastLsn() + 1 : 0,
              lost ? promisedLsn : 0,
              lost
                  ? "frames stop here, before records that were promised durable"
                  : "the file is shorter than when it was activated, and its frames go up to where"
                      + " it was cut",
              null));
      return;
    }
    WalDamage torn = LookAtLog.torn(header, scan, end);
    if (torn != null) {
      look.note(torn);
    }
  }

  private void note(long fromByte, long toByte, @Nullable String reason) {
    look.note(
        new WalDamage(
            WalDamage.Kind.CORRUPTION, name, fromByte, toByte, 0, 0, String.valueOf(reason), null));
  }

  private WalFindings findings(
      @Nullable SegmentHeader header,
      SegmentWalk.@Nullable Found end,
      long bytes,
      boolean removed,
      boolean spare) {
    Set<WalDamage.Kind> kinds = java.util.EnumSet.noneOf(WalDamage.Kind.class);
    look.damage.forEach(one -> kinds.add(one.kind()));
    boolean corrupt = kinds.contains(WalDamage.Kind.CORRUPTION);
    WalFindings.Verdict verdict =
        corrupt
            ? WalFindings.Verdict.CORRUPT
            : kinds.contains(WalDamage.Kind.TORN_TAIL)
                ? WalFindings.Verdict.TORN_TAIL
                : spare ? WalFindings.Verdict.EMPTY : WalFindings.Verdict.CLEAN;
    WalFindings.State state =
        spare
            ? WalFindings.State.SPARE
            : header == null
                ? WalFindings.State.DAMAGED
                : removed
                    ? WalFindings.State.REMOVED
                    : next != null ? WalFindings.State.SEALED : WalFindings.State.ACTIVE;
    WalFindings.File file =
        new WalFindings.File(
            name,
            state,
            bytes,
            header == null ? 0 : header.firstLsn(),
            end == null ? -1 : end.lastLsn(),
            end == null ? 0 : end.end(),
            header == null ? 0 : header.activatedMillis());
    return new WalFindings(
        verdict,
        header == null ? "" : LookAtLog.logId(header.logIdHigh(), header.logIdLow()),
        List.of(file),
        look.damage,
        look.records == 0 ? look.lastLsn + 1 : look.firstLsn,
        look.lastLsn,
        promisedLsn,
        0,
        look.records,
        look.frames,
        look.codecs,
        look.payloadBytes,
        look.verifiedBytes,
        "",
        false,
        System.nanoTime() - look.begunNanos);
  }
}
