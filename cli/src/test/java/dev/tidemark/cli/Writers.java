package dev.tidemark.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Four connections that post bodies one after the other, each as fast as it is answered, until
/// there is nothing left to send or the server is gone.
final class Writers {
  static final int CONNECTIONS = 4;
  private static final String ROUTE = "/api/v1/write/line-protocol?db=nab";

  private static final long REFUSED_NANOS = 2_000_000;

  private final Ledger ledger;
  private final long restNanos;
  private final LongAdder refusals = new LongAdder();
  private final List<Connection> connections = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private final List<Throwable> failures = new CopyOnWriteArrayList<>();

  private Writers(Ledger ledger, long restNanos) {
    this.ledger = ledger;
    this.restNanos = restNanos;
  }

  static Writers start(int port, Ledger ledger) throws IOException {
    return start(port, ledger, 0);
  }

  /// @param restNanos how long each rests after each answer, so that there is something left to
  ///   send when the disk is a fast one
  static Writers start(int port, Ledger ledger, long restNanos) throws IOException {
    Writers writers = new Writers(ledger, restNanos);
    for (int i = 0; i < CONNECTIONS; i++) {
      Connection connection = new Connection(port);
      writers.connections.add(connection);
      writers.threads.add(
          Thread.ofPlatform()
              .daemon()
              .name("writer-" + i)
              .uncaughtExceptionHandler((_, failure) -> writers.failures.add(failure))
              .start(() -> writers.write(connection)));
    }
    return writers;
  }

  private void write(Connection connection) {
    for (Ledger.Body body = ledger.take(); body != null; body = ledger.take()) {
      Connection.@Nullable Answer answer = post(connection, body);
      if (answer == null) {
        ledger.inDoubt(body);
        return;
      }
      boolean unknown = answer.head().contains("X-Tidemark-Outcome");
      if (answer.status() == 204) {
        ledger.acknowledged(body);
        LockSupport.parkNanos(restNanos);
      } else if (answer.status() == 503 && !unknown) {
        ledger.refused(body);
        refusals.increment();
        LockSupport.parkNanos(REFUSED_NANOS);
      } else if (unknown) {
        ledger.inDoubt(body);
      } else {
        throw new AssertionError("a good body was answered " + answer);
      }
    }
  }

  private Connection.@Nullable Answer post(Connection connection, Ledger.Body body) {
    try {
      return connection.post(ROUTE, ledger.text(body));
    } catch (IOException gone) {
      return null;
    }
  }

  /// {@return how often the server has said 503 and that nothing was stored}
  long refusals() {
    return refusals.sum();
  }

  /// {@return whether a request is on its way or being served}
  boolean isAnyOutstanding() {
    return connections.stream().anyMatch(Connection::isOutstanding);
  }

  boolean isAnyAlive() {
    return threads.stream().anyMatch(Thread::isAlive);
  }

  /// {@return why some have ended, for a failed assertion}
  List<Throwable> failures() {
    return failures;
  }

  /// Waits until all have ended, and fails if one of them did.
  void join() throws InterruptedException, IOException {
    for (Thread thread : threads) {
      thread.join(60_000);
      if (thread.isAlive()) {
        throw new AssertionError(thread.getName() + " does not end");
      }
    }
    for (Connection connection : connections) {
      connection.close();
    }
    if (!failures.isEmpty()) {
      throw new AssertionError(failures.getFirst());
    }
  }
}
