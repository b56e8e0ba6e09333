package dev.tidemark.leveldb;

import java.util.function.Consumer;

/// Tells what was found amiss and passed over. Whatever the program's listener throws is its own
/// affair.
final class Warnings {
  private final String store;
  private final Consumer<String> listener;

  Warnings(String store, Consumer<String> listener) {
    this.store = store;
    this.listener = listener;
  }

  void tell(String warning) {
    try {
      listener.accept(store + ": " + warning);
    } catch (RuntimeException | Error theirs) { // whoever tells has others to wake
      System.getLogger("dev.tidemark.leveldb").log(System.Logger.Level.WARNING, warning, theirs);
    }
  }
}
