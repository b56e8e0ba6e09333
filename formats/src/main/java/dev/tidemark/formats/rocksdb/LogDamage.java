package dev.tidemark.formats.rocksdb;

import dev.tidemark.formats.Damage;
import dev.tidemark.formats.Damage.Kind;
import dev.tidemark.formats.DamageListener;
import org.jspecify.annotations.Nullable;

/// Tells what is damaged in a log, in the order of the file, some of it only once it is known what
/// follows: zeros with nothing behind them are no damage, and bytes that are no fragment may be
/// left from the file's earlier life. For one thread at a time.
final class LogDamage {
  private static final String ZEROS =
      "zeros, which RocksDB passes over, with something behind them";

  private final DamageListener listener;

  // What is told once something follows it, nothing but zeros as long as that is said. Both owned
  // by
  // the caller's thread.
  private @Nullable Damage held;
  private boolean onlyZeros;

  /// @param listener is told
  LogDamage(DamageListener listener) {
    this.listener = listener;
  }

  void corruption(long from, long bytes, String reason) {
    tell(Kind.CORRUPTION, from, bytes, reason);
  }

  void overlooked(long from, long bytes, String reason) {
    tell(Kind.OVERLOOKED, from, bytes, reason);
  }

  void torn(long from, long bytes, String reason) {
    tell(Kind.TORN_TAIL, from, bytes, reason);
  }

  /// Remembers zeros: no damage if nothing follows.
  void zeros(long from, long bytes) {
    onlyZeros = held == null || onlyZeros;
    hold(Kind.OVERLOOKED, from, bytes, ZEROS);
  }

  /// Remembers bytes of a file that may be used again that are no fragment of this log, one behind
  /// the other: damage if anything of this log follows, else its end.
  void perhapsOld(Kind kind, long from, long bytes, String reason) {
    hold(kind, from, bytes, reason);
    onlyZeros = false;
  }

  /// Says that something else than zeros was found, and, in a file that may be used again,
  /// something of this log.
  void somethingFollows() {
    if (held != null) {
      listener.found(held);
      held = null;
    }
  }

  /// Says that nothing more of this log was found.
  void end() {
    Damage last = held;
    held = null;
    if (last != null && !onlyZeros) {
      endOfFileUsedAgain(last.offset(), last.bytes(), last.reason());
    }
  }

  /// What is written into a file that is used again ends amid old bytes, whether it was written to
  /// its end or cut short.
  void endOfFileUsedAgain(long from, long bytes, String reason) {
    torn(from, bytes, reason + ", or the old bytes of a file that is used again");
  }

  /// Of several, the worst says what is wrong.
  private void hold(Kind kind, long from, long bytes, String reason) {
    Damage first = held;
    if (first == null) {
      held = new Damage(kind, from, bytes, reason);
      return;
    }
    boolean worse = kind.compareTo(first.kind()) > 0;
    held =
        new Damage(
            worse ? kind : first.kind(),
            first.offset(),
            first.bytes() + bytes,
            worse || onlyZeros ? reason : first.reason());
  }

  private void tell(Kind kind, long from, long bytes, String reason) {
    somethingFollows();
    listener.found(new Damage(kind, from, bytes, reason));
  }
}
