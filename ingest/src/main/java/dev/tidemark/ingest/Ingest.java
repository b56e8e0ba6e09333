package dev.tidemark.ingest;

import dev.tidemark.ingest.budget.DiskUse;
import dev.tidemark.ingest.budget.MemoryBudget;
import dev.tidemark.ingest.lineprotocol.ParseResult;
import dev.tidemark.ingest.name.DatabaseName;
import dev.tidemark.ingest.shard.FlushFailedException;
import dev.tidemark.ingest.shard.Shard;
import dev.tidemark.ingest.shard.ShardMetrics;
import dev.tidemark.wal.WalFullException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Metrics rows from bodies of line protocol to Parquet files, each exactly once.
///
/// ```java
/// try (Ingest ingest = Ingest.open(Path.of("data"), IngestOptions.defaults(), listener)) {
///   ingest.write(request); // its points survive a power cut when this returns
///   ingest.flush();        // and are in files when this returns
/// }
/// ```
///
/// Logs lie in `wal/shard-0000` and `wal/catalog` of the directory, files in `parquet`. Safe for
/// use by any number of platform and virtual threads. One process at a time has a directory open.
public final class Ingest implements AutoCloseable {
  /// The longest body, in bytes: 100 MiB.
  public static final int MAX_BODY_BYTES = 100 << 20;

  private static final Duration SOON = Duration.ofSeconds(1);
  private static final Duration LATER = Duration.ofSeconds(10);
  private static final Duration LAST_CALLS = Duration.ofSeconds(30);
  private static final int IDLE_CHECKS = 64;

  private final Logs logs;
  private final IngestOptions options;
  private final MemoryBudget memory;
  private final DiskUse disk;
  private final BlockingQueue<BodyCheck> idleChecks = new ArrayBlockingQueue<>(IDLE_CHECKS);
  private final Calls calls = new Calls();
  private final WriteCounters counters = new WriteCounters();
  private final FailureWatch watch;

  // Replaced while calls are kept out.
  private volatile Pipeline pipeline;

  Ingest(Logs logs, IngestOptions options, RecoveryListener listener) throws IOException {
    this.logs = logs;
    this.options = options;
    this.memory = new MemoryBudget(options.memoryBytes());
    this.disk = logs.disk();
    this.pipeline = Pipeline.open(logs, options, memory, listener);
    this.watch = new FailureWatch(new Logged(listener), options.reopenDelay());
  }

  /// What the watch sees and does.
  private final class Logged implements FailureWatch.Watched {
    private final RecoveryListener again;

    Logged(RecoveryListener first) {
      again = RecoveryListener.silent(first::walEvents);
    }

    @Override
    public @Nullable Throwable failure() {
      return logFailure();
    }

    @Override
    public void reopen() throws IOException, InterruptedException {
      Throwable failure = logFailure();
      if (failure != null) {
        pipeline.shard().fail(failure); // whoever waits for a flush leaves
      }
      if (!calls.pause(LAST_CALLS)) {
        throw new IOException("calls under way do not end, or this is closing");
      }
      try {
        pipeline = pipeline.reopened(logs, options, memory, again);
        idleChecks.clear(); // they know the old catalog
      } finally {
        calls.resume();
      }
    }
  }

  private @Nullable Throwable logFailure() {
    Pipeline now = pipeline;
    Throwable failure = now.shard().failure();
    return failure != null ? failure : now.catalog().failure();
  }

  /// Opens a directory, which may be empty or missing, and recovers what a crash left: rows that
  /// are in no file are taken back into memory, interrupted flushes are finished.
  ///
  /// @param dataDirectory the directory; created if missing
  /// @param options how to work
  /// @param listener hears how recovery gets on
  /// @return ready for writes
  /// @throws dev.tidemark.wal.WalLockedException if somebody has it open
  /// @throws dev.tidemark.wal.CorruptWalException if something promised durable is damaged; nothing
  ///   was changed
  /// @throws IOException if the storage fails, or the logs hold something that this version cannot
  ///   read
  public static Ingest open(Path dataDirectory, IngestOptions options, RecoveryListener listener)
      throws IOException {
    return new Ingest(Logs.in(dataDirectory, options), options, listener);
  }

  /// Stores a body. On return every accepted point is as durable as the sync policy says, and will
  /// be in a file exactly once.
  ///
  /// @param request the body; its array is lent until this returns
  /// @return what was stored; with `partial` perhaps not all
  /// @throws ColumnConflictException if columns contradict what their measurements have; nothing
  ///   was logged
  /// @throws BadLinesException if lines are bad, or no point is left; nothing was logged
  /// @throws IllegalArgumentException if the database name, the idempotency key or the size breaks
  ///   its rule; nothing was logged
  /// @throws UnavailableException if the disk or its budget is full, or the log has failed; it says
  ///   whether the outcome is known
  public WriteResult write(WriteRequest request) throws BadLinesException, UnavailableException {
    checkArguments(request);
    calls.enter();
    try {
      BodyCheck idle = idleChecks.poll();
      BodyCheck check = idle != null ? idle : newCheck();
      try {
        return stored(request, check);
      } finally {
        var _ = idleChecks.offer(check);
      }
    } catch (BadLinesException e) {
      counters.refused(e.result().rejected());
      throw e;
    } catch (UnavailableException e) {
      counters.unavailable();
      throw e;
    } finally {
      calls.leave();
    }
  }

  private static void checkArguments(WriteRequest request) {
    var _ = DatabaseName.of(request.database());
    if (request.length() > MAX_BODY_BYTES) {
      throw new IllegalArgumentException(
          "a body is longer than " + MAX_BODY_BYTES + " bytes: " + request.length());
    }
    String key = request.idempotencyKey();
    if (key != null && key.getBytes(StandardCharsets.UTF_8).length > WriteRequest.MAX_KEY_BYTES) {
      throw new IllegalArgumentException(
          "an idempotency key is longer than " + WriteRequest.MAX_KEY_BYTES + " bytes");
    }
  }

  private BodyCheck newCheck() {
    Pipeline now = pipeline;
    return new BodyCheck(
        now.catalog(), options.maxColumns(), now.maxLineBytes(), now.maxPieceBytes());
  }

  private WriteResult stored(WriteRequest request, BodyCheck check)
      throws BadLinesException, UnavailableException {
    Throwable failure = pipeline.shard().failure();
    if (failure != null) {
      throw new UnavailableException(
          "the log has failed and must be opened again: " + failure, false, LATER, failure);
    }
    ParseResult result = admissible(request, check);
    append(request, check, result);
    counters.stored(check.lines().bytes(), result);
    return new WriteResult(result.accepted(), result.rejected(), result.errors());
  }

  /// Returns once the catalog has all columns of the good lines.
  private ParseResult admissible(WriteRequest request, BodyCheck check)
      throws BadLinesException, UnavailableException {
    while (true) {
      ParseResult result = check.read(request);
      refuse(request, check, result);
      if (check.additions().isEmpty()) {
        return result;
      }
      try {
        // If another request brought a column first, the next look finds it in the catalog.
        if (pipeline.catalog().add(request.database(), check.additions(), options.maxColumns())) {
          return result;
        }
      } catch (WalFullException e) {
        pipeline.shard().makeRoomInLog();
        throw new UnavailableException("the disk is full: " + e.getMessage(), false, SOON, e);
      } catch (IOException | IllegalStateException e) {
        throw new UnavailableException(
            "the catalog cannot take new columns: " + e.getMessage(), false, LATER, e);
      }
    }
  }

  private static void refuse(WriteRequest request, BodyCheck check, ParseResult result)
      throws BadLinesException {
    boolean isGood = result.rejected() == 0 || request.partial();
    if (isGood && result.accepted() > 0) {
      return;
    }
    WriteResult refused = new WriteResult(0, result.rejected(), result.errors());
    if (result.isBlank()) {
      throw new BadLinesException("the body has no point", refused);
    }
    String first = "line " + result.errors().get(0).line() + ": " + result.errors().get(0).reason();
    if (check.conflicts() == result.rejected()) {
      throw new ColumnConflictException(first, refused);
    }
    throw new BadLinesException(first, refused);
  }

  private void append(WriteRequest request, BodyCheck check, ParseResult result)
      throws UnavailableException {
    Shard shard = pipeline.shard();
    try {
      Envelopes envelopes =
          new Envelopes(request, check.lines(), result.rejected(), pipeline.maxPieceBytes());
      if (envelopes.isSingle()) {
        shard.append(envelopes.single());
      } else {
        shard.append(envelopes.batch());
      }
    } catch (WalFullException e) {
      shard.makeRoomInLog();
      throw new UnavailableException("the disk is full: " + e.getMessage(), false, SOON, e);
    } catch (IllegalStateException e) {
      throw new UnavailableException("closing", false, LATER, e);
    } catch (IOException e) {
      throw new UnavailableException(
          "the log has failed; whether the body is stored is unknown: " + e.getMessage(),
          true,
          LATER,
          e);
    }
  }

  /// Writes files for everything acknowledged before the call.
  ///
  /// @return how many rows this call waited for; once it returns they are in files that are renamed
  ///   and synced
  /// @throws SinkFailedException if a file could not be written; it is tried again later by itself,
  ///   and all others are written
  /// @throws UnavailableException if the log has failed, this is closed, or the thread is
  ///   interrupted
  public long flush() throws SinkFailedException, UnavailableException {
    calls.enter();
    try {
      return pipeline.shard().flush(Long.MAX_VALUE);
    } catch (FlushFailedException e) {
      throw new SinkFailedException("cannot flush: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException("interrupted", false, SOON, e);
    } catch (IOException | TimeoutException | IllegalStateException e) {
      throw new UnavailableException("cannot flush: " + e.getMessage(), false, LATER, e);
    } finally {
      calls.leave();
    }
  }

  /// {@return counters and gauges of this moment}
  public IngestMetrics metrics() {
    Pipeline pipeline = this.pipeline;
    ShardMetrics now = pipeline.shard().metrics();
    return new IngestMetrics(
        counters.accepted.sum(),
        counters.refused.sum(),
        counters.unavailable.sum(),
        counters.points.sum(),
        counters.linesRejected.sum(),
        counters.bytes.sum(),
        now.durableLsn(),
        now.appliedLsn(),
        now.lowWaterLsn(),
        now.bufferedRows(),
        now.bufferedBytes(),
        memory.limitBytes(),
        pipeline.catalog().measurementCount(),
        now.openFlushes(),
        now.flushedRows(),
        now.flushedFiles(),
        now.flushFailures(),
        pipeline.shard().replayed().rows(),
        pipeline.shardLog().metrics(),
        pipeline.catalogLog().metrics());
  }

  /// {@return the memory that rows and bodies share; whoever receives bodies takes theirs from it,
  /// and as much again for the time of [#write], which copies}
  public MemoryBudget memory() {
    return memory;
  }

  /// {@return what the logs may take of the disk, and take}
  public DiskUse disk() {
    return disk;
  }

  /// {@return whether writes can be acknowledged and files written}
  public boolean healthy() {
    return failure().isEmpty();
  }

  /// {@return why not, fit for an operator; empty if [#healthy()]}
  public String failure() {
    String refusal = refusal();
    Throwable failure = refusal.isEmpty() ? pipeline.shard().flushFailure() : null;
    return failure == null ? refusal : "files cannot be written: " + failure.getMessage();
  }

  /// {@return why writes cannot be acknowledged, fit for an operator; empty if they can, also while
  /// files cannot be written and memory lasts}
  public String refusal() {
    if (calls.isClosed()) {
      return "closed";
    }
    Pipeline now = pipeline;
    Throwable failure = now.shard().failure();
    if (failure != null) {
      return FailureWatch.isWantOfSpace(failure)
          ? "the log has failed for want of space: " + failure.getMessage()
          : "the log has failed, start again: " + failure.getMessage();
    }
    failure = now.catalog().failure();
    return failure == null
        ? ""
        : "the catalog's log has failed and no new columns are taken, start again: "
            + failure.getMessage();
  }

  /// Counts a body that whoever receives bodies refused for want of memory.
  public void countUnavailable() {
    counters.unavailable();
  }

  /// Stops taking, flushes, and closes the logs, so that the next start replays no rows.
  /// Idempotent.
  ///
  /// Waits for flushes as long as the options say, and then for the logs, which take 30 seconds
  /// each at most. What is in no file by then is still in the log.
  ///
  /// @throws IOException if a log could not be closed properly; nothing acknowledged is lost
  @Override
  public void close() throws IOException {
    long deadline = System.nanoTime() + options.closeTimeout().toNanos();
    if (!calls.close(options.closeTimeout())) {
      return;
    }
    watch.close();
    pipeline.close(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
  }
}
