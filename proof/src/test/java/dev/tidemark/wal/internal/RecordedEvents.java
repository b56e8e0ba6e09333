package dev.tidemark.wal.internal;

import dev.tidemark.wal.RecoveryProgress;
import dev.tidemark.wal.RecoveryReport;
import dev.tidemark.wal.Refusals;
import dev.tidemark.wal.Stall;
import dev.tidemark.wal.WalEvents;
import dev.tidemark.wal.WalFailedException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// Remembers what a log told, and on which threads.
class RecordedEvents implements WalEvents {
  final List<RecoveryProgress> progress = new CopyOnWriteArrayList<>();
  final List<RecoveryReport> recovered = new CopyOnWriteArrayList<>();
  final List<Stall> stalled = new CopyOnWriteArrayList<>();
  final List<Stall> ended = new CopyOnWriteArrayList<>();
  final List<Refusals> refused = new CopyOnWriteArrayList<>();
  final List<WalFailedException> failed = new CopyOnWriteArrayList<>();
  final List<String> threads = new CopyOnWriteArrayList<>();
  final List<String> logs = new CopyOnWriteArrayList<>();

  private void note(String log) {
    logs.add(log);
    threads.add(Thread.currentThread().getName());
  }

  @Override
  public void recoveryProgress(String log, RecoveryProgress now) {
    note(log);
    progress.add(now);
  }

  @Override
  public void recovered(String log, RecoveryReport report) {
    note(log);
    recovered.add(report);
  }

  @Override
  public void stalled(String log, Stall stall) {
    note(log);
    stalled.add(stall);
  }

  @Override
  public void stallEnded(String log, Stall stall) {
    note(log);
    ended.add(stall);
  }

  @Override
  public void refused(String log, Refusals refusals) {
    note(log);
    refused.add(refusals);
  }

  @Override
  public void failed(String log, WalFailedException failure) {
    note(log);
    failed.add(failure);
  }
}
