package dev.tidemark.formats.loki;

import dev.tidemark.formats.FormatException;
import java.nio.ByteBuffer;
import java.util.List;

/// A record of Loki's log, taken apart. Immutable, but for the bytes that it was decoded from:
/// lines and chunks are views of them.
public sealed interface LokiRecord {
  /// {@return the tenant whose streams these are}
  String user();

  /// Decodes a record. Chunks of a checkpoint stay as they are: see [CheckpointChunk]. Takes memory
  /// as things are found, whatever a count says: some forty bytes for each byte at worst, so that
  /// what is hostile had better be described ([LokiFormat#describe]), which takes none.
  ///
  /// @param payload from position to limit, which stay
  /// @return the record
  /// @throws FormatException if Loki itself could not decode it
  static LokiRecord decode(ByteBuffer payload) throws FormatException {
    return RecordDecoder.decode(payload);
  }

  /// Streams that are new.
  ///
  /// @param user the tenant
  /// @param streams and their labels
  record Series(String user, List<Stream> streams) implements LokiRecord {}

  /// Lines.
  ///
  /// @param version of the encoding, 1 to 3
  /// @param user the tenant
  /// @param streams their lines, each stream's together
  record Entries(int version, String user, List<StreamLines> streams) implements LokiRecord {}

  /// One stream as it was in memory.
  ///
  /// @param user the tenant
  /// @param fingerprint by which other records name the stream
  /// @param labels of the stream
  /// @param chunks what it holds
  /// @param to the time of the line that came last
  /// @param lastLine the line that came last
  /// @param counter of entries, up to which they are in this checkpoint
  /// @param highest the highest time of a line
  record Checkpoint(
      String user,
      long fingerprint,
      List<Label> labels,
      List<CheckpointChunk> chunks,
      Time to,
      ByteBuffer lastLine,
      long counter,
      Time highest)
      implements LokiRecord {}

  /// A stream and its name in other records.
  ///
  /// @param ref its fingerprint, without a sign
  /// @param labels in order
  record Stream(long ref, List<Label> labels) {}

  /// Lines of one stream.
  ///
  /// @param ref the stream's fingerprint, without a sign
  /// @param counter of the stream's entries, of the last one here; 0 where the version has none
  /// @param lines in the order in which they came
  record StreamLines(long ref, long counter, List<LogLine> lines) {}

  /// A time, as protobuf has it.
  ///
  /// @param seconds since 1970
  /// @param nanos from 0 to 999,999,999
  record Time(long seconds, int nanos) {
    /// A message that was left out, or had no fields.
    static final Time EPOCH = new Time(0, 0);

    /// {@return whether it was never set}
    public boolean isNever() {
      return seconds == RecordLayout.NEVER_SECONDS && nanos == 0;
    }
  }

  /// Lines of a stream in memory, encoded.
  ///
  /// @param from the first line's time
  /// @param to the last line's time
  /// @param flushed when it was put into the store; [Time#isNever] if it was not
  /// @param updated when a line was added last
  /// @param closed whether no lines are added any more
  /// @param synced whether another program's chunk ends where this does
  /// @param data for [MemChunk#decode]
  /// @param head for [MemChunk#decode]
  record CheckpointChunk(
      Time from,
      Time to,
      Time flushed,
      Time updated,
      boolean closed,
      boolean synced,
      ByteBuffer data,
      ByteBuffer head) {}
}
