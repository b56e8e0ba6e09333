package dev.tidemark.wal.internal;

import dev.tidemark.wal.storage.ForwardingFile;
import dev.tidemark.wal.storage.ForwardingStorage;
import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/// A storage whose syncs of files can be held up on all threads but the one that prepares segments,
/// so that a test can make others wait while spares go on being made.
final class HookedStorage extends ForwardingStorage {
  private final AtomicInteger held = new AtomicInteger();
  private volatile CountDownLatch gate = new CountDownLatch(0);

  HookedStorage(Storage inner) {
    super(inner);
  }

  /// Holds syncs until [#open()].
  void hold() {
    gate = new CountDownLatch(1);
  }

  void open() {
    gate.countDown();
  }

  /// Waits until a sync is held.
  void awaitHeld() {
    while (held.get() == 0) {
      Thread.onSpinWait();
    }
  }

  @Override
  public StorageFile create(String name) throws IOException {
    return new HookedFile(super.create(name));
  }

  @Override
  public StorageFile open(String name) throws IOException {
    return new HookedFile(super.open(name));
  }

  private final class HookedFile extends ForwardingFile {
    HookedFile(StorageFile file) {
      super(file);
    }

    @Override
    public void sync(boolean metadata) throws IOException {
      boolean free = Thread.currentThread().getName().equals("tidemark-segments");
      held.addAndGet(free ? 0 : 1);
      while (!free && gate.getCount() > 0) {
        LockSupport.parkNanos(100_000);
      }
      held.addAndGet(free ? 0 : -1);
      super.sync(metadata);
    }
  }
}
