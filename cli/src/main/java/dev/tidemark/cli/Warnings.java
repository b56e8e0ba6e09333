package dev.tidemark.cli;

import dev.tidemark.cli.logs.Defect;
import dev.tidemark.cli.logs.Log;
import dev.tidemark.cli.logs.Numbering;

/// Tells on stderr of damage that a command passes over. For one thread, for one command.
final class Warnings {
  private static final int MOST = 100;

  private final Log log;
  private long count;

  Warnings(Log log) {
    this.log = log;
  }

  /// Tells of one.
  void tell(Defect defect) {
    if (defect.kind() == Defect.Kind.ACCEPTED) {
      return;
    }
    count++;
    if (count > MOST) {
      return;
    }
    Numbering numbering = log.numbering();
    StringBuilder text = new StringBuilder("tidemark: ");
    text.append(defect.kind().word()).append(": ").append(defect.file());
    text.append(" offset ").append(defect.offset());
    if (defect.bytes() > 0) {
      text.append(", ").append(defect.bytes()).append(" bytes");
    }
    if (defect.first() > 0) {
      text.append(", ").append(numbering.word()).append(' ').append(defect.first());
      text.append(" to ").append(defect.last());
    }
    System.err.println(text.append(": ").append(defect.reason()));
  }

  /// Tells of a file that is not shown.
  void passed(String file) {
    System.err.println(
        "tidemark: "
            + file
            + ": not shown, for "
            + log.format()
            + " itself applies nothing behind that damage; --all shows it");
  }

  /// Ends: says whose rule decided, if anything was told.
  void end() {
    if (count > MOST) {
      System.err.println("tidemark: … and " + (count - MOST) + " more; verify lists all of them");
    }
    if (count > 0) {
      System.err.println("tidemark: by the rule of " + log.format() + ": " + log.rule());
    }
  }
}
