package dev.tidemark.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.slf4j.LoggerFactory;

/// A process whose server closes as it is told to: `hangs`, `fails` or `ends`.
final class StoppingProgram {
  private StoppingProgram() {}

  /// Says `ready` and waits for a signal.
  ///
  /// @param arguments how closing goes
  public static void main(String[] arguments) throws InterruptedException {
    Stop.onSignal(
        () -> close(arguments[0]),
        LoggerFactory.getLogger(StoppingProgram.class),
        Duration.ofSeconds(1));
    System.out.println("ready");
    System.out.flush();
    new CountDownLatch(1).await();
  }

  private static void close(String how) throws IOException {
    switch (how) {
      case "hangs" -> hang();
      case "fails" -> throw new IOException("the disk does not answer");
      case "breaks" -> throw new IllegalStateException("a defect");
      default -> {}
    }
  }

  // As a disk that does not answer: not even an interrupt helps.
  private static void hang() {
    while (true) {
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException ignored) {
        Thread.onSpinWait();
      }
    }
  }
}
