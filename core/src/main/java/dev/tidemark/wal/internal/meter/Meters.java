package dev.tidemark.wal.internal.meter;

import dev.tidemark.wal.WalMetrics;
import java.util.concurrent.atomic.AtomicLong;

/// What one log counts and times. Who may call a method is said there; anybody may take snapshots.
public final class Meters {
  /// Reading the clock twice costs a good part of an append that waits for no sync.
  private static final long SAMPLED_MASK = 15;

  private final long appendMask;
  private final SharedRecorder append = new SharedRecorder();
  private final Recorder sync = new Recorder();
  private final Recorder rotation = new Recorder();
  private final Recorder stagingWait = new Recorder();
  private final Recorder groupRecords = new Recorder();
  private final Recorder groupBytes = new Recorder();
  private final AtomicLong refusals = new AtomicLong();
  private volatile long voidRecords; // written by the lease holder

  /// @param sampleAppends whether only one append in sixteen is timed
  public Meters(boolean sampleAppends) {
    appendMask = sampleAppends ? SAMPLED_MASK : 0;
  }

  /// {@return whether the append of this LSN is to be timed}
  ///
  /// @param lsn the first LSN of the append
  public boolean timesAppend(long lsn) {
    return (lsn & appendMask) == 0;
  }

  /// Notes how long an append took, from its claim to its acknowledgement. For any thread.
  ///
  /// @param nanos how long
  public void appended(long nanos) {
    append.record(nanos);
  }

  /// Notes how long a sync took. For the lease holder.
  ///
  /// @param nanos how long
  public void synced(long nanos) {
    sync.record(nanos);
  }

  /// Notes what a group carried. For the lease holder.
  ///
  /// @param records how many records
  /// @param bytes what was written for them
  public void grouped(long records, long bytes) {
    groupRecords.record(records);
    groupBytes.record(bytes);
  }

  /// Notes LSNs that stay empty. For the lease holder.
  ///
  /// @param records how many
  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer at a time: the lease holder
  public void voided(int records) {
    voidRecords += records;
  }

  /// Notes how long a change of segments took. For the lease holder.
  ///
  /// @param nanos how long
  public void rotated(long nanos) {
    rotation.record(nanos);
  }

  /// Notes how long an append waited for room before its claim. For whoever's turn it is to wait.
  ///
  /// @param nanos how long
  public void waited(long nanos) {
    stagingWait.record(nanos);
  }

  /// Notes an append that was refused for want of space. For any thread.
  public void refused() {
    refusals.incrementAndGet();
  }

  /// {@return how many appends were refused for want of space}
  public long refusals() {
    return refusals.get();
  }

  /// {@return how many LSNs stay empty}
  public long voidRecords() {
    return voidRecords;
  }

  /// {@return how long things took}
  public WalMetrics.Latencies latencies() {
    return new WalMetrics.Latencies(
        append.snapshot(), sync.snapshot(), rotation.snapshot(), stagingWait.snapshot());
  }

  /// {@return how much groups carried}
  public WalMetrics.Groups groups() {
    return new WalMetrics.Groups(groupRecords.snapshot(), groupBytes.snapshot());
  }
}
