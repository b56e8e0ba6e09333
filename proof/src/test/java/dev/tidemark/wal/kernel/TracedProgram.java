package dev.tidemark.wal.kernel;

import dev.tidemark.testkit.host.ForwardingHost;
import dev.tidemark.wal.Segment;
import dev.tidemark.wal.Subscription;
import dev.tidemark.wal.SyncPolicy;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.storage.FileStorage;
import dev.tidemark.wal.storage.Host;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// The program whose system calls [SystemCallTest] looks at. It says what it was promised, so that
/// the promise stands in the trace behind the calls it rests on.
final class TracedProgram {
  private static final int SEGMENTS = 6;

  private TracedProgram() {}

  /// A machine whose clock stands still, so that a log does nothing that is due after a time.
  private static final class StillHost extends ForwardingHost {
    StillHost() {
      super(Host.system());
    }

    @Override
    public long nanoTime() {
      return 0;
    }
  }

  /// Appends, or does everything that makes names.
  ///
  /// @param arguments `append`, directory, sync policy, number of threads, appends of each; or
  ///   `names`, directory
  public static void main(String[] arguments) throws Exception {
    Path directory = Path.of(arguments[1]);
    if (arguments[0].equals("names")) {
      names(directory);
    } else {
      int threads = Integer.parseInt(arguments[3]);
      append(directory, arguments[2], threads, Integer.parseInt(arguments[4]));
    }
    Runtime.getRuntime().halt(0);
  }

  // In one segment, while nothing else is done.
  private static void append(Path directory, String policy, int threads, int appends)
      throws IOException, InterruptedException {
    WalOptions options =
        WalOptions.builder()
            .segmentBytes(1 << 20)
            .sync(policy.equals("fsync") ? SyncPolicy.fsync() : SyncPolicy.fdatasync())
            .build();
    Wal wal = Wal.open(FileStorage.open(directory), new StillHost(), options);
    while (wal.metrics().files().spares() < 2) {
      LockSupport.parkNanos(1_000_000);
    }
    long before = wal.metrics().groups().records().count();
    Spoken.say("begin");
    List<Thread> all = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      all.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      for (int n = 0; n < appends; n++) {
                        Spoken.say("ack " + wal.append(new byte[100]));
                      }
                    } catch (Throwable e) {
                      Spoken.broken(e);
                    }
                  }));
    }
    for (Thread thread : all) {
      thread.join();
    }
    Spoken.say("end " + (wal.metrics().groups().records().count() - before));
  }

  private static void names(Path directory) throws IOException {
    WalOptions options = WalOptions.builder().segmentBytes(64 << 10).stagingBytes(16 << 10).build();
    try (Wal wal = Wal.open(directory, options)) {
      for (int i = 0; i < 3; i++) { // nothing else has the directory synced meanwhile
        append(wal);
        wal.rotate();
      }
      append(wal);
      try (Subscription subscription = wal.subscribe("red")) {
        subscription.ack(1);
        Spoken.say("acked");
      }
      wal.unsubscribe("red");
      for (int i = 0; i < SEGMENTS; i++) {
        wal.rotate();
        append(wal);
        wal.truncateBefore(wal.lastLsn());
      }
      for (int i = 0; i < 2; i++) {
        append(wal);
        wal.checkpoint(wal.lastLsn(), target -> target.write(new byte[100_000]));
        Spoken.say("checked");
      }
      append(wal);
      Segment old = wal.segments().getLast();
      wal.rotate();
      append(wal);
      wal.removeSegment(old.number());
      Spoken.say("removed");
    }
    Spoken.say("closed");
    Wal wal = Wal.open(directory, options);
    append(wal);
    Runtime.getRuntime().halt(0); // its end is not looked at
  }

  private static void append(Wal wal) throws IOException {
    Spoken.say("ack " + wal.append(new byte[1000]));
  }
}
