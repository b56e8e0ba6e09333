package dev.tidemark.cli;

/// Exit codes, after sysexits.h. 1 and 2 are those of `verify` alone.
final class Exit {
  /// What `verify` read ends in a torn tail, and nothing else is wrong with it.
  static final int TORN_TAIL = 1;

  /// What `verify` read is corrupt.
  static final int CORRUPT = 2;

  /// `leveldb get` found no such key.
  static final int NO_KEY = 3;

  /// The command line was wrong.
  static final int USAGE = 64;

  /// There is no such file or directory.
  static final int NO_INPUT = 66;

  /// A defect of ours.
  static final int INTERNAL = 70;

  /// A disk or a port did not do what it should, or what is on the disk is damaged.
  static final int IO = 74;

  private Exit() {}
}
