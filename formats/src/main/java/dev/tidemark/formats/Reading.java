package dev.tidemark.formats;

/// What becomes of records behind damage.
public enum Reading {
  /// As the system's own recovery does it: exactly the records that the system itself would apply.
  AS_THE_SYSTEM,

  /// Every record whose checksums hold, also where the system itself would give up: for those who
  /// look for what can still be saved.
  ALL_THAT_IS_WHOLE
}
