package dev.tidemark.wal;

/// Where [WalEvents] go by default.
final class EventLog {
  static final WalEvents ALL = new WalEvents() {};

  private static final System.Logger LOGGER = System.getLogger("dev.tidemark.wal");

  private EventLog() {}

  static void write(System.Logger.Level level, String log, Object event) {
    if (LOGGER.isLoggable(level)) {
      LOGGER.log(level, "log " + log + ": " + event);
    }
  }
}
