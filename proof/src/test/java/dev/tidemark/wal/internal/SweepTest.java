package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.wal.internal.DamageJudge.Question;
import dev.tidemark.wal.internal.Remains.Frame;
import java.io.IOException;
import java.util.EnumSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Flipped bits and cut files of small logs of every kind: all bits of headers, frame headers, the
/// manifest and blocks of subscriptions for whoever only looks (in the first kind of log; one bit
/// of each byte in the others), a sample of them and of the rest for whoever opens the log, under
/// each policy. `Sweeps` has no sample, but all of it.
@Timeout(300)
class SweepTest {
  private final long seed = System.nanoTime();
  private final SplittableRandom random = new SplittableRandom(seed);

  private boolean everyBit;

  @ParameterizedTest
  @EnumSource
  void noFlippedBitAndNoCutIsSilentlyWrong(Specimen kind) throws IOException {
    everyBit = kind == Specimen.PLAIN;
    Remains log = new Remains(kind.build());
    DamageJudge judge = new DamageJudge(log.storage, true);
    Sweep checks = new Sweep(kind.name(), judge, EnumSet.of(Question.CHECK));
    Sweep reads = new Sweep(kind.name(), judge, EnumSet.of(Question.READER));
    Sweep all = new Sweep(kind.name(), judge, EnumSet.allOf(Question.class));
    try {
      for (String file : log.storage.list()) {
        int size = log.storage.bytes(file).length;
        // Who only checks a log does not read the frames of older segments.
        boolean older = isSegment(log, file) && !file.equals(log.newest());
        Sweep looks = older ? reads : checks;
        sweepKnown(log, file, looks, all);
        sample(looks, all, file, size);
      }
    } finally {
      System.out.printf(
          "seed %d, %s: %,d flips, %,d cuts; %s%n",
          seed,
          kind,
          checks.flips() + reads.flips() + all.flips(),
          checks.cuts() + reads.cuts() + all.cuts(),
          judge);
    }
    assertThat(checks.flips()).isPositive();
    assertThat(all.cuts()).isPositive();
  }

  // Every bit that means something; of each byte one that is opened.
  private void sweepKnown(Remains log, String file, Sweep looks, Sweep all) throws IOException {
    SimulatedDisk disk = log.storage;
    int size = disk.bytes(file).length;
    if (file.equals(Manifest.FILE)) {
      every(looks, all, file, 0, Manifest.SLOT_BYTES);
      every(looks, all, file, Manifest.SECOND_SLOT_AT, Manifest.SLOT_BYTES);
    } else if (file.equals(SubscriptionFile.FILE)) {
      for (long copy = 0; copy < size; copy += SubscriptionBlock.BYTES) {
        every(looks, all, file, copy, 64 + 80);
        every(looks, all, file, copy + SubscriptionBlock.BYTES - 4, 4);
      }
    } else if (isSegment(log, file)) {
      every(looks, all, file, 0, SegmentHeader.BYTES);
      every(looks, all, file, size - (long) SegmentHeader.BYTES, SegmentHeader.BYTES);
      for (Frame frame : log.frames(file)) {
        every(looks, all, file, frame.offset(), FrameLayout.HEADER_BYTES);
      }
      every(looks, all, file, log.end(file), FrameLayout.ALIGNMENT);
    }
  }

  private static boolean isSegment(Remains log, String file) throws IOException {
    Long number = SegmentHeader.numberIn(file);
    return number != null
        && Chain.readHeader(log.storage, number) instanceof SegmentHeader.Found.Valid;
  }

  private void every(Sweep looks, Sweep all, String file, long from, long bytes) {
    for (long at = from; at < from + bytes; at++) {
      int chosen = random.nextInt(8);
      Sweep sweep = random.nextInt(6) == 0 ? all : looks;
      for (int bit = 0; bit < 8; bit++) {
        if (bit == chosen || everyBit) {
          (bit == chosen ? sweep : looks).flip(file, at, bit);
        }
      }
    }
  }

  private void sample(Sweep looks, Sweep all, String file, int size) {
    for (int i = 0; i < Math.min(size, 50); i++) {
      Sweep sweep = i % 5 == 0 ? all : looks;
      sweep.flip(file, random.nextInt(size), random.nextInt(8));
    }
    for (int i = 0; i < Math.min(size, 50); i++) {
      Sweep sweep = i % 5 == 0 ? all : looks;
      sweep.cut(file, random.nextInt(size));
    }
    if (size > 0) {
      all.cut(file, 0);
      all.cut(file, size - 1);
    }
  }
}
