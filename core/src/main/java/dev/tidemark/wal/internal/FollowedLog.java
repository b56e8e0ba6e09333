package dev.tidemark.wal.internal;

import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.storage.Host;
import dev.tidemark.wal.storage.Storage;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
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
    adopt();
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
  // already is not read again.
  private @Nullable LogState link(Manifest next) throws IOException {
    if (next.lastNumber() == 0) {
      return null;
    }
    List<SegmentHeader> linked = new ArrayList<>();
    SegmentHeader header = read(next, next.lastNumber(), next.lastNonce(), next.lowWaterLsn());
    linked.addFirst(header);
    while (header.number() != next.firstNumber()) {
      if (header.previousNumber() < next.firstNumber()) {
        throw corrupt(
            header.number(),
            "links past the log's first segment " + SegmentHeader.fileName(next.firstNumber()),
            header.previousLastLsn());
      }
      SegmentHeader previous =
          read(next, header.previousNumber(), header.previousNonce(), header.previousLastLsn());
      if (!header.fits(previous)) {
        throw corrupt(
            header.number(),
            "states an impossible end of " + SegmentHeader.fileName(previous.number()),
            header.previousLastLsn());
      }
      linked.addFirst(previous);
      header = previous;
    }
    return new LogState(linked, next.lowWaterLsn(), Holes.NONE);
  }

  private SegmentHeader read(Manifest log, long number, long nonce, long lsn) throws IOException {
    SegmentHeader known = known(number);
    if (known != null && known.nonce() == nonce) {
      return known;
    }
    SegmentHeader.Found found;
    try {
      found = Chain.readHeader(storage, number);
    } catch (NoSuchFileException e) {
      CorruptWalException missing = corrupt(number, "is missing", lsn);
      missing.initCause(e);
      throw missing;
    }
    return switch (found) {
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
      case SegmentHeader.Found.Zeros _, SegmentHeader.Found.Damaged _ ->
          throw corrupt(number, "has no whole header: both copies are damaged", lsn);
    };
  }

  private @Nullable SegmentHeader known(long number) {
    LogState now = state;
    int index = now == null ? -1 : now.indexOfNumber(number);
    return now == null || index < 0 ? null : now.segments().get(index);
  }

  // A header that follows the newest segment counts before the manifest names it. If the writer
  // died there, nothing names it until the next recovery adopts it.
  private void adopt() throws IOException {
    LogState now = state;
    Manifest log = manifest;
    if (now == null || log == null) {
      return;
    }
    for (long number : numbersAbove(now.active().number())) {
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
          && header.fits(now.active())) {
        now = now.withActivated(header);
        become(now);
      }
    }
  }

  private long[] numbersAbove(long newest) throws IOException {
    long[] numbers =
        storage.list().stream()
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
