package dev.tidemark.wal;

import java.io.IOException;
import java.util.List;

/// A log read beside the process that writes it, if any: another process, or this one.
///
/// A reader takes no lock, changes no file and holds nothing back: the writer does not know of it,
/// and removes segments that a slow reader still wants (which then is told so, [LsnGoneException]).
/// Ask the writer for a subscription where that must not happen.
///
/// It shows what the files promise to be durable, and nothing else. What a reader was shown is
/// never lost or changed by a crash of the writer, of either process or of the machine. The promise
/// is in the files at the latest with the group after, or 10 ms after the log falls idle. While the
/// log is being created there is nothing to see yet, and a cursor waits.
///
/// Every method looks at the files anew. Safe for use by any number of threads; a cursor is for one
/// thread at a time.
///
/// ```java
/// try (WalReader reader = Wal.openReadOnly(Path.of("orders"));
///     Cursor cursor = reader.read()) {
///   while (cursor.next(Duration.ofMinutes(1))) {
///     System.out.println(cursor.lsn() + " " + new String(cursor.bytes(), UTF_8));
///   }
/// }
/// ```
public interface WalReader extends AutoCloseable {

  /// Opens a cursor that delivers records in order up to the promised LSN, and further as that
  /// grows.
  ///
  /// [Cursor#next(java.time.Duration)] looks at the files again and again, after pauses that grow
  /// up to [ReaderOptions#longestPause()]. A cursor does not hold the low-water mark. If the writer
  /// removes what the cursor has yet to deliver, its calls answer [LsnGoneException] from then on;
  /// go on with a new one from [LsnGoneException#firstAvailable()]. Whether the writer lives or has
  /// failed makes no difference to it.
  ///
  /// @param fromLsn the first LSN to deliver; may be any that is yet to come
  /// @return a cursor; close it before or after this reader
  /// @throws LsnGoneException if `fromLsn` is no longer there
  /// @throws CorruptWalException if manifest or segment headers are damaged or missing
  /// @throws IllegalArgumentException if `fromLsn` is less than 1
  /// @throws IllegalStateException if this reader is closed
  /// @throws IOException if the storage fails
  Cursor read(long fromLsn) throws IOException;

  /// Opens a cursor as [#read(long)] does, at the first record that is there.
  ///
  /// @return a cursor; close it before or after this reader
  /// @throws IOException as [#read(long)], but for [LsnGoneException]
  Cursor read() throws IOException;

  /// Opens a cursor as [#read(long)] does that does not stop at the promised LSN: it goes on
  /// through records that stand whole in the files and that nothing there promises yet. Those of a
  /// live log are about to be promised; the last ones of a dead log will be, by its recovery, or
  /// they are gone if the machine failed before. [Cursor#isProven()] tells them apart.
  ///
  /// If records that it has delivered as unproven are discarded by a recovery, it answers
  /// [LsnGoneException] with the first of their LSNs, which may then name other records.
  ///
  /// @param fromLsn the first LSN to deliver; may be any that is yet to come
  /// @return a cursor; close it before or after this reader
  /// @throws IOException as [#read(long)]
  Cursor readUnproven(long fromLsn) throws IOException;

  /// {@return the smallest LSN that can be read; one more than the last if there is no record}
  ///
  /// @throws CorruptWalException if manifest or segment headers are damaged or missing
  /// @throws IOException if the storage fails
  long firstLsn() throws IOException;

  /// {@return the largest LSN that the files promise to be durable, 0 if none}
  ///
  /// @throws CorruptWalException if manifest or segment headers, or promised records on the way
  ///   there, are damaged or missing
  /// @throws IOException if the storage fails
  long promisedLsn() throws IOException;

  /// {@return the last LSN that stands whole in the files, promised or not; no smaller than
  /// [#promisedLsn()]}
  ///
  /// @throws IOException as [#promisedLsn()]
  long lastLsn() throws IOException;

  /// {@return the segments from oldest to active; the last LSN of the active one is the promised
  /// one}
  ///
  /// @throws IOException as [#promisedLsn()]
  List<Segment> segments() throws IOException;

  /// Lets go of all files but those of open cursors. Cursors stop: their next call answers
  /// [IllegalStateException]. Idempotent.
  @Override
  void close();
}
