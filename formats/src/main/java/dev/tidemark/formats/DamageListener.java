package dev.tidemark.formats;

/// Is told of damage, in the order of the file.
@FunctionalInterface
public interface DamageListener {
  /// Called on the thread that reads, before the next record is shown.
  ///
  /// @param damage what was found
  void found(Damage damage);

  /// {@return a listener that does nothing: for callers who want only what is good}
  static DamageListener ignoring() {
    return damage -> {};
  }
}
