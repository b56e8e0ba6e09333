package dev.tidemark.wal.internal;

import dev.tidemark.wal.RecoveryReport;
import dev.tidemark.wal.SyncPolicy;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.internal.events.Announcer;
import dev.tidemark.wal.internal.meter.Meters;
import dev.tidemark.wal.storage.Host;
import dev.tidemark.wal.storage.Storage;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Everything that works for one open log, from the moment recovery hands it over until nothing of
/// it is at the disk: the way of the appends ([AppendPath]), the files beside it ([Upkeep]), and
/// what readers see ([OpenLog]).
final class Engine {
  final Storage storage;
  final Failure failure;
  final Life life;
  final Upkeep upkeep;
  final AppendPath path;
  final OpenLog log;

  private final ManifestFile manifest;

  /// Joins the parts; nothing runs yet.
  Engine(
      Storage storage,
      Host host,
      WalOptions options,
      Announcer announcer,
      Recovery.Recovered recovered) {
    this.storage = storage;
    manifest = recovered.manifest();
    failure = new Failure(storage.description());
    life = new Life(failure);
    Meters meters = new Meters(options.sync() instanceof SyncPolicy.Async);
    Staging staging = new Staging(options.stagingBytes(), recovered.lastLsn());
    long area = SegmentWriter.areaBytes(options.segmentBytes());
    long largest = Appender.largestClaimBytes(options);
    Space space = new Space(host, failure, staging, meters, area, largest);
    upkeep = new Upkeep(storage, host, options, recovered, failure, life, space, this::fail);
    space.onWait(upkeep.spares::hurry);
    // A new log has no reserve yet and took none; one that was recovered without a spare left may
    // have.
    boolean created = recovered.report().verdict() == RecoveryReport.Verdict.CREATED;
    space.took(recovered.spares().isEmpty() && !created);
    path =
        new AppendPath(
            storage, host, options, announcer, recovered, failure, meters, staging, space, upkeep);
    Codecs codecs = new Codecs(options.compression());
    log = new OpenLog(storage, host, codecs, failure, life, staging, path.durables, upkeep);
  }

  private void fail(Throwable cause) {
    path.io.fail(cause);
  }

  /// Starts the threads, and removes what nobody needed when the log was opened.
  void start() throws IOException {
    upkeep.start();
    path.start();
    upkeep.removeUnneededAtOpen();
  }

  /// Ends everything that may be at the disk. May be called again if it did not end in time.
  ///
  /// @param nanos how long to wait for a disk that hangs, about twice
  /// @return whether nothing is at the disk any more
  boolean stop(long nanos) {
    life.beginClosing();
    boolean ended = path.close(nanos);
    ended &= upkeep.close(nanos);
    path.closeWatch(nanos / 8);
    return ended;
  }

  /// Closes the files that are open for writing. For one that has stopped.
  ///
  /// @return the first fault of any file since it was told to stop, or null
  @Nullable IOException closeFiles() {
    IOException first = null;
    for (Closeable part : List.<Closeable>of(path.group.writer()::close, manifest)) {
      try {
        part.close();
      } catch (IOException e) {
        first = first == null ? e : first;
      }
    }
    return first == null ? upkeep.closeFault() : first;
  }
}
