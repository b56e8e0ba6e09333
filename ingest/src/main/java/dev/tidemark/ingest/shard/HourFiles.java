package dev.tidemark.ingest.shard;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Writes the files of a flush several at a time. Most of a small file's time is waiting for syncs,
/// and those overlap.
///
/// Safe for use by several threads.
final class HourFiles {
  private final ExecutorService threads;

  /// @param name how its threads are named
  /// @param atOnce how many files are written at once, over all flushes
  HourFiles(String name, int atOnce) {
    AtomicInteger number = new AtomicInteger();
    threads =
        Executors.newFixedThreadPool(
            atOnce,
            body ->
                Thread.ofPlatform()
                    .daemon()
                    .name(name + "-" + number.getAndIncrement())
                    .unstarted(body));
  }

  /// Writes some files and waits until none of them is being written any more, whether they succeed
  /// or not.
  ///
  /// @throws IOException the first failure, the others added to it; files that did not fail are
  ///   there
  /// @throws InterruptedException if the thread is interrupted; writes that ran are interrupted
  ///   too, and [#stop] waits for them
  void write(List<Callable<?>> files) throws IOException, InterruptedException {
    List<Future<?>> written = new ArrayList<>();
    for (Callable<?> file : files) {
      written.add(threads.submit(file));
    }
    @Nullable Throwable first = null;
    boolean interrupted = false;
    for (Future<?> file : written) {
      boolean ended = false;
      while (!ended) {
        try {
          var _ = file.get();
          ended = true;
        } catch (ExecutionException e) {
          Throwable cause = e.getCause();
          first = merged(first, cause == null ? e : cause);
          ended = true;
        } catch (java.util.concurrent.CancellationException e) {
          ended = true; // it had not begun, or ends by its own interrupt
        } catch (InterruptedException e) {
          interrupted = true;
          written.forEach(other -> other.cancel(true));
        }
      }
    }
    if (interrupted) {
      throw new InterruptedException();
    }
    rethrow(first);
  }

  private static Throwable merged(@Nullable Throwable first, Throwable next) {
    if (first == null) {
      return next;
    }
    if (next instanceof Error && !(first instanceof Error)) {
      next.addSuppressed(first);
      return next;
    }
    first.addSuppressed(next);
    return first;
  }

  private static void rethrow(@Nullable Throwable failure) throws IOException {
    switch (failure) {
      case null -> {}
      case IOException e -> throw e;
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new IOException(failure);
    }
  }

  /// Ends the threads; what runs is interrupted.
  ///
  /// @param waitNanos how long to wait for it: a file must not appear under a sink that is closed
  /// @return whether none runs any more
  boolean stop(long waitNanos) throws InterruptedException {
    var _ = threads.shutdownNow();
    return threads.awaitTermination(waitNanos, TimeUnit.NANOSECONDS);
  }
}
