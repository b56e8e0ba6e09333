package dev.tidemark.wal.internal;

import dev.tidemark.testkit.host.ForwardingHost;
import dev.tidemark.wal.storage.Host;

/// A machine whose clock runs ten times as fast: what a log does after a while comes sooner.
final class FastHost extends ForwardingHost {
  private static final int FASTER = 10;

  FastHost() {
    super(Host.system());
  }

  @Override
  public long nanoTime() {
    return super.nanoTime() * FASTER;
  }

  @Override
  public void park(Object blocker, long nanos) {
    super.park(blocker, nanos == Long.MAX_VALUE ? nanos : (nanos + FASTER - 1) / FASTER);
  }
}
