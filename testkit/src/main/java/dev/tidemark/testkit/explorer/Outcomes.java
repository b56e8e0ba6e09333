package dev.tidemark.testkit.explorer;

import dev.tidemark.testkit.disk.Crash;
import dev.tidemark.testkit.disk.Crash.Fill;
import dev.tidemark.testkit.disk.Crash.Tear;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;

/// What may become of the operations that a power cut finds under way.
final class Outcomes {
  private static final int ALL_SUBSETS_UP_TO = 8;
  private static final int SEEDED_SUBSETS = 64;

  private Outcomes() {}

  /// All that are tried of a moment: of up to eight operations every subset, of more every prefix,
  /// every single omission and 64 others; each of them whole, in pages and in sectors, and with
  /// zeros, old bytes or garbage where something is missing; and all of them cut at any byte.
  static List<Crash> all(int pending, long seed) {
    List<Crash> crashes = new ArrayList<>();
    for (BitSet kept : subsets(pending, seed)) {
      boolean complete = kept.cardinality() == pending;
      for (Tear tear : Tear.values()) {
        if (kept.isEmpty() ? tear != Tear.WHOLE : tear == Tear.BYTES && !complete) {
          continue;
        }
        for (Fill fill : Fill.values()) {
          if (!complete || tear != Tear.WHOLE || fill == Fill.OLD) {
            crashes.add(Crash.keeping(kept, tear, fill, seed + crashes.size()));
          }
        }
      }
    }
    return crashes;
  }

  /// The few that are tried at each step of a recovery: nothing arrived, everything did, and some
  /// in pieces.
  static List<Crash> few(int pending, long seed) {
    List<Crash> crashes = new ArrayList<>();
    crashes.add(Crash.losingUnsynced());
    if (pending > 0) {
      BitSet all = new BitSet();
      all.set(0, pending);
      crashes.add(Crash.keeping(all, Tear.WHOLE, Fill.OLD, seed));
      crashes.add(Crash.keeping(all, Tear.SECTORS, Fill.GARBAGE, seed));
      crashes.add(Crash.random(seed));
    }
    return crashes;
  }

  static List<BitSet> subsets(int pending, long seed) {
    List<BitSet> subsets = new ArrayList<>();
    if (pending <= ALL_SUBSETS_UP_TO) {
      for (long mask = 0; mask < 1L << pending; mask++) {
        subsets.add(BitSet.valueOf(new long[] {mask}));
      }
      return subsets;
    }
    for (int end = 0; end <= pending; end++) {
      subsets.add(range(end));
    }
    for (int omitted = 0; omitted < pending - 1; omitted++) {
      BitSet most = range(pending);
      most.clear(omitted);
      subsets.add(most);
    }
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < SEEDED_SUBSETS; i++) {
      BitSet some = new BitSet();
      for (int place = 0; place < pending; place++) {
        some.set(place, random.nextBoolean());
      }
      subsets.add(some);
    }
    return subsets;
  }

  private static BitSet range(int end) {
    BitSet range = new BitSet();
    range.set(0, end);
    return range;
  }
}
