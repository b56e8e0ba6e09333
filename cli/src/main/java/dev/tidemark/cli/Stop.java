package dev.tidemark.cli;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import org.slf4j.Logger;

/// Ends the process when a signal asks for it. A JVM that a signal ends exits with 143 whatever its
/// hooks do, so the hook halts it with a code of its own, and only once everything is closed.
final class Stop {
  /// Whoever sent the signal waits 30 s and then kills.
  static final Duration PATIENCE = Duration.ofSeconds(28);

  private final Thread hook;

  private Stop(Thread hook) {
    this.hook = hook;
  }

  /// Closes the server when the process is told to stop, and ends the process once that is done or
  /// has taken too long.
  static Stop onSignal(Closeable server, Logger logger, Duration patience) {
    Thread hook = new Thread(() -> stop(server, logger, patience), "stop");
    Runtime.getRuntime().addShutdownHook(hook);
    return new Stop(hook);
  }

  /// Ends the process for another reason, unless a signal was first: then this waits until that has
  /// ended it.
  ///
  /// @param reason says why, and with which code
  /// @return the code
  int insteadOf(IntSupplier reason) throws InterruptedException {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException stopping) {
      new CountDownLatch(1).await();
    }
    return reason.getAsInt();
  }

  private static void stop(Closeable server, Logger logger, Duration patience) {
    logger.info("stopping: taking no more writes, writing what is in memory");
    CountDownLatch closed = new CountDownLatch(1);
    Thread.ofPlatform()
        .daemon()
        .name("stop-timeout")
        .start(
            () -> {
              if (!awaits(closed, patience)) {
                logger.error(
                    "not closed within {} s, so the next start recovers; nothing acknowledged is"
                        + " lost",
                    patience.toSeconds());
                Runtime.getRuntime().halt(Exit.IO);
              }
            });
    int code = close(server, logger);
    closed.countDown();
    Runtime.getRuntime().halt(code);
  }

  private static boolean awaits(CountDownLatch closed, Duration patience) {
    try {
      return closed.await(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException impossible) {
      return false;
    }
  }

  private static int close(Closeable server, Logger logger) {
    try {
      server.close();
      logger.info("stopped");
      return 0;
    } catch (IOException failure) {
      logger.error(
          "not closed properly: {}; the next start recovers, nothing acknowledged is lost",
          failure.toString(),
          failure);
      return Exit.IO;
    } catch (RuntimeException | Error defect) {
      logger.error("not closed properly, because of a defect; the next start recovers", defect);
      return Exit.INTERNAL;
    }
  }
}
