package dev.tidemark.wal.internal;

import dev.tidemark.wal.Stall;
import dev.tidemark.wal.internal.jfr.RotateEvent;
import dev.tidemark.wal.internal.meter.Meters;
import dev.tidemark.wal.storage.Host;
import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Goes from the active segment to the next. For the lease holder only.
///
/// ```
/// everything synced ─► header of the next, synced ─► manifest, synced ─► frames go on there
/// ```
final class SegmentChange {
  /// Answers the segment to go on in, waiting for it if need be.
  interface Next {
    /// Takes it.
    Spares.Spare take() throws IOException;
  }

  /// A change under way.
  ///
  /// @param beganNanos when it began, the last writes and the sync of the old segment included
  record Begun(long beganNanos, @Nullable RotateEvent event) {}

  private final Host host;
  private final Storage storage;
  private final ManifestFile manifest;
  private final SegmentWriter writer;
  private final Meters meters;
  private final Consumer<SegmentHeader> onActivated;
  private long activatedNanos; // owned by the lease holder

  /// @param onActivated told of each new active segment
  SegmentChange(
      Host host,
      Storage storage,
      ManifestFile manifest,
      SegmentWriter writer,
      Meters meters,
      Consumer<SegmentHeader> onActivated) {
    this.host = host;
    this.storage = storage;
    this.manifest = manifest;
    this.writer = writer;
    this.meters = meters;
    this.onActivated = onActivated;
    activatedNanos = host.nanoTime();
  }

  /// {@return when the active segment was activated}
  long activatedNanos() {
    return activatedNanos;
  }

  /// Notes that a change begins.
  Begun begin() {
    return new Begun(host.nanoTime(), RotateEvent.begun());
  }

  /// Activates another segment. Everything in the active one is written and synced.
  ///
  /// @param lastLsn the last LSN in the log
  /// @throws dev.tidemark.wal.WalFullException if there is no next one; the active one goes on
  void to(Next next, long lastLsn, Begun begun) throws IOException {
    long before = writer.header().number();
    writer.disk().begin(Stall.Kind.ROTATION);
    try {
      activate(next.take(), lastLsn);
    } finally {
      writer.disk().end();
    }
    meters.rotated(host.nanoTime() - begun.beganNanos());
    RotateEvent event = begun.event();
    if (event != null) {
      SegmentHeader now = writer.header();
      event.done(storage.description(), before, now.number(), now.firstLsn(), now.fileBytes());
    }
  }

  // The header of the next segment is the authority on this one, so it comes after everything here
  // is durable, and before the manifest that says it is there; frames come last.
  private void activate(Spares.Spare spare, long lastLsn) throws IOException {
    SegmentHeader old = writer.header();
    assert spare.number() > old.number() : "numbers of activated segments ascend";
    Manifest log = manifest.current();
    FrameWriter frames = writer.frames();
    SegmentHeader next =
        new SegmentHeader(
            log.logIdHigh(),
            log.logIdLow(),
            spare.number(),
            host.random(),
            spare.fileBytes(),
            lastLsn + 1,
            old.number(),
            old.nonce(),
            frames.end(),
            lastLsn,
            frames.chain(),
            lastLsn,
            spare.flags(),
            host.epochMillis());
    StorageFile file = storage.open(SegmentHeader.fileName(spare.number()));
    try {
      SegmentFiles.activate(file, next);
      manifest.change(current -> current.withActivated(next));
    } catch (Throwable e) {
      file.close();
      throw e;
    }
    writer.enter(next, file);
    activatedNanos = host.nanoTime();
    onActivated.accept(next);
  }
}
