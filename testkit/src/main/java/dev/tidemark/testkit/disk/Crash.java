package dev.tidemark.testkit.disk;

import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// What the end of a process leaves of a [SimulatedDisk].
public final class Crash {
  private enum Kind {
    PROCESS_KILL,
    POWER_CUT,
    RANDOM_POWER_CUT
  }

  /// What becomes of one unsynced write.
  enum Fate {
    KEPT,
    LOST,
    /// Each sector of 512 bytes by itself.
    TORN
  }

  private final Kind kind;
  private final @Nullable SplittableRandom random;

  private Crash(Kind kind, @Nullable SplittableRandom random) {
    this.kind = kind;
    this.random = random;
  }

  /// {@return a power cut after which only what was synced is there}
  public static Crash losingUnsynced() {
    return new Crash(Kind.POWER_CUT, null);
  }

  /// {@return a process kill: everything is there, and what was not synced still is not}
  public static Crash keepingAll() {
    return new Crash(Kind.PROCESS_KILL, null);
  }

  /// A power cut in the middle of the disk's work: each unsynced write is kept, lost or torn, each
  /// unsynced name kept or lost.
  ///
  /// @param seed the same seed, the same fate
  /// @return the power cut, for one crash
  public static Crash random(long seed) {
    return new Crash(Kind.RANDOM_POWER_CUT, new SplittableRandom(seed));
  }

  boolean isPowerCut() {
    return kind != Kind.PROCESS_KILL;
  }

  boolean keepsName() {
    return random != null && random.nextBoolean();
  }

  boolean keepsSector() {
    return random != null && random.nextBoolean();
  }

  Fate fate() {
    return random == null ? Fate.LOST : Fate.values()[random.nextInt(Fate.values().length)];
  }
}
