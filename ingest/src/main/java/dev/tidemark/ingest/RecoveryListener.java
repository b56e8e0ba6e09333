package dev.tidemark.ingest;

import dev.tidemark.wal.WalEvents;
import java.util.function.Supplier;

/// Hears how a start gets on. Called on the thread that opens, never after [Ingest#open] returned;
/// an exception thrown here fails the start.
public interface RecoveryListener {

  /// Reports that replay got further; about every second, and not at all when it is quick.
  ///
  /// @param progress how far
  void progress(ReplayProgress progress);

  /// Reports the end of recovery, just before [Ingest#open] returns.
  ///
  /// @param recovered what was found and done
  void recovered(Recovered recovered);

  /// {@return who is told what the logs tell, at the start and as long as they are open; see there
  /// for the threads}
  default WalEvents walEvents() {
    return WalEvents.logged();
  }

  /// {@return a listener that keeps quiet}
  static RecoveryListener silent() {
    return silent(WalEvents::logged);
  }

  /// {@return a listener that keeps quiet, but for what the logs tell}
  ///
  /// @param events who is told that
  static RecoveryListener silent(Supplier<WalEvents> events) {
    return new RecoveryListener() {
      @Override
      public void progress(ReplayProgress progress) {}

      @Override
      public void recovered(Recovered recovered) {}

      @Override
      public WalEvents walEvents() {
        return events.get();
      }
    };
  }
}
