package dev.tidemark.testkit.host;

import dev.tidemark.wal.storage.Host;

/// A machine that leaves everything to another: to be extended by those that differ from it in a
/// few calls. Safe for use by as many threads as the other is.
public abstract class ForwardingHost implements Host {
  private final Host host;

  /// @param host what does the work
  protected ForwardingHost(Host host) {
    this.host = host;
  }

  @Override
  public long nanoTime() {
    return host.nanoTime();
  }

  @Override
  public long epochMillis() {
    return host.epochMillis();
  }

  @Override
  public long random() {
    return host.random();
  }

  @Override
  public Thread start(String name, Runnable body) {
    return host.start(name, body);
  }

  @Override
  public void park(Object blocker, long nanos) {
    host.park(blocker, nanos);
  }

  @Override
  public void unpark(Thread thread) {
    host.unpark(thread);
  }

  @Override
  public boolean join(Thread thread, long nanos) throws InterruptedException {
    return host.join(thread, nanos);
  }

  @Override
  public boolean callerMayWrite() {
    return host.callerMayWrite();
  }
}
