package dev.tidemark.testkit.disk;

import java.util.BitSet;
import java.util.SplittableRandom;

/// What the end of a process leaves of a [SimulatedDisk]: which of the operations that were not
/// synced reached the disk, whether whole, and what stands where one did not.
///
/// Immutable, so one may be used any number of times: the same disk, the same outcome.
public final class Crash {
  private enum Kind {
    PROCESS_KILL,
    POWER_CUT,
    RANDOM_POWER_CUT
  }

  /// In which pieces a write that was under way reaches the disk.
  public enum Tear {
    /// As one.
    WHOLE(Integer.MAX_VALUE),
    /// Pages of 4,096 bytes, each by itself.
    PAGES(4096),
    /// Sectors of 512 bytes, each by itself.
    SECTORS(512),
    /// The first so many bytes and no more.
    BYTES(1);

    final int bytes;

    Tear(int bytes) {
      this.bytes = bytes;
    }
  }

  /// What is found where a write, or a piece of one, did not arrive. A byte that the write would
  /// not have changed keeps its value whatever happens.
  public enum Fill {
    /// What was there before; a file that was to grow has its old size.
    OLD,
    /// Zeros: the file has grown, its bytes did not come.
    ZEROS,
    /// Anything.
    GARBAGE
  }

  private final Kind kind;
  private final BitSet kept;
  private final Tear tear;
  private final Fill fill;
  private final long seed;

  private Crash(Kind kind, BitSet kept, Tear tear, Fill fill, long seed) {
    this.kind = kind;
    this.kept = kept;
    this.tear = tear;
    this.fill = fill;
    this.seed = seed;
  }

  /// {@return a power cut after which only what was synced is there}
  public static Crash losingUnsynced() {
    return new Crash(Kind.POWER_CUT, new BitSet(), Tear.WHOLE, Fill.OLD, 0);
  }

  /// {@return a process kill: everything is there, and what was not synced still is not}
  public static Crash keepingAll() {
    return new Crash(Kind.PROCESS_KILL, new BitSet(), Tear.WHOLE, Fill.OLD, 0);
  }

  /// A power cut in the middle of the disk's work: each unsynced write is kept, lost or torn, each
  /// unsynced name kept or lost, and anything may stand where something is missing.
  ///
  /// @param seed the same seed, the same fate
  /// @return the power cut
  public static Crash random(long seed) {
    return new Crash(Kind.RANDOM_POWER_CUT, new BitSet(), Tear.WHOLE, Fill.OLD, seed);
  }

  /// A power cut whose outcome is given.
  ///
  /// @param kept which of the unsynced operations arrive, by their place in
  ///   [SimulatedDisk#pending()]; copied
  /// @param tear in which pieces those arrive; with any but [Tear#WHOLE] some of the pieces are
  ///   missing, and a rename leaves both names
  /// @param fill what stands where a write or a piece is missing
  /// @param seed decides which pieces are missing, and what garbage looks like
  /// @return the power cut
  public static Crash keeping(BitSet kept, Tear tear, Fill fill, long seed) {
    return new Crash(Kind.POWER_CUT, (BitSet) kept.clone(), tear, fill, seed);
  }

  boolean isPowerCut() {
    return kind != Kind.PROCESS_KILL;
  }

  /// {@return what becomes of the operation at a place among those that are pending}
  Fate fate(int place) {
    SplittableRandom random = new SplittableRandom(seed * 31 + place).split();
    if (kind != Kind.RANDOM_POWER_CUT) {
      return new Fate(kept.get(place), tear, fill, random);
    }
    Tear some = Tear.values()[random.nextInt(Tear.values().length)];
    return new Fate(
        random.nextBoolean(), some, Fill.values()[random.nextInt(Fill.values().length)], random);
  }

  /// What becomes of one operation; used once.
  record Fate(boolean kept, Tear tear, Fill fill, SplittableRandom random) {

    boolean isTorn() {
      return kept && tear != Tear.WHOLE;
    }
  }

  @Override
  public String toString() {
    return switch (kind) {
      case PROCESS_KILL -> "kill";
      case RANDOM_POWER_CUT -> "power cut, seed " + seed;
      case POWER_CUT -> "power cut, kept " + kept + ", " + tear + ", " + fill + ", seed " + seed;
    };
  }
}
