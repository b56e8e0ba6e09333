package dev.tidemark.examples.purchases;

import dev.tidemark.wal.PruneBy;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/// The order service sells, the warehouse follows, finance crashes and catches up. The log keeps
/// what finance has not seen, and lets go of it once both have it.
public final class Purchases {
  private static final long SEGMENT_BYTES = 64 << 10;
  private static final String[] ITEMS = {"anchor", "buoy", "compass", "rope", "sextant"};

  private final Path directory;
  private final Wal wal;

  private Purchases(Path directory, Wal wal) {
    this.directory = directory;
    this.wal = wal;
  }

  /// Runs the example.
  ///
  /// @param args none, or how many purchases there are (6000)
  /// @throws IOException if a file system fails
  /// @throws InterruptedException if it is interrupted
  public static void main(String[] args) throws IOException, InterruptedException {
    int count = args.length == 0 ? 6000 : Integer.parseInt(args[0]);
    Path directory = Files.createDirectories(Path.of("purchases"));
    WalOptions options =
        WalOptions.builder().segmentBytes(SEGMENT_BYTES).pruneBy(PruneBy.SUBSCRIPTIONS).build();
    try (Wal wal = Wal.open(directory.resolve("log"), options)) {
      new Purchases(directory, wal).run(count);
    }
  }

  private void run(int count) throws IOException, InterruptedException {
    Department warehouse = department("warehouse");
    Department finance = department("finance");
    long crash = wal.lastLsn() + count / 2;
    long last = sell(count);
    say("sold", "LSN " + (last - count + 1) + " to " + last);

    Thread consuming = consume(warehouse, last);
    finance.consumeTo(crash);
    finance.close();
    consuming.join();
    say("finance", "crashed behind LSN " + crash + ", the warehouse has all");
    say("log", segments() + ", kept for finance");

    finance = department("finance");
    finance.consumeTo(last);
    wal.sync();
    say("finance", "caught up");
    say("warehouse", warehouse.ledger().sum() + " pieces sent");
    say("finance", finance.ledger().sum() + " cents booked");
    finance.close();
    warehouse.close();
    say("log", segments() + ", pruned to what nobody has");
  }

  private Department department(String name) throws IOException {
    return name.equals("warehouse")
        ? new Department(wal, name, directory, Purchase::quantity)
        : new Department(wal, name, directory, each -> each.quantity() * each.cents());
  }

  private long sell(int count) throws IOException {
    OrderService orders = new OrderService(wal);
    Random random = new Random(count);
    long last = 0;
    for (int i = 0; i < count; i++) {
      String item = ITEMS[random.nextInt(ITEMS.length)];
      last = orders.buy(new Purchase(i, item, 1 + random.nextInt(3), 100 + random.nextInt(900)));
    }
    return last;
  }

  private static Thread consume(Department department, long lsn) {
    return Thread.ofVirtual()
        .start(
            () -> {
              try {
                department.consumeTo(lsn);
              } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
  }

  private String segments() {
    return wal.segments().size() + " segments from LSN " + wal.firstLsn();
  }

  private static void say(String who, String what) {
    System.out.println(who + ": " + what);
  }
}
