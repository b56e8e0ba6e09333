package dev.tidemark.sink;

import java.io.Closeable;
import java.io.IOException;

/// A place for finished files, each written exactly once.
///
/// A sink may be used by many threads at once; only two writes of one identity must not overlap.
public interface Sink extends Closeable {

  /// Writes one file, or finds it written.
  ///
  /// On return the file is visible under its name and survives a power cut, together with every
  /// directory that leads to it. Before that nothing is visible under its name. A file is never
  /// replaced: if one of that name is there and its footer states the same identity and as many
  /// rows as `rows` has, it stays, its bytes untouched, and [Stored#kept] says so.
  ///
  /// After an [IOException] the file is either not there, or it is there complete and perhaps not
  /// durable yet: write it again, with the same rows, to know.
  ///
  /// @param id what the rows are; also the name
  /// @param schema the columns of `rows`
  /// @param rows at least one row, all of the hour of `id`; read during the call only
  /// @return what is there now
  /// @throws IllegalArgumentException if there is no row, or one of another hour; nothing is
  ///   written
  /// @throws IllegalStateException if the sink is closed, or the same identity is being written now
  /// @throws SinkConflictException if a file of that name is there with another identity, another
  ///   number of rows or a footer that cannot be read; it is not touched
  /// @throws IOException if the disk fails or is full, or the thread is interrupted; the message
  ///   names the file and the step
  Stored write(FileIdentity id, Schema schema, RowSource rows) throws IOException;

  /// Closes the sink. Writes that run are finished by their threads; new ones are refused. Closing
  /// again does nothing.
  @Override
  void close() throws IOException;
}
