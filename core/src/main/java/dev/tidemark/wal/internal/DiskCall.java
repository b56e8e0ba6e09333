package dev.tidemark.wal.internal;

import dev.tidemark.wal.Stall;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// What the lease holder is at the disk for, so that the [Watch] sees from outside that it does not
/// come back. Costs a few plain stores a call: no clock, no fence.
@SuppressWarnings("UnusedVariable") // fields that are read and written by their VarHandle alone
final class DiskCall {
  private static final VarHandle COUNT;
  private static final VarHandle KIND;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      COUNT = lookup.findVarHandle(DiskCall.class, "count", long.class);
      KIND = lookup.findVarHandle(DiskCall.class, "kind", Stall.Kind.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  // Both written by the lease holder.
  private long count; // by COUNT; odd while a call is under way
  private Stall.Kind kind = Stall.Kind.SYNC; // by KIND

  /// Begins a call. One at a time.
  void begin(Stall.Kind of) {
    assert (count & 1) == 0 : "one call at a time";
    KIND.setOpaque(this, of);
    COUNT.setRelease(this, count + 1);
  }

  /// Ends it.
  void end() {
    COUNT.setRelease(this, count + 1);
  }

  /// {@return a number that no other call has, or 0 if none is under way}
  long current() {
    long now = (long) COUNT.getAcquire(this);
    return (now & 1) == 0 ? 0 : now;
  }

  /// {@return what the call is that [#current] just named; another's if it has ended since}
  Stall.Kind kind() {
    return (Stall.Kind) KIND.getOpaque(this);
  }
}
