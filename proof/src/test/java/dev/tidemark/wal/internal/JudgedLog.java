package dev.tidemark.wal.internal;

import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.host.FakeHost;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.Hole;
import dev.tidemark.wal.RecoveryReport;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalEvents;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.WalReader;
import dev.tidemark.wal.internal.events.Announcer;
import dev.tidemark.wal.storage.StorageFile;
import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A log that was opened to be judged: as users open it, with its threads, or recovered and no
/// more, which is the same for what is on disk and costs a tenth.
interface JudgedLog extends Closeable {
  RecoveryReport recovery();

  /// {@return a cursor from the first record on}
  Cursor read() throws IOException;

  long firstLsn() throws IOException;

  List<Hole> holes();

  /// {@return the acks of its subscriptions}
  List<Long> acks();

  /// {@return the snapshot of its newest checkpoint, empty if there is none}
  InputStream snapshot() throws IOException;

  /// Appends a record, if that can be done here.
  ///
  /// @return the LSN that the next record has, or would have
  long next() throws IOException;

  /// {@return whether [#next] appends}
  boolean appends();

  /// Opens a log with all its threads.
  static JudgedLog open(SimulatedDisk disk, WalOptions options) throws IOException {
    return new Opened(Wal.open(disk, new FakeHost(77), options));
  }

  /// Does all that opening does to the files of a log.
  static JudgedLog recover(SimulatedDisk disk, WalOptions options) throws IOException {
    Announcer nobody = new Announcer(new WalEvents() {}, "recovered");
    return new Recovered(disk, Recovery.run(disk, new StillHost(), options, nobody));
  }

  /// As users have it.
  record Opened(Wal wal) implements JudgedLog {
    @Override
    public RecoveryReport recovery() {
      return wal.recovery();
    }

    @Override
    public Cursor read() throws IOException {
      return wal.read();
    }

    @Override
    public long firstLsn() {
      return wal.firstLsn();
    }

    @Override
    public List<Hole> holes() {
      return wal.holes();
    }

    @Override
    public List<Long> acks() {
      return wal.subscriptions().stream().map(reader -> reader.acked()).toList();
    }

    @Override
    public InputStream snapshot() throws IOException {
      return wal.checkpoint().isEmpty()
          ? InputStream.nullInputStream()
          : wal.checkpoint().orElseThrow().open();
    }

    @Override
    public long next() throws IOException {
      return wal.append(Logs.record(0));
    }

    @Override
    public boolean appends() {
      return true;
    }

    @Override
    public void close() throws IOException {
      wal.close();
    }
  }

  /// Recovered and no more. What it holds is read as others read it.
  record Recovered(SimulatedDisk disk, Recovery.Recovered log) implements JudgedLog {
    @Override
    public RecoveryReport recovery() {
      return log.report();
    }

    @Override
    public Cursor read() throws IOException {
      return reader().read();
    }

    @Override
    public long firstLsn() throws IOException {
      return reader().firstLsn();
    }

    // What it holds are bytes in memory; it is closed with its cursors.
    private WalReader reader() throws IOException {
      return LogReader.open(
          new ReadOnlyStorage(disk), new StillHost(), dev.tidemark.wal.ReaderOptions.defaults());
    }

    @Override
    public List<Hole> holes() {
      return log.holes().list(log.segments(), log.manifest().current().lowWaterLsn());
    }

    @Override
    public List<Long> acks() {
      List<Long> acks = new ArrayList<>();
      for (SubscriptionBlock block : log.holders().subscriptions().blocks()) {
        for (SubscriptionBlock.@Nullable Slot slot : block.slots()) {
          if (slot != null) {
            acks.add(slot.acked());
          }
        }
      }
      return acks;
    }

    @Override
    public InputStream snapshot() throws IOException {
      CheckpointStamp newest = log.holders().checkpoints().newest();
      return newest == null
          ? new ByteArrayInputStream(new byte[0])
          : CheckpointReader.open(disk, log.manifest().current(), newest);
    }

    @Override
    public long next() {
      return log.lastLsn() + 1;
    }

    @Override
    public boolean appends() {
      return false;
    }

    @Override
    public void close() throws IOException {
      try (ManifestFile _ = log.manifest();
          StorageFile _ = log.file()) {
        if (!disk.list().contains(Manifest.FILE)) {
          throw new AssertionError("no manifest");
        }
      }
    }
  }
}
