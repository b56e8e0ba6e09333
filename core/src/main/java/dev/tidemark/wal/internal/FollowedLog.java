package dev.tidemark.wal.internal;

import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.storage.Host;
import dev.tidemark.wal.storage.Storage;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which segments a log has, read from its files while another process may be changing them. For
/// one thread at a time.
///
/// The writer changes the manifest before it removes a segment, and after it activated one. So a
/// header that is not as the manifest says is damaged only if the manifest, read again *after* that
/// header, still says so. A slot of the manifest that is torn is being written just now, and the
/// other holds; if it is torn too, the writer was fast, and both are read again.
final class FollowedLog {
  /// How long a manifest may look wrong before it is: far longer than a write of 256 bytes takes.
  private static final long TORN_NANOS = 250_000_000;

  private static final long PAUSE_NANOS = 1_000_000;

  private final Storage storage;
  private final Host host;

  // Owned by the one thread that uses this.
  private @Nullable Manifest manifest;
  private @Nullable LogState state;
  private long changes;

  FollowedLog(Storage storage, Host host) {
    this.storage = storage;
    this.host = host;
  }

  /// {@return the same view, to go its own way}
  FollowedLog copy() {
    FollowedLog copy = new FollowedLog(storage, host);
    copy.manifest = manifest;
    copy.state = state;
    return copy;
  }

  /// {@return the segments as of the last look; null while there is none}
  @Nullable LogState state() {
    return state;
  }

  /// {@return how often the segments have been read anew}
  long changes() {
    return changes;
  }

  /// Looks at the files again.
  ///
  /// @return whether anything has changed
  /// @throws CorruptWalException if manifest or segments are damaged or missing, or not those of
  ///   the log that was there before
  boolean lookAgain() throws IOException {
    LogState before = state;
    Manifest next = readManifest();
    if (next == null) {
      return false;
    }
    Manifest current = manifest;
    while (current == null || next.generation() != current.generation()) {
      try {
        become(link(next));
        manifest = next;
        break;
      } catch (CorruptWalException e) {
        Manifest again = readManifest();
        if (again == null || again.generation() == next.generation()) {
          throw e.in(storage.description());
        }
        next = again; // it changed meanwhile, and with it what must be there
      }
    }
    List<String> names = storage.list();
    noteGone(names);
    adopt(names);
    return !Objects.equals(before, state);
  }

  private void become(@Nullable LogState next) {
    state = next;
    changes++;
  }

  // ---- the manifest

  // Null while the log is being created.
  private @Nullable Manifest readManifest() throws IOException {
    long begun = host.nanoTime();
    while (true) {
      Manifest found = null;
      String wrong = "is damaged: neither slot is whole";
      try {
        found = ManifestFile.read(storage);
      } catch (NoSuchFileException _) {
        wrong = "is missing";
      }
      Manifest known = manifest;
      if (found != null && known == null) {
        return found;
      }
      if (found != null && known != null) {
        wrong = wrongSuccessor(known, found);
        if (wrong == null) {
          return found;
        }
      }
      if (found == null && known == null && !Chain.hasSegments(storage)) {
        return null;
      }
      if (host.nanoTime() - begun >= TORN_NANOS) {
        throw new CorruptWalException(wrong, Manifest.FILE, -1, 0, 0).in(storage.description());
      }
      host.park(this, PAUSE_NANOS);
    }
  }

  private static @Nullable String wrongSuccessor(Manifest known, Manifest found) {
    if (found.logIdHigh() != known.logIdHigh() || found.logIdLow() != known.logIdLow()) {
      return "is of another log than before; open this reader again";
    }
    // Older for a moment: the newer slot is just being written.
    return found.generation() < known.generation()
        ? "is older than it was: restored from a copy? Open this reader again"
        : null;
  }

  // ---- the segments

  // From the manifest's last segment back to its first; null if there is none yet. What is known
  // already is not read again, unless a salvage may have made up other headers.
  private @Nullable LogState link(Manifest next) throws IOException {
    if (next.lastNumber() == 0) {
      return null;
    }
    List<SegmentHeader> linked = new ArrayList<>();
    Set<Long> gone = new HashSet<>();
    SegmentHeader header =
        read(next, next.lastNumber(), next.lastNonce(), next.lowWaterLsn(), state, gone);
    LogState before = header.isSalvaged() && known(state, header.number()) == null ? null : state;
    Holes holes = holesAtHead(header, Holes.NONE, gone);
    linked.addFirst(header);
    while (header.number() != next.firstNumber()) {
      long number = header.previousNumber();
      if (number < next.firstNumber()) {
        throw corrupt(
            header.number(),
            "links past the log's first segment " + SegmentHeader.fileName(next.firstNumber()),
            header.previousLastLsn());
      }
      SegmentHeader previous =
          read(next, number, header.previousNonce(), header.previousLastLsn(), before, gone);
      if (!header.fits(previous)) {
        throw corrupt(
            header.number(),
            "states an impossible end of " + SegmentHeader.fileName(previous.number()),
            header.previousLastLsn());
      }
      holes = holesAtHead(previous, holes, gone);
      linked.addFirst(previous);
      header = previous;
    }
    return new LogState(linked, next.lowWaterLsn(), new Holes(holes.accepted(), gone));
  }

  // What a salvage accepted, later ones first.
  private Holes holesAtHead(SegmentHeader header, Holes later, Set<Long> gone) throws IOException {
    if (!header.isSalvaged()) {
      return later;
    }
    long number = header.number();
    HoleFrames.Head head;
    try {
      head = Chain.readHead(storage, fileName(number, gone), header);
    } catch (NoSuchFileException e) {
      throw missing(number, 0, e);
    }
    if (head == null && !later.replacesList(number)) {
      throw corrupt(number, HoleFrames.DAMAGED, 0);
    }
    return head == null ? later : later.and(head.holes());
  }

  private SegmentHeader read(
      Manifest log, long number, long nonce, long lsn, @Nullable LogState before, Set<Long> gone)
      throws IOException {
    SegmentHeader known = known(before, number);
    if (known != null && known.nonce() == nonce) {
      if (before != null && before.isGone(known)) {
        gone.add(number);
      }
      return known;
    }
    return switch (find(number, lsn, gone)) {
      case SegmentHeader.Found.Valid(SegmentHeader header) -> {
        if (!isOf(log, header)) {
          throw corrupt(number, "belongs to another log", lsn);
        }
        if (header.nonce() != nonce) {
          throw corrupt(number, "is not the file that is meant: an older or newer copy?", lsn);
        }
        yield header;
      }
      case SegmentHeader.Found.TooNew(int version) ->
          throw corrupt(
              number,
              "written in format version "
                  + version
                  + ", newer than this program knows; use a newer program",
              0);
      case SegmentHeader.Found.Zeros _,
          SegmentHeader.Found.Damaged _,
          SegmentHeader.Found.Misnamed _ ->
          throw corrupt(number, "has no whole header: both copies are damaged", lsn);
    };
  }

  // Under its own name, or under the one it has when its records were removed.
  private SegmentHeader.Found find(long number, long lsn, Set<Long> gone) throws IOException {
    try {
      return Chain.readHeader(storage, number);
    } catch (NoSuchFileException e) {
      try {
        SegmentHeader.Found found =
            Inventory.readHeader(storage, SegmentHeader.goneName(number), number);
        gone.add(number);
        return found;
      } catch (NoSuchFileException _) {
        throw missing(number, lsn, e);
      }
    }
  }

  private static String fileName(long number, Set<Long> gone) {
    return gone.contains(number) ? SegmentHeader.goneName(number) : SegmentHeader.fileName(number);
  }

  private static CorruptWalException missing(long number, long lsn, IOException cause) {
    CorruptWalException missing = corrupt(number, "is missing", lsn);
    missing.initCause(cause);
    return missing;
  }

  // The records of a segment may be removed without a word in the manifest: by its name alone.
  private void noteGone(List<String> names) {
    for (String name : names) {
      Long number = SegmentHeader.numberOfGone(name);
      LogState now = state;
      if (number != null && now != null && known(now, number) != null) {
        if (!now.holes().isGone(number)) {
          become(now.withGone(number));
        }
      }
    }
  }

  private static @Nullable SegmentHeader known(@Nullable LogState state, long number) {
    int index = state == null ? -1 : state.indexOfNumber(number);
    return state == null || index < 0 ? null : state.segments().get(index);
  }

  // A header that follows the newest segment counts before the manifest names it. If the writer
  // died there, nothing names it until the next recovery adopts it. One of a salvage may follow
  // another segment, and waits for the manifest.
  private void adopt(List<String> names) throws IOException {
    LogState now = state;
    Manifest log = manifest;
    if (now == null || log == null) {
      return;
    }
    for (long number : numbersAbove(names, now.active().number())) {
      SegmentHeader.Found found;
      try {
        found = Chain.readHeader(storage, number);
      } catch (NoSuchFileException _) {
        continue; // a spare that was given another number
      }
      if (found instanceof SegmentHeader.Found.Valid(SegmentHeader header)
          && isOf(log, header)
          && header.previousNumber() == now.active().number()
          && header.previousNonce() == now.active().nonce()
          && !header.isSalvaged()
          && header.fits(now.active())) {
        now = now.withActivated(header);
        become(now);
      }
    }
  }

  private static long[] numbersAbove(List<String> names, long newest) {
    long[] numbers =
        names.stream()
            .map(SegmentHeader::numberIn)
            .filter(Objects::nonNull)
            .mapToLong(Long::longValue)
            .filter(number -> number > newest)
            .toArray();
    Arrays.sort(numbers);
    return numbers;
  }

  private static boolean isOf(Manifest log, SegmentHeader header) {
    return header.logIdHigh() == log.logIdHigh() && header.logIdLow() == log.logIdLow();
  }

  private static CorruptWalException corrupt(long number, String reason, long lsn) {
    return new CorruptWalException(reason, SegmentHeader.fileName(number), -1, lsn, lsn);
  }
}
