package dev.tidemark.examples.purchases;

import dev.tidemark.wal.Wal;
import java.io.IOException;

/// Takes purchases. Safe for any number of threads.
final class OrderService {
  private final Wal wal;

  /// @param wal where purchases go; the caller closes it
  OrderService(Wal wal) {
    this.wal = wal;
  }

  /// Buys. On return the purchase survives a power cut, and every department will see it.
  ///
  /// @return its LSN, which is also the number of the order
  /// @throws IOException if the log is full (then nothing was bought) or has failed (then nobody
  ///   knows before it is opened again)
  long buy(Purchase purchase) throws IOException {
    return wal.append(purchase.encode());
  }
}
