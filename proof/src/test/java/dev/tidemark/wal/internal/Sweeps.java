package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.wal.internal.DamageJudge.Question;
import java.io.IOException;
import java.util.EnumSet;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Every flipped bit and every length of every file of small logs of each kind, by a look, by a
/// reader, by recovery, and where there is damage under each policy. Of the payload of a batch of
/// several frames, which is larger than all others together, a sample.
///
/// Logs are recovered and read, which is all that opening does to a file, without the threads of an
/// open log; [SweepTest] opens them.
///
/// Not part of the build; `./mvnw -Psweeps verify -pl proof -am` runs it, for the kinds in
/// `sweeps.kinds` if that is given: then several machines share the work.
class Sweeps {
  private static final String KINDS = System.getProperty("sweeps.kinds", "");
  private static final int LARGE_BYTES = 64 << 10;
  private static final int SAMPLE_EVERY = 2048; // of a large file's bits and lengths, on average

  @ParameterizedTest
  @EnumSource
  void everyBitAndEveryLength(Specimen kind) throws IOException {
    if (!KINDS.isEmpty() && !KINDS.contains(kind.name())) {
      return;
    }
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    Remains log = new Remains(kind.build());
    DamageJudge judge = new DamageJudge(log.storage, false);
    Sweep sweep =
        new Sweep(kind.name(), judge, EnumSet.allOf(Question.class)).asksPoliciesOnlyBehindDamage();
    long begun = System.nanoTime();
    for (String file : log.storage.list()) {
      int size = log.storage.bytes(file).length;
      int step = size > LARGE_BYTES ? SAMPLE_EVERY : 1;
      for (long bit = random.nextInt(step); bit < size * 8L; bit += 1 + random.nextInt(step)) {
        sweep.flip(file, bit / 8, (int) (bit % 8));
      }
      for (int length = 0; length < size; length += 1 + random.nextInt(step)) {
        sweep.cut(file, length);
      }
      System.out.println("seed " + seed + ", " + file + " done, " + sweep);
    }
    System.out.printf("swept in %,d s %s%n", (System.nanoTime() - begun) / 1_000_000_000, sweep);
    assertThat(sweep.flips()).isGreaterThan(3 * 4096 * 8);
  }
}
