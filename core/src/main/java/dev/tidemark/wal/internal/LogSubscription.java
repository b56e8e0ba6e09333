package dev.tidemark.wal.internal;

import dev.tidemark.wal.LsnGoneException;
import dev.tidemark.wal.Subscription;
import dev.tidemark.wal.WalFailedException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// A [Subscription] that somebody has open: a [LogCursor] that begins behind the last ack.
final class LogSubscription implements Subscription {
  private final OpenLog log;
  private final LowWater lowWater;
  private final Subscriptions all;
  private final Standing standing;
  private volatile boolean closed; // set once

  // Owned by the cursor's thread.
  private @Nullable LogCursor cursor;
  private long position; // where the last cursor was when it was overtaken

  LogSubscription(OpenLog log, LowWater lowWater, Subscriptions all, Standing standing) {
    this.log = log;
    this.lowWater = lowWater;
    this.all = all;
    this.standing = standing;
  }

  @Override
  public String name() {
    return standing.name;
  }

  @Override
  public long acked() {
    return standing.acked;
  }

  @Override
  public void ack(long lsn) throws IOException {
    checkOpen();
    log.checkAck(lsn);
    all.ack(standing, lsn);
  }

  @Override
  public boolean next() throws IOException {
    LogCursor walk = walk();
    try {
      return walk.next();
    } catch (LsnGoneException e) {
      throw overtaken(walk, e);
    }
  }

  @Override
  public boolean next(Duration timeout) throws IOException, InterruptedException {
    LogCursor walk = walk();
    try {
      return walk.next(timeout);
    } catch (LsnGoneException e) {
      throw overtaken(walk, e);
    }
  }

  // While it is behind the mark this answers that the LSN is gone; an ack brings it up.
  private LogCursor walk() throws LsnGoneException, WalFailedException {
    checkOpen();
    LogCursor walk = cursor;
    if (walk == null) {
      walk = lowWater.open(log, Math.max(position, standing.needs()));
      cursor = walk;
    }
    return walk;
  }

  private LsnGoneException overtaken(LogCursor walk, LsnGoneException e) {
    position = walk.position();
    cursor = null;
    walk.close();
    return e;
  }

  private void checkOpen() throws WalFailedException {
    if (closed) {
      throw new IllegalStateException("subscription " + standing.name + " is closed");
    }
    log.checkNotClosed();
  }

  @Override
  public long lsn() {
    return onRecord().lsn();
  }

  @Override
  public MemorySegment payload() {
    return onRecord().payload();
  }

  private LogCursor onRecord() {
    LogCursor walk = cursor;
    if (walk == null) {
      throw new IllegalStateException("the subscription is not on a record; call next first");
    }
    return walk;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      LogCursor walk = cursor;
      if (walk != null) {
        walk.close();
      }
      all.release(standing);
    }
  }
}
