package dev.tidemark.server;

import dev.tidemark.wal.RecoveryProgress;
import dev.tidemark.wal.RecoveryReport;
import dev.tidemark.wal.Refusals;
import dev.tidemark.wal.Stall;
import dev.tidemark.wal.WalEvents;
import dev.tidemark.wal.WalFailedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes what the logs tell to the server's log, and lets those who ask `/ready` know how far
/// opening them is.
final class LoggedWal implements WalEvents {
  private static final Logger LOGGER = LoggerFactory.getLogger("dev.tidemark.wal");

  private final Gate gate;

  LoggedWal(Gate gate) {
    this.gate = gate;
  }

  @Override
  public void recoveryProgress(String log, RecoveryProgress progress) {
    gate.progress("log " + log + ": " + progress);
    LOGGER.info("log {}: {}", log, progress);
  }

  @Override
  public void recovered(String log, RecoveryReport report) {
    if (report.verdict() == RecoveryReport.Verdict.UNVOUCHED_TAIL
        || report.verdict() == RecoveryReport.Verdict.SALVAGED) {
      LOGGER.warn("log {}: {}", log, report);
    } else {
      LOGGER.debug("log {}: {}", log, report);
    }
  }

  @Override
  public void stalled(String log, Stall stall) {
    LOGGER.warn("log {}: {}", log, stall);
  }

  @Override
  public void stallEnded(String log, Stall stall) {
    LOGGER.info("log {}: over: {}", log, stall);
  }

  @Override
  public void refused(String log, Refusals refusals) {
    LOGGER.warn("log {}: {}", log, refusals);
  }

  @Override
  public void failed(String log, WalFailedException failure) {
    LOGGER.error("{}", failure.getMessage());
  }
}
