package dev.tidemark.wal.internal;

import dev.tidemark.testkit.host.FakeHost;
import dev.tidemark.wal.storage.Host;
import java.time.Duration;

/// Moves a clock by next to nothing, again and again, until it is closed: a thread that looked at
/// the clock just before it was moved, and waits for a moment that has passed, looks again.
public final class Ticks implements AutoCloseable {
  private final Thread thread;
  private volatile boolean closed; // set once

  public Ticks(FakeHost host) {
    thread =
        Thread.ofPlatform()
            .daemon()
            .start(
                () -> {
                  while (!closed) {
                    host.advance(Duration.ofNanos(1));
                    Thread.onSpinWait();
                  }
                });
  }

  @Override
  public void close() {
    closed = true;
    boolean _ = Threads.join(Host.system(), thread, 10_000_000_000L);
  }
}
