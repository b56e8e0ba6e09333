package dev.tidemark.cli;

/// Exit codes, after sysexits.h.
final class Exit {
  /// The command line was wrong.
  static final int USAGE = 64;

  /// A defect of ours.
  static final int INTERNAL = 70;

  /// A disk or a port did not do what it should, or what is on the disk is damaged.
  static final int IO = 74;

  private Exit() {}
}
