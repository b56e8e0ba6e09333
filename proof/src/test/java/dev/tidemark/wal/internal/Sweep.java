package dev.tidemark.wal.internal;

import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.wal.internal.DamageJudge.Question;
import java.io.IOException;
import java.util.Set;

/// Damages a log in every way of one kind, and asks what it says to that.
final class Sweep {
  private static final long PROGRESS_NANOS = 60_000_000_000L;

  private final String log;
  private final DamageJudge judge;
  private final Set<Question> questions;
  private boolean onlyWhereItMatters;
  private long flips;
  private long cuts;
  private long lastProgress = System.nanoTime();

  /// @param log its name, for people
  /// @param questions what each damaged copy is asked, each time anew
  Sweep(String log, DamageJudge judge, Set<Question> questions) {
    this.log = log;
    this.judge = judge;
    this.questions = questions;
  }

  /// Asks no policy where no damage is found with every segment verified: recovery looks at its
  /// policy only when it has found some, so all do what opening does.
  Sweep asksPoliciesOnlyBehindDamage() {
    onlyWhereItMatters = true;
    return this;
  }

  long flips() {
    return flips;
  }

  long cuts() {
    return cuts;
  }

  /// Flips one bit.
  void flip(String file, long at, int bit) {
    flips++;
    ask(disk -> disk.flip(file, at, bit), log + ": bit " + bit + " of byte " + at + " of " + file);
  }

  /// Cuts a file to a length.
  void cut(String file, long length) {
    cuts++;
    ask(disk -> disk.truncate(file, length), log + ": " + file + " cut to " + length);
  }

  private interface Harm {
    void on(SimulatedDisk disk) throws IOException;
  }

  private void ask(Harm harm, String what) {
    try {
      boolean accepted = false;
      boolean verified = false;
      for (Question question : questions) {
        if (onlyWhereItMatters && verified && isPolicy(question)) {
          continue;
        }
        SimulatedDisk damaged = judge.copy();
        harm.on(damaged);
        damaged.clearOperations();
        boolean answer = judge.ask(question, damaged);
        verified |= question == Question.VERIFY && answer;
        if (question == Question.CHECK) {
          accepted = answer;
        } else if (question == Question.OPEN
            && questions.contains(Question.CHECK)
            && answer != accepted) {
          throw new AssertionError("a look before said " + accepted + ", opening it " + answer);
        }
      }
    } catch (AssertionError | IOException e) {
      throw new AssertionError(what + ": " + e.getMessage(), e);
    }
    if (System.nanoTime() - lastProgress > PROGRESS_NANOS) {
      lastProgress = System.nanoTime();
      System.out.printf("%s, up to %s%n", this, what);
    }
  }

  private static boolean isPolicy(Question question) {
    return question == Question.SKIP || question == Question.STOP;
  }

  @Override
  public String toString() {
    return String.format("%s: %,d flips, %,d cuts; %s", log, flips, cuts, judge);
  }
}
