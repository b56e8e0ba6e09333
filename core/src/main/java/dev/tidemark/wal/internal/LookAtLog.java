package dev.tidemark.wal.internal;

import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.Hole;
import dev.tidemark.wal.OnCorruption;
import dev.tidemark.wal.WalDamage;
import dev.tidemark.wal.WalFindings;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.internal.events.Progress;
import java.io.IOException;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads a log as a whole, as a salvage plans it, and as opening it judges. For one thread, once.
///
/// What a salvage would lose is damage; so is what opening refuses and a salvage has no remedy for.
final class LookAtLog implements SegmentWalk.Progress {
  private static final int SMALLEST_STAGING_BYTES = 1024;

  private final LogLook look;
  private String refusal = "";
  private @Nullable Manifest manifest;
  private @Nullable Inventory files;
  private @Nullable SalvagePlan plan;
  private @Nullable Tail tail;
  private long promisedLsn;

  /// How the newest segment ends.
  private record Tail(SegmentHeader newest, TailScan scan, SegmentWalk.Found end) {}

  LookAtLog(LogLook look) {
    this.look = look;
  }

  WalFindings read() throws IOException {
    boolean empty = false;
    try {
      empty = readLog();
    } catch (CorruptWalException nothing) {
      refuse(nothing, look.damage.isEmpty());
    }
    noteTail();
    noteAccepted();
    if (!refusal.isEmpty() && !isCorrupt()) {
      noteRefusal(refusal, Manifest.FILE, -1, 0, 0);
    }
    look.end();
    look.damage.sort(Comparator.comparing(WalDamage::file).thenComparingLong(WalDamage::fromByte));
    return findings(empty);
  }

  // Answers whether there is nothing to read.
  private boolean readLog() throws IOException {
    boolean there = look.storage.list().contains(Manifest.FILE);
    manifest = there ? ManifestFile.read(look.storage) : null;
    files = Inventory.read(look.storage);
    Manifest known = manifest;
    if (known == null) {
      if (!Chain.hasSegments(look.storage)) {
        return true;
      }
      String reason = there ? "both copies are damaged" : "is missing";
      noteRefusal(
          reason + "; the segments say what it held, and a repair makes it again",
          Manifest.FILE,
          0,
          0,
          0);
      refusal = Manifest.FILE + " " + (there ? "is damaged" : "is missing");
    } else {
      if (isUnused(known)) {
        return true;
      }
      readHolders(known);
    }
    look.totalBytes = files.valid().values().stream().mapToLong(SegmentHeader::fileBytes).sum();
    plan = SalvagePlanner.plan(look.storage, known, options(files), promisedLsn, this);
    promisedLsn = Math.max(promisedLsn, plan.promisedLsn());
    return false;
  }

  private boolean isUnused(Manifest known) throws IOException {
    try {
      return Chain.read(look.storage, known, 0).segments().isEmpty();
    } catch (CorruptWalException damaged) {
      refusal = String.valueOf(damaged.getMessage());
      return false;
    }
  }

  private void readHolders(Manifest known) throws IOException {
    promisedLsn = known.lowWaterLsn() - 1;
    try {
      FoundHolders holders = FoundHolders.read(look.storage, known, bytes -> Progress.none());
      promisedLsn = Math.max(promisedLsn, holders.promisedLsn());
      String damaged = holders.checkpoints().damaged();
      if (!damaged.isEmpty()) {
        look.note(
            new WalDamage(
                WalDamage.Kind.ACCEPTED,
                damaged,
                0,
                0,
                0,
                0,
                "a checkpoint that was never relied upon is damaged; opening the log sets it aside",
                null));
      }
      CheckpointStamp newest = holders.checkpoints().newest();
      if (newest != null) {
        CheckpointReader.verify(look.storage, known, newest, Progress.none());
      }
    } catch (CorruptWalException damaged) {
      refuse(damaged, true);
    }
  }

  static WalOptions options(Inventory files) {
    long bytes = WalOptions.defaults().segmentBytes();
    if (!files.valid().isEmpty()) {
      long newest = files.valid().lastEntry().getValue().fileBytes();
      boolean usable = newest >= 4096 && newest <= 1L << 40 && newest % FrameLayout.ALIGNMENT == 0;
      bytes = usable ? newest : bytes;
    }
    return WalOptions.builder()
        .segmentBytes(bytes)
        .stagingBytes(SMALLEST_STAGING_BYTES)
        .onCorruption(OnCorruption.SKIP)
        .build();
  }

  private void refuse(CorruptWalException refused, boolean note) {
    refusal = String.valueOf(refused.getMessage());
    if (note) {
      noteRefusal(refusal, refused.file(), refused.offset(), refused.lostFrom(), refused.lostTo());
    }
  }

  private void noteRefusal(String reason, String file, long offset, long fromLsn, long toLsn) {
    long at = Math.max(0, offset);
    look.note(
        new WalDamage(
            WalDamage.Kind.CORRUPTION,
            file,
            at,
            at,
            toLsn == 0 ? 0 : fromLsn,
            toLsn,
            reason,
            null));
  }

  private boolean isCorrupt() {
    return look.damage.stream().anyMatch(one -> one.kind() == WalDamage.Kind.CORRUPTION);
  }

  // ---- how it ends

  private void noteTail() {
    Tail end = tail;
    if (end == null) {
      return;
    }
    WalDamage torn = torn(end.newest, end.scan, end.end);
    boolean told =
        torn != null
            && look.damage.stream()
                .anyMatch(one -> one.file().equals(torn.file()) && one.toByte() >= torn.toByte());
    if (torn != null && !told) {
      look.note(torn);
    }
  }

  /// {@return where the frames of a segment stop}
  static SegmentWalk.Found endOf(TailScan scan) {
    return new SegmentWalk.Found(List.of(), scan.end(), scan.chain(), scan.lastLsn());
  }

  /// {@return the torn tail of a segment, null if it has none}
  static @Nullable WalDamage torn(SegmentHeader newest, TailScan scan, SegmentWalk.Found end) {
    boolean sealed = scan.sealed() && scan.end() == end.end();
    if (sealed || scan.dirtyEnd() <= end.end()) {
      return null;
    }
    boolean names = scan.highestLsn() > end.lastLsn();
    return new WalDamage(
        WalDamage.Kind.TORN_TAIL,
        SegmentHeader.fileName(newest.number()),
        end.end(),
        scan.dirtyEnd(),
        names ? end.lastLsn() + 1 : 0,
        names ? scan.highestLsn() : 0,
        "nothing vouches for these bytes: a torn write, or rot of the last group; opening cuts them",
        null);
  }

  private void noteAccepted() {
    SalvagePlan all = plan;
    if (all == null) {
      return;
    }
    Set<Hole> found = new HashSet<>();
    all.found().forEach(hole -> found.add(hole.toHole()));
    for (Hole hole : all.holes().list(all.segments(), all.manifest().lowWaterLsn())) {
      WalDamage damage = LogLook.accepted(hole);
      boolean told =
          look.damage.stream()
              .anyMatch(
                  one ->
                      one.file().equals(damage.file())
                          && one.fromByte() == damage.fromByte()
                          && one.toByte() == damage.toByte());
      if (!found.contains(hole) && !told) {
        look.note(damage.withNext(look.nextAfter(hole.toLsn())));
      }
    }
  }

  // ---- passed on while the planner walks

  @Override
  public void verified(long bytes) {
    look.verified(bytes);
  }

  @Override
  public boolean wantsWholeBatches() {
    return look.wantsWholeBatches();
  }

  @Override
  public void frame(SegmentHeader segment, long offset, FrameReader reader) throws IOException {
    look.frame(segment, offset, reader);
  }

  @Override
  public void damaged(AcceptedHole hole) {
    look.damaged(hole);
  }

  @Override
  public void passed(AcceptedHole hole) {
    look.passed(hole);
  }

  @Override
  public boolean wants(long lastLsn) {
    return look.wants(lastLsn);
  }

  @Override
  public void newest(SegmentHeader newest, TailScan scan, long promised) {
    promisedLsn = Math.max(promisedLsn, promised);
    look.promised(promised);
    if (refusal.isEmpty()) {
      look.newest(newest, scan, promised);
    }
  }

  @Override
  public void tail(SegmentHeader newest, TailScan scan, SegmentWalk.Found end) {
    tail = new Tail(newest, scan, look.isCut() ? endOf(scan) : end);
  }

  // ---- the answer

  private WalFindings findings(boolean empty) throws IOException {
    Manifest log = manifest != null ? manifest : plan != null ? plan.manifest() : null;
    Inventory there = files;
    List<WalFindings.File> listed =
        there == null
            ? List.of()
            : new LogFiles(look.storage, there, plan, tail == null ? null : tail.end).list();
    boolean torn = look.damage.stream().anyMatch(one -> one.kind() == WalDamage.Kind.TORN_TAIL);
    WalFindings.Verdict verdict =
        isCorrupt()
            ? WalFindings.Verdict.CORRUPT
            : torn
                ? WalFindings.Verdict.TORN_TAIL
                : empty ? WalFindings.Verdict.EMPTY : WalFindings.Verdict.CLEAN;
    return new WalFindings(
        verdict,
        log == null ? "" : logId(log.logIdHigh(), log.logIdLow()),
        listed,
        look.damage,
        look.records == 0 ? look.lastLsn + 1 : look.firstLsn,
        look.lastLsn,
        promisedLsn,
        manifest == null ? 0 : manifest.lowWaterLsn(),
        look.records,
        look.frames,
        look.codecs,
        look.payloadBytes,
        look.verifiedBytes,
        verdict == WalFindings.Verdict.CORRUPT ? refusal : "",
        false,
        System.nanoTime() - look.begunNanos);
  }

  static String logId(long high, long low) {
    return String.format("%016x%016x", high, low);
  }
}
