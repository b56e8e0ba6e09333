package dev.tidemark.wal.internal.events;

import dev.tidemark.wal.RecoveryProgress;
import dev.tidemark.wal.RecoveryReport;
import dev.tidemark.wal.Refusals;
import dev.tidemark.wal.Stall;
import dev.tidemark.wal.WalEvents;
import dev.tidemark.wal.WalFailedException;

/// Calls the user's [WalEvents] for one log, and lets nothing they throw pass. Safe for use by any
/// thread, as far as they are.
///
/// A new event gets a method here, so that no call goes around the guard.
public final class Announcer {
  private static final System.Logger LOGGER = System.getLogger("dev.tidemark.wal");

  private final WalEvents events;
  private final String log;

  /// @param events who is told
  /// @param log how they are told which log it is
  public Announcer(WalEvents events, String log) {
    this.events = events;
    this.log = log;
  }

  /// As [WalEvents#recoveryProgress].
  ///
  /// @param progress how far
  public void recoveryProgress(RecoveryProgress progress) {
    guarded(() -> events.recoveryProgress(log, progress));
  }

  /// As [WalEvents#recovered].
  ///
  /// @param report what was found
  public void recovered(RecoveryReport report) {
    guarded(() -> events.recovered(log, report));
  }

  /// As [WalEvents#stalled].
  ///
  /// @param stall what
  public void stalled(Stall stall) {
    guarded(() -> events.stalled(log, stall));
  }

  /// As [WalEvents#stallEnded].
  ///
  /// @param stall what
  public void stallEnded(Stall stall) {
    guarded(() -> events.stallEnded(log, stall));
  }

  /// As [WalEvents#refused].
  ///
  /// @param refusals how many, and why
  public void refused(Refusals refusals) {
    guarded(() -> events.refused(log, refusals));
  }

  /// As [WalEvents#failed].
  ///
  /// @param failure what callers are told
  public void failed(WalFailedException failure) {
    guarded(() -> events.failed(log, failure));
  }

  // Even an error: what an operator's code gets wrong must not cost a record, or a start.
  private void guarded(Runnable call) {
    try {
      call.run();
    } catch (Throwable e) {
      try {
        LOGGER.log(
            System.Logger.Level.WARNING,
            "log " + log + ": the program's WalEvents threw; the log goes on",
            e);
      } catch (Throwable _) {
        // The logger throws as well, or there is no memory: nobody can be told.
      }
    }
  }
}
