package dev.tidemark.wal.internal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// The right to write and sync, held by at most one thread. What its holder writes, the next holder
/// sees.
final class Lease {
  private static final VarHandle STATE;
  private static final int FREE = 0;
  private static final int HELD = 1;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(Lease.class, "state", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  @SuppressWarnings("UnusedVariable")
  private int state; // by STATE

  /// {@return whether the caller holds it now, because nobody did}
  boolean take() {
    return STATE.compareAndSet(this, FREE, HELD);
  }

  /// Lets go. The holder must look at staging afterwards: whoever published before saw the lease
  /// held, and relies on that.
  void release() {
    STATE.setVolatile(this, FREE);
    VarHandle.fullFence();
  }

  /// {@return whether somebody holds it}
  boolean isHeld() {
    return (int) STATE.getVolatile(this) == HELD;
  }
}
