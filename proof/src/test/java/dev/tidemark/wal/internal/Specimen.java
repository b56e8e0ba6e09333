package dev.tidemark.wal.internal;

import dev.tidemark.testkit.disk.Crash;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.host.FakeHost;
import dev.tidemark.testkit.host.SimulatedHost;
import dev.tidemark.wal.Batch;
import dev.tidemark.wal.Subscription;
import dev.tidemark.wal.SyncPolicy;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.storage.Host;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Small logs of three segments that today's engine writes, one of each kind of interest, to be
/// damaged. The same bytes each time: clock and random numbers are fixed.
enum Specimen {
  /// Killed when idle: its last frame is a mark. With a subscription, a checkpoint, a batch.
  PLAIN {
    @Override
    SimulatedDisk build() throws IOException {
      SimulatedDisk disk = new SimulatedDisk();
      FakeHost host = host(1);
      try (Wal wal = Wal.open(disk, host, Logs.SMALL)) {
        fill(wal);
        awaitMark(disk, host);
        return disk.crash(Crash.keepingAll());
      }
    }
  },

  /// The same, closed.
  SEALED {
    @Override
    SimulatedDisk build() throws IOException {
      SimulatedDisk disk = new SimulatedDisk();
      try (Wal wal = Wal.open(disk, host(1), Logs.SMALL)) {
        fill(wal);
      }
      return disk.crash(Crash.keepingAll());
    }
  },

  /// Killed under `async`: of the newest segment nothing is promised but what a stronger record
  /// asked for.
  ASYNC {
    @Override
    SimulatedDisk build() throws IOException {
      SimulatedDisk disk = new SimulatedDisk();
      WalOptions options = Logs.small(SyncPolicy.async(Duration.ofHours(1)));
      try (Wal wal = Wal.open(disk, host(2), options)) {
        Logs.append(wal, 1, 10);
        next(wal);
        Logs.append(wal, 11, 20);
        next(wal);
        Logs.append(wal, 21, 25);
        wal.appendDurable(Logs.record(26));
        new Remains(disk).awaitMark();
        Logs.append(wal, 27, 30);
        return disk.crash(Crash.keepingAll());
      }
    }
  },

  /// Two of three segments were damaged and salvaged: HOLE frames stand at the head of the fourth.
  SALVAGED {
    @Override
    SimulatedDisk build() throws IOException {
      Remains log = new Remains(PLAIN.build());
      String first = SegmentHeader.fileName(1);
      String second = SegmentHeader.fileName(2);
      log.spoilPayload(first, log.frames(first).get(4));
      log.storage.flip(second, log.frames(second).get(6).offset() + 9, 2);
      try (Wal wal = Wal.open(log.storage, host(3), SalvageTest.SKIP)) {
        for (int i = 0; i < 5; i++) {
          wal.append(Logs.record(wal.lastLsn() + 1));
        }
        Logs.awaitSpares(wal);
        return log.storage.crash(Crash.keepingAll());
      }
    }
  },

  /// Its newest segment is a file that had another life.
  RECYCLED {
    @Override
    SimulatedDisk build() throws IOException {
      SimulatedDisk disk = new SimulatedDisk();
      SimulatedHost host = new SimulatedHost(4); // which spare is recycled depends on who is when
      try {
        return host.run(() -> recycled(disk, host));
      } catch (IOException | RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IOException(e);
      }
    }
  },

  /// A batch of two frames stands alone in its own segment of more than 256 KiB.
  BATCHES {
    @Override
    SimulatedDisk build() throws IOException {
      SimulatedDisk disk = new SimulatedDisk();
      Batch batch = new Batch();
      for (int n = 6; n <= 345; n++) {
        batch.add(Arrays.copyOf(Logs.record(n), 800));
      }
      WalOptions options =
          WalOptions.builder().segmentBytes(4096).stagingBytes(1024).maxBatchBytes(1 << 20).build();
      try (Wal wal = Wal.open(disk, host(5), options)) {
        Logs.append(wal, 1, 5);
        wal.append(batch);
        next(wal);
        Logs.append(wal, 346, 350);
        return disk.crash(Crash.keepingAll());
      }
    }
  };

  /// {@return what is left of the log}
  abstract SimulatedDisk build() throws IOException;

  private static FakeHost host(long seed) {
    return new FakeHost(seed);
  }

  // Numbers of spares depend on whether one was ready: so each step waits for them.
  private static void next(Wal wal) throws IOException {
    Logs.awaitSpares(wal);
    wal.rotate();
    Logs.awaitSpares(wal);
  }

  private static SimulatedDisk recycled(SimulatedDisk disk, Host host) throws IOException {
    try (Wal wal = Wal.open(disk, host, Logs.SMALL)) {
      Remains log = new Remains(disk);
      do {
        for (int i = 0; i < 10; i++) {
          wal.append(Logs.record(wal.lastLsn() + 1));
        }
        wal.rotate();
        wal.truncateBefore(wal.durableLsn() - 14);
      } while (!log.header(log.newest()).isRecycled());
      for (int i = 0; i < 4; i++) {
        wal.append(Logs.record(wal.lastLsn() + 1));
      }
      return disk.crash(Crash.keepingAll());
    }
  }

  private static void fill(Wal wal) throws IOException {
    Logs.append(wal, 1, 6);
    try (Subscription reader = wal.subscribe("reader")) {
      reader.ack(2);
      reader.ack(3);
    }
    Batch batch = new Batch(); // small enough for staging: a larger one has a segment made for it
    List.of(7, 8).forEach(n -> batch.add(Logs.record(n)));
    wal.append(batch);
    Logs.append(wal, 9, 10);
    wal.checkpoint(4, target -> target.write(SNAPSHOT.clone()));
    next(wal);
    Logs.append(wal, 11, 20);
    next(wal);
    Logs.append(wal, 21, 30);
    Logs.awaitSpares(wal);
  }

  private static final byte[] SNAPSHOT = snapshot();

  private static byte[] snapshot() {
    byte[] bytes = new byte[100];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (i + 1);
    }
    return bytes;
  }

  private static void awaitMark(SimulatedDisk disk, FakeHost host) throws IOException {
    Remains log = new Remains(disk);
    while (log.frames(log.newest()).getLast().kind() != FrameLayout.KIND_MARK) {
      host.advance(Duration.ofMillis(10));
      Thread.onSpinWait();
    }
  }

  /// Every file of a disk.
  static Map<String, byte[]> files(SimulatedDisk disk) {
    Map<String, byte[]> files = new TreeMap<>();
    for (String name : disk.fileNames()) {
      files.put(name, disk.bytes(name));
    }
    return files;
  }
}
