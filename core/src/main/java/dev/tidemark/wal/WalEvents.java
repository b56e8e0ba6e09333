package dev.tidemark.wal;

/// What a log tells whoever operates it, while it happens. Set with [WalOptions.Builder#events].
///
/// Every method has a default that writes one line to the [System.Logger] `dev.tidemark.wal`: what
/// happened, in which log, and what to do about it. Override what is to go elsewhere. The first
/// parameter is always the log, as its storage describes itself: its directory.
///
/// **Threads.** [#recoveryProgress] and [#recovered] are called on the thread that opens the log;
/// all others on the log's thread `tidemark-watch`, one at a time. No lock of the log is held. A
/// method that blocks delays the events behind it, and opening or closing the log by a bounded time
/// in the case of the watch, but no append and no sync. What a method throws is passed to the
/// default logger and otherwise ignored. A method may call the log, close included.
///
/// The same object may be given to several logs; then it is called by several threads.
public interface WalEvents {

  /// Opening the log reads much and has got further. At most about once a second, and not at all
  /// when it is quick. Logged at `INFO`.
  ///
  /// @param log which log
  /// @param progress how far
  default void recoveryProgress(String log, RecoveryProgress progress) {
    EventLog.write(System.Logger.Level.INFO, log, progress);
  }

  /// The log is open. Logged at `WARNING` if something was cut or salvaged, at `INFO` if the log
  /// had not been closed, else at `DEBUG`.
  ///
  /// @param log which log
  /// @param report what was found
  default void recovered(String log, RecoveryReport report) {
    System.Logger.Level level =
        switch (report.verdict()) {
          case UNVOUCHED_TAIL, SALVAGED -> System.Logger.Level.WARNING;
          case CLEAN_END -> System.Logger.Level.INFO;
          case CREATED, SEALED -> System.Logger.Level.DEBUG;
        };
    EventLog.write(level, log, report);
  }

  /// Something has held up the log for longer than [WalOptions#slowSync()], and still does. Called
  /// again when it has lasted twice as long, four times, and so on, and at least every ten minutes.
  /// Logged at `WARNING`.
  ///
  /// @param log which log
  /// @param stall what, and for how long
  default void stalled(String log, Stall stall) {
    EventLog.write(System.Logger.Level.WARNING, log, stall);
  }

  /// What [#stalled] told of is over. Logged at `INFO`.
  ///
  /// @param log which log
  /// @param stall what, and how long it took
  default void stallEnded(String log, Stall stall) {
    EventLog.write(System.Logger.Level.INFO, log, "over: " + stall);
  }

  /// Appends were refused for want of space. Called with the first and then at most every ten
  /// seconds. Logged at `WARNING`.
  ///
  /// @param log which log
  /// @param refusals how many since the last call, and why
  default void refused(String log, Refusals refusals) {
    EventLog.write(System.Logger.Level.WARNING, log, refusals);
  }

  /// The log has failed for good. Called once. Logged at `ERROR`.
  ///
  /// @param log which log
  /// @param failure what every caller is answered from now on; its cause is what went wrong
  default void failed(String log, WalFailedException failure) {
    EventLog.write(System.Logger.Level.ERROR, log, String.valueOf(failure.getMessage()));
  }

  /// {@return events that are all written to the [System.Logger] `dev.tidemark.wal`; the default}
  static WalEvents logged() {
    return EventLog.ALL;
  }
}
