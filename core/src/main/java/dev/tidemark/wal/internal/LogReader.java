package dev.tidemark.wal.internal;

import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.LsnGoneException;
import dev.tidemark.wal.ReaderOptions;
import dev.tidemark.wal.Segment;
import dev.tidemark.wal.WalReader;
import dev.tidemark.wal.storage.Host;
import dev.tidemark.wal.storage.Storage;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads a log on a [Storage] that others may be writing. Of the storage it uses what reads, and
/// nothing else.
public final class LogReader implements WalReader {
  private final Storage storage;
  private final Host host;
  private final ReaderOptions options;
  private final Codecs codecs;
  private final FollowedLog log; // guarded by this
  // Walks at the end of the log, to find what is promised there.
  private @Nullable FollowWalk tail; // guarded by this
  private volatile boolean closed; // set under this

  private LogReader(Storage storage, Host host, ReaderOptions options) {
    this.storage = storage;
    this.host = host;
    this.options = options;
    codecs = new Codecs(options.compression());
    log = new FollowedLog(storage, host);
  }

  /// Opens a reader; the contract is [dev.tidemark.wal.Wal#openReadOnly(Storage, Host,
  /// ReaderOptions)].
  ///
  /// @param storage where the files are; closed with the reader, or if opening fails
  /// @param host the clock, and what waits
  /// @param options how the reader works
  /// @return the reader
  /// @throws IOException as the contract says
  public static LogReader open(Storage storage, Host host, ReaderOptions options)
      throws IOException {
    LogReader reader = new LogReader(storage, host, options);
    try {
      var _ = reader.lookAgain();
      return reader;
    } catch (Throwable e) {
      try (storage) {
        throw e;
      }
    }
  }

  @Override
  public Cursor read(long fromLsn) throws IOException {
    return open(fromLsn, false);
  }

  @Override
  public synchronized Cursor read() throws IOException {
    while (true) {
      try {
        return open(firstLsn(), false);
      } catch (LsnGoneException _) {
        // Removed since: it is gone for good, the next is larger.
      }
    }
  }

  @Override
  public Cursor readUnproven(long fromLsn) throws IOException {
    return open(fromLsn, true);
  }

  private synchronized Cursor open(long fromLsn, boolean beyondPromise) throws IOException {
    if (fromLsn < 1) {
      throw new IllegalArgumentException("fromLsn must be at least 1: " + fromLsn);
    }
    LogState state = lookAgain();
    if (state != null && fromLsn < state.lowWaterLsn()) {
      throw new LsnGoneException(fromLsn, firstLsn(state));
    }
    return new FollowCursor(this, new FollowWalk(this, log.copy(), fromLsn, beyondPromise));
  }

  /// {@return the smallest LSN that can be read, or the first one yet to come}
  static long firstLsn(LogState state) {
    return Math.max(state.lowWaterLsn(), state.segments().getFirst().firstLsn());
  }

  @Override
  public synchronized long firstLsn() throws IOException {
    LogState state = lookAgain();
    return state == null
        ? 1
        : Math.max(state.lowWaterLsn(), Math.min(firstLsn(state), promisedLsn() + 1));
  }

  @Override
  public synchronized long promisedLsn() throws IOException {
    LogState state = lookAgain();
    return state == null ? 0 : atTheTail(FollowWalk::promisedLsn);
  }

  @Override
  public synchronized long lastLsn() throws IOException {
    LogState state = lookAgain();
    return state == null ? 0 : atTheTail(FollowWalk::wholeLsn);
  }

  @Override
  public synchronized List<Segment> segments() throws IOException {
    long promisedLsn = promisedLsn();
    LogState state = log.state();
    return state == null ? List.of() : state.asSegments(promisedLsn);
  }

  private interface Question {
    long ask(FollowWalk tail) throws IOException;
  }

  private long atTheTail(Question question) throws IOException {
    FollowWalk walk = tail;
    if (walk == null) {
      walk = new FollowWalk(this, log, Long.MAX_VALUE, false);
    }
    tail = null; // after an exception the next question begins anew
    try {
      boolean _ = walk.next(); // there is no such record: it goes as far as it can
      long answer = question.ask(walk);
      tail = walk;
      return answer;
    } finally {
      walk.closeFile();
    }
  }

  private @Nullable LogState lookAgain() throws IOException {
    if (closed) {
      throw new IllegalStateException("the reader is closed");
    }
    boolean _ = log.lookAgain();
    return log.state();
  }

  // ---- what cursors need

  Storage storage() {
    return storage;
  }

  Host host() {
    return host;
  }

  ReaderOptions options() {
    return options;
  }

  Codecs codecs() {
    return codecs;
  }

  boolean isClosed() {
    return closed;
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      try {
        storage.close();
      } catch (IOException _) {
        // It was not locked, and nothing was written.
      }
    }
  }
}
