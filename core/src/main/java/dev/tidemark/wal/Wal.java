package dev.tidemark.wal;

import dev.tidemark.wal.internal.Inspection;
import dev.tidemark.wal.internal.LocalWal;
import dev.tidemark.wal.internal.LogReader;
import dev.tidemark.wal.storage.FileStorage;
import dev.tidemark.wal.storage.Host;
import dev.tidemark.wal.storage.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// A write-ahead log: records go in, are made durable together, and come back in order.
///
/// ```java
/// try (Wal wal = Wal.open(Path.of("orders"), WalOptions.defaults())) {
///   long lsn = wal.append("order 4711".getBytes(UTF_8)); // durable when it returns
///   try (Cursor cursor = wal.read(lsn)) {
///     while (cursor.next()) {
///       System.out.println(cursor.lsn() + " " + new String(cursor.bytes(), UTF_8));
///     }
///   }
/// }
/// ```
///
/// Safe for use by any number of platform and virtual threads. One process at a time has a log open
/// for writing. An interrupt never closes the log: a waiting append goes on waiting and restores
/// the flag.
///
/// **Failure.** A failed sync, or a failed write into initialised space, is final: from then on
/// every call that would need the disk answers [WalFailedException] with the first cause, and what
/// was in flight has an unknown outcome, to be found out by opening the log again. A full disk is
/// not a failure: appends answer [WalFullException] before anything is assigned, and go on once
/// there is space.
public interface Wal extends AutoCloseable {

  /// Opens the log in a directory, creating both if they do not exist, and recovers what a crash
  /// left.
  ///
  /// On return everything that [#recovery()] counts is durable.
  ///
  /// @param directory the log's own directory; files in it that are not the log's are left alone
  /// @param options how the log works
  /// @return the open log
  /// @throws WalLockedException if this or another process has it open
  /// @throws CorruptWalException if something that was promised durable is damaged or missing;
  ///   nothing was changed
  /// @throws IOException if the file system fails
  static Wal open(Path directory, WalOptions options) throws IOException {
    return LocalWal.open(FileStorage.open(directory), Host.system(), options);
  }

  /// Opens a log on a storage of the caller's.
  ///
  /// @param storage where the log's files are; the log closes it
  /// @param host the clock, the threads and the random numbers
  /// @param options how the log works
  /// @return the open log
  /// @throws WalLockedException if the storage is already in use
  /// @throws CorruptWalException if something that was promised durable is damaged or missing;
  ///   nothing was changed
  /// @throws IOException if the storage fails
  static Wal open(Storage storage, Host host, WalOptions options) throws IOException {
    return LocalWal.open(storage, host, options);
  }

  /// Judges a log as opening it would, and changes nothing: for whoever has several logs that
  /// belong together, and wants none of them changed when one of them is refused.
  ///
  /// Holds the lock meanwhile, so that nobody changes what is being looked at, and gives it up
  /// before it returns. A log that may yet be created is accepted, and so is a damaged one that
  /// [WalOptions#onCorruption()] would salvage. Whether there is space to open it is not looked at.
  ///
  /// @param storage where the log's files are; closed on return
  /// @param host the clock
  /// @param options those it is to be opened with; with [WalOptions#verifyOnOpen()] damage in older
  ///   segments is found now, and not when they are read
  /// @throws WalLockedException if the storage is already in use
  /// @throws CorruptWalException as opening it would
  /// @throws IOException if the storage fails
  static void check(Storage storage, Host host, WalOptions options) throws IOException {
    LocalWal.check(storage, host, options);
  }

  /// Opens the log in a directory to read it beside the process that writes it. Takes no lock and
  /// changes nothing: the directory may be read-only.
  ///
  /// @param directory the log's own directory; a log may be about to be created there
  /// @return the reader
  /// @throws java.nio.file.NoSuchFileException if there is no such directory
  /// @throws CorruptWalException if manifest or segment headers are damaged or missing
  /// @throws IOException if the file system fails
  static WalReader openReadOnly(Path directory) throws IOException {
    return openReadOnly(
        FileStorage.openReadOnly(directory), Host.system(), ReaderOptions.defaults());
  }

  /// Opens a log on a storage of the caller's to read it beside whoever writes it.
  ///
  /// @param storage where the log's files are; neither locked nor changed. The reader closes it
  /// @param host the clock, and what waits
  /// @param options how the reader works
  /// @return the reader
  /// @throws CorruptWalException if manifest or segment headers are damaged or missing
  /// @throws IOException if the storage fails
  static WalReader openReadOnly(Storage storage, Host host, ReaderOptions options)
      throws IOException {
    return LogReader.open(storage, host, options);
  }

  /// Looks at a log's files as they are: takes no lock, changes nothing, and answers for damaged
  /// logs as well. Nothing is read yet.
  ///
  /// @param path a log's directory, or one file of a log
  /// @return the inspection
  /// @throws java.nio.file.NoSuchFileException if there is nothing of this name
  /// @throws IOException if the file system fails
  static WalInspection inspect(Path path) throws IOException {
    return Inspection.of(path);
  }

  /// Appends one record and waits for what the [SyncPolicy] promises.
  ///
  /// @param payload the bytes, copied before this method returns; may be empty
  /// @return the record's LSN
  /// @throws IllegalArgumentException if the payload is larger than [WalOptions#maxRecordBytes()]
  /// @throws WalFullException if there is no space for it; nothing was assigned
  /// @throws WalFailedException if the log has failed; whether the record survives is then unknown
  /// @throws IllegalStateException if the log is closed; nothing was assigned
  /// @throws IOException never anything but the above
  default long append(byte[] payload) throws IOException {
    return append(MemorySegment.ofArray(payload));
  }

  /// Appends one record, the bytes between position and limit, as [#append(byte\[\])] does.
  ///
  /// @param payload the bytes, copied before this method returns; position and limit stay as they
  ///   are
  /// @return the record's LSN
  /// @throws IOException as [#append(byte\[\])]
  default long append(ByteBuffer payload) throws IOException {
    return append(MemorySegment.ofBuffer(payload));
  }

  /// Appends one record as [#append(byte\[\])] does. If reading the segment throws after the LSN
  /// was assigned (it was closed meanwhile), that LSN stays empty, no cursor delivers it, and the
  /// exception is passed on.
  ///
  /// @param payload the bytes, copied before this method returns
  /// @return the record's LSN
  /// @throws IOException as [#append(byte\[\])]
  long append(MemorySegment payload) throws IOException;

  /// Appends records that become durable together or not at all, and waits as [#append(byte\[\])]
  /// does.
  ///
  /// @param batch one record or more; may be cleared and used again after this method returns
  /// @return the LSN of the last record; the first is that minus [Batch#count()] plus 1
  /// @throws IllegalArgumentException if the batch is empty, larger than
  ///   [WalOptions#maxBatchBytes()], or has a record larger than [WalOptions#maxRecordBytes()]
  /// @throws IOException as [#append(byte\[\])]
  long append(Batch batch) throws IOException;

  /// Appends one record and waits until it is durable, whatever the [SyncPolicy]: a record of a
  /// stronger level. Everything before it is durable too.
  ///
  /// @param payload the bytes, copied before this method returns
  /// @return the record's LSN
  /// @throws IOException as [#append(byte\[\])]
  default long appendDurable(byte[] payload) throws IOException {
    long lsn = append(payload);
    awaitDurable(lsn);
    return lsn;
  }

  /// Appends a control record: one that the owner writes to keep the log going, such as the note
  /// that work is done and the log can be truncated.
  ///
  /// As [#append(byte\[\])], but it may use the segment that is kept in reserve: where ordinary
  /// appends are answered [WalFullException], control records still find room, so that a log on a
  /// full disk can be truncated and then goes on. The reserve is one segment; keep control records
  /// few and small. Until another segment can be prepared, ordinary appends stay refused.
  ///
  /// @param payload the bytes, copied before this method returns; may be empty
  /// @return the record's LSN
  /// @throws WalFullException if the reserve is used up, too; nothing was assigned
  /// @throws IOException as [#append(byte\[\])]
  default long appendControl(byte[] payload) throws IOException {
    return appendControl(MemorySegment.ofArray(payload));
  }

  /// Appends a control record as [#appendControl(byte\[\])] does.
  ///
  /// @param payload the bytes, copied before this method returns
  /// @return the record's LSN
  /// @throws IOException as [#appendControl(byte\[\])]
  long appendControl(MemorySegment payload) throws IOException;

  /// Appends control records that become durable together or not at all, as
  /// [#appendControl(byte\[\])] does.
  ///
  /// @param batch one record or more, small; may be cleared and used again after this method
  ///   returns
  /// @return the LSN of the last record
  /// @throws IllegalArgumentException if the batch takes more than a quarter of staging, or as
  ///   [#append(Batch)]
  /// @throws IOException as [#appendControl(byte\[\])]
  long appendControl(Batch batch) throws IOException;

  /// Appends one record without waiting for the disk. Blocks only while staging is full.
  ///
  /// @param payload the bytes, copied before this method returns
  /// @return completes with the LSN at the moment a blocking append would return (under
  ///   [SyncPolicy.Async]: once staged); completes exactly once, exceptionally with
  ///   [WalFailedException] if the log fails first. Dependents run on a thread of the log's that
  ///   does nothing else; one that blocks delays other completions, never the log
  /// @throws IllegalArgumentException if the payload is larger than [WalOptions#maxRecordBytes()]
  /// @throws WalFullException if there is no space for it; nothing was assigned
  /// @throws WalFailedException if the log had failed before; nothing was assigned
  /// @throws IllegalStateException if the log is closed; nothing was assigned
  /// @throws IOException never anything but the above
  CompletableFuture<Long> appendAsync(MemorySegment payload) throws IOException;

  /// Waits until a record survives a power cut. Under [SyncPolicy.Async] it causes a sync at once.
  ///
  /// @param lsn an LSN that was handed out
  /// @throws IllegalArgumentException if `lsn` was never handed out
  /// @throws WalFailedException if the log fails first; whether the record survives is then unknown
  /// @throws IOException never anything but the above
  void awaitDurable(long lsn) throws IOException;

  /// Makes everything appended so far durable.
  ///
  /// @return the durable LSN: no smaller than the last LSN handed out before the call
  /// @throws WalFailedException if the log fails first
  /// @throws IOException never anything but the above
  long sync() throws IOException;

  /// Opens a cursor that delivers records in order up to the durable LSN, and further as that
  /// grows. Where LSNs are missing in what it delivers, [#holes()] says why.
  ///
  /// @param fromLsn the first LSN to deliver; may be one more than the last
  /// @return a cursor that holds the low-water mark at its position until it is closed
  /// @throws LsnGoneException if `fromLsn` was truncated away
  /// @throws IllegalArgumentException if `fromLsn` is less than 1 or beyond the next LSN
  /// @throws IOException if the storage fails
  Cursor read(long fromLsn) throws IOException;

  /// Opens a cursor as [#read(long)] does, at the first record that is there. Where the log prunes
  /// itself, [#firstLsn()] may be gone before a call that names it; this cannot be.
  ///
  /// @return a cursor that holds the low-water mark at its position until it is closed
  /// @throws IOException if the storage fails
  Cursor read() throws IOException;

  /// Opens a subscription. One that exists goes on behind its last durable ack; a new one begins at
  /// [#firstLsn()].
  ///
  /// A new one is durable on return, and nothing from its start on is removed in between. If it
  /// cannot be made durable, it does not exist.
  ///
  /// @param name 1 to 64 bytes in UTF-8: letters and digits of any script and `. _ - : / @`; names
  ///   that differ in a byte are different names
  /// @return the subscription; one at a time is open under a name
  /// @throws IllegalArgumentException if the name is none
  /// @throws IllegalStateException if it is open already, if there are too many subscriptions, or
  ///   if the log is closed
  /// @throws WalFullException if there is no disk space for another one; nothing changed
  /// @throws WalFailedException if the log has failed, or the new one could not be made durable,
  ///   which fails the log
  /// @throws IOException if the storage refuses space for another one; nothing changed
  Subscription subscribe(String name) throws IOException;

  /// Opens a new subscription that begins at an LSN, as [#subscribe(String)] does otherwise. What
  /// is before that LSN is made durable first.
  ///
  /// @param name as for [#subscribe(String)]
  /// @param fromLsn the first LSN it delivers: [#firstLsn()] to one more than the last
  /// @return the subscription
  /// @throws IllegalArgumentException if the name is none, or `fromLsn` is less than 1 or beyond
  ///   the next LSN
  /// @throws IllegalStateException if there is one of this name: it has its own place to go on from
  /// @throws LsnGoneException if `fromLsn` was truncated away
  /// @throws IOException as [#subscribe(String)]
  Subscription subscribe(String name, long fromLsn) throws IOException;

  /// {@return all subscriptions, by name}
  List<SubscriptionStatus> subscriptions();

  /// Forgets a subscription: it holds the low-water mark no longer. Durable on return.
  ///
  /// @param name its name
  /// @throws IllegalArgumentException if there is none of this name
  /// @throws IllegalStateException if it is open, or the log is closed
  /// @throws WalFailedException if the log has failed, or this could not be made durable, which
  ///   fails the log
  /// @throws IOException never anything but the above
  void unsubscribe(String name) throws IOException;

  /// Seals the active segment and starts the next one. Everything in the sealed one is durable on
  /// return.
  ///
  /// Does nothing if the active segment holds no record.
  ///
  /// @throws WalFullException if no segment could be prepared; the active one goes on
  /// @throws WalFailedException if the log has failed
  /// @throws IOException never anything but the above
  void rotate() throws IOException;

  /// {@return the segments from oldest to active, as of now; those that were removed are not among
  /// them}
  List<Segment> segments();

  /// {@return the LSNs above the low-water mark that no cursor delivers, by ascending LSN: what was
  /// damaged and given up, removed, or cut when the log was opened}
  ///
  /// Records that stayed empty because copying their payload failed are not listed.
  List<Hole> holes();

  /// Removes a segment although its records are still needed, for an owner who would rather lose
  /// them than run out of space. Its records are a [Hole] from then on: cursors that are in it, or
  /// come to it, go on behind it. On return it stays removed after a crash, and its space is free.
  ///
  /// @param number the segment's number; one that is removed already changes nothing
  /// @throws IllegalArgumentException if there is no such segment, or if it is the active one,
  ///   which [#rotate()] seals
  /// @throws WalFailedException if the log has failed
  /// @throws IOException if the storage fails; the segment may then be removed or not
  void removeSegment(long number) throws IOException;

  /// Says that records below `lsn` are no longer needed, and removes the segments wholly below it
  /// that no subscription and no open cursor holds. What is removed stays removed after a crash; a
  /// segment may outlive this call. Files of removed segments are used again or deleted; one that
  /// cannot be is no error, and is tried again.
  ///
  /// @param lsn the smallest LSN still needed; at most one more than the durable LSN. A smaller one
  ///   than before changes nothing
  /// @throws IllegalArgumentException if `lsn` is beyond the durable LSN plus 1, or beyond the LSN
  ///   behind the checkpoint that is kept: nothing could go on from that any more
  /// @throws IllegalStateException if the log is opened with [PruneBy#SUBSCRIPTIONS], or closed
  /// @throws WalFailedException if the log has failed
  /// @throws IOException if the storage fails
  void truncateBefore(long lsn) throws IOException;

  /// Takes a checkpoint: a snapshot of the caller's state, with which only the records behind its
  /// LSN are needed. It takes the place of the one before once it was verified, by reading it back
  /// from the disk now, or, where the page cache cannot be passed, at the next open; then the
  /// low-water mark rises to the LSN behind it, as far as the other holders allow.
  ///
  /// What is there on return survives a crash. Whatever fails before leaves what was there, and the
  /// log healthy. One is taken at a time; meanwhile records are appended and read as ever.
  ///
  /// @param lsn the snapshot contains all records up to this one and none behind it; it is made
  ///   durable first. At least the one before [#firstLsn()] and that of the newest checkpoint, at
  ///   most [#lastLsn()]
  /// @param snapshot writes the state, on this thread
  /// @return the checkpoint
  /// @throws IllegalArgumentException if `lsn` is out of these bounds
  /// @throws IllegalStateException if it is asked for by a snapshot that is being written, or the
  ///   log is closed
  /// @throws WalFullException if there is no disk space for it; the checkpoint before stays
  /// @throws WalFailedException if the log has failed
  /// @throws IOException if the snapshot throws it, the storage fails, or the disk does not hold
  ///   what was written; the checkpoint before stays
  Checkpoint checkpoint(long lsn, SnapshotWriter snapshot) throws IOException;

  /// {@return the newest checkpoint, verified or not, if there is one}
  Optional<Checkpoint> checkpoint();

  /// {@return the smallest LSN that can be read; one more than the last if there is no record}
  ///
  /// It rises a moment before that is durable: if the machine stops then, or the disk fails, the
  /// log may begin lower when it is opened again.
  long firstLsn();

  /// {@return the largest LSN handed out, 0 if none}
  long lastLsn();

  /// {@return the largest LSN that survives a power cut now, 0 if none}
  long durableLsn();

  /// {@return what opening this log found}
  RecoveryReport recovery();

  /// {@return counters since this log was opened, as of now}
  WalMetrics metrics();

  /// Waits until the durable LSN is larger than a given one.
  ///
  /// @param lsn the LSN already seen
  /// @param timeout how long to wait
  /// @return true if it is larger, false if the time passed or the log was closed first
  /// @throws WalFailedException if the log has failed
  /// @throws InterruptedException if the thread is interrupted; the log is unharmed
  boolean awaitDurableBeyond(long lsn, Duration timeout)
      throws WalFailedException, InterruptedException;

  /// Opens the log again after it has failed, as [#open(Path, WalOptions)] does, without giving up
  /// its lock in between: nobody else can get at it, and no new directory or option is needed. The
  /// answer is a *new* log.
  ///
  /// This log stays failed: its cursors, its waits and its futures answer [WalFailedException], and
  /// closing it does nothing any more; the new one is closed by itself. What was in flight when it
  /// failed is found out by [#recovery()] of the new log: a record at or below its last LSN is
  /// stored, and what the failed sync may not have brought to the disk was written again and
  /// synced.
  ///
  /// If this fails, the log can be reopened again or closed; until then it keeps the lock. Nothing
  /// is opened before every call of this log to the disk has come back: a write that was stuck must
  /// not land after the recovery.
  ///
  /// @return the log, open and healthy
  /// @throws IllegalStateException if the log has not failed, is closed, or was reopened already
  /// @throws CorruptWalException as [#open(Path, WalOptions)]
  /// @throws WalFullException if there is no space for a segment to go on in
  /// @throws IOException if the storage fails, or a call of this log is still stuck in the disk
  ///   after about 30 seconds; try again later
  Wal reopen() throws IOException;

  /// Stops taking records, makes durable what was taken, completes every future once, seals the log
  /// and releases its lock. Idempotent; returns within about 30 seconds even if the disk hangs, in
  /// which case the lock stays held until the disk answers. After a failure it releases everything
  /// and seals nothing.
  ///
  /// Cursors stop: their next call answers [IllegalStateException].
  ///
  /// @throws IOException if what was taken could not be made durable
  @Override
  void close() throws IOException;
}
