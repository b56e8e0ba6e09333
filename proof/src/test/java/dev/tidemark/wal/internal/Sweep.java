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
      for (Question question : questions) {
        SimulatedDisk damaged = judge.copy();
        harm.on(damaged);
        damaged.clearOperations();
        boolean answer = judge.ask(question, damaged);
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

  @Override
  public String toString() {
    return String.format("%s: %,d flips, %,d cuts; %s", log, flips, cuts, judge);
  }
}
