package dev.tidemark.formats.rocksdb;

import dev.tidemark.formats.Damage;
import dev.tidemark.formats.DamageListener;
import org.jspecify.annotations.Nullable;

/// Tells what is damaged in a log, some of it only once it is known what follows: zeros with
/// nothing behind them are none, and bytes that are no fragment may be left from the file's earlier
/// life. For one thread at a time.
final class LogDamage {
  private final DamageListener listener;

  // Both owned by the caller's thread. Where zeros begin, behind which nothing else has been seen
  // yet; -1 if there are none.
  private long zeros = -1;
  private @Nullable Damage perhapsOld;

  /// @param listener is told
  LogDamage(DamageListener listener) {
    this.listener = listener;
  }

  void corruption(long from, long bytes, String reason) {
    listener.found(new Damage(Damage.Kind.CORRUPTION, from, bytes, reason));
  }

  void overlooked(long from, long bytes, String reason) {
    listener.found(new Damage(Damage.Kind.OVERLOOKED, from, bytes, reason));
  }

  void torn(long from, long bytes, String reason) {
    endZeros(from);
    listener.found(new Damage(Damage.Kind.TORN_TAIL, from, bytes, reason));
  }

  /// Remembers zeros.
  ///
  /// @param from where they begin
  void zeros(long from) {
    zeros = zeros < 0 ? from : zeros;
  }

  /// Tells zeros as what they are with something behind them.
  ///
  /// @param to where they end
  void endZeros(long to) {
    if (zeros >= 0) {
      overlooked(zeros, to - zeros, "zeros, which RocksDB passes over, with something behind them");
      zeros = -1;
    }
  }

  /// Remembers bytes of a file that may be used again that are no fragment of this log, one behind
  /// the other: damage if anything of this log follows, else its end.
  void perhapsOld(Damage.Kind kind, long from, long bytes, String reason) {
    perhapsOld =
        perhapsOld == null
            ? new Damage(kind, from, bytes, reason)
            : new Damage(
                perhapsOld.kind(),
                perhapsOld.offset(),
                perhapsOld.bytes() + bytes,
                perhapsOld.reason());
  }

  /// Says that something of this log was found.
  ///
  /// @param offset where it begins
  void ownFragment(long offset) {
    if (perhapsOld != null) {
      listener.found(perhapsOld);
      perhapsOld = null;
    }
    endZeros(offset);
  }

  /// Says that nothing more of this log was found.
  void end() {
    if (perhapsOld != null) {
      endOfFileUsedAgain(perhapsOld.offset(), perhapsOld.bytes(), perhapsOld.reason());
      perhapsOld = null;
    }
  }

  /// What is written into a file that is used again ends amid old bytes, whether it was written to
  /// its end or cut short.
  void endOfFileUsedAgain(long from, long bytes, String reason) {
    torn(from, bytes, reason + ", or the old bytes of a file that is used again");
  }
}
