package dev.tidemark.examples.purchases;

import dev.tidemark.wal.Subscription;
import dev.tidemark.wal.Wal;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.ToLongFunction;

/// Consumes purchases through a subscription of its own and adds something up. For one thread.
///
/// It may crash anywhere: the ledger is durable before the acknowledgement, so what was not
/// acknowledged is delivered again, and what is already in the ledger is passed over.
final class Department implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMillis(100);
  private static final int ACK_EVERY = 100;

  private final Subscription purchases;
  private final Path file;
  private final ToLongFunction<Purchase> adds;
  private Ledger ledger; // owned by the one thread

  /// @param name the subscription's name
  /// @param directory where the ledger is
  /// @param adds what a purchase adds to the sum
  Department(Wal wal, String name, Path directory, ToLongFunction<Purchase> adds)
      throws IOException {
    this.adds = adds;
    file = directory.resolve(name + ".ledger");
    ledger = Ledger.read(file);
    purchases = wal.subscribe(name);
  }

  /// Consumes up to an LSN.
  void consumeTo(long lsn) throws IOException, InterruptedException {
    while (ledger.lsn() < lsn) {
      if (purchases.next(PATIENCE) && purchases.lsn() > ledger.lsn()) {
        Purchase purchase = Purchase.decode(purchases.bytes());
        ledger = new Ledger(purchases.lsn(), ledger.sum() + adds.applyAsLong(purchase));
        if (ledger.lsn() % ACK_EVERY == 0 || ledger.lsn() == lsn) {
          ledger.write(file);
          purchases.ack(ledger.lsn());
        }
      }
    }
  }

  /// {@return what was added up so far}
  Ledger ledger() {
    return ledger;
  }

  @Override
  public void close() {
    purchases.close();
  }
}
