package dev.tidemark.cli.logs;

import dev.tidemark.formats.ValueSink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/// One log, of whatever system, which may be damaged. Nothing that is called here changes it. For
/// one thread at a time.
public interface Log {
  /// Is told how far a long read has got.
  @FunctionalInterface
  interface Watch {
    /// Called now and then.
    ///
    /// @param done how many bytes were read
    /// @param total of how many, about
    void at(long done, long total);
  }

  /// {@return where it is: one file, or a directory}
  Path path();

  /// {@return the name of its format}
  String format();

  /// {@return in one sentence, what the system makes of damage}
  String rule();

  /// {@return the files that hold records, oldest first, relative to [#path] if that is a
  /// directory}
  ///
  /// @throws IOException if they cannot be listed
  List<Path> files() throws IOException;

  /// {@return what the numbers of records are}
  Numbering numbering();

  /// Reads everything.
  ///
  /// @param watch is told how far it is
  /// @return what was found
  /// @throws IOException if the files cannot be read; damage is no reason
  Health verify(Watch watch) throws IOException;

  /// Shows records.
  ///
  /// @param from the first number of interest; 0 for all
  /// @param to the last number of interest
  /// @param all whether to go on behind damage where the system itself would not
  /// @param taker is shown them
  /// @throws IOException if the files cannot be read, or the taker throws it; damage is no reason
  void read(long from, long to, boolean all, Taker taker) throws IOException;

  /// {@return whether [#describe] can take records of this log apart}
  boolean describes();

  /// Takes a record apart.
  ///
  /// @param payload the record
  /// @param sink takes the values
  /// @throws dev.tidemark.formats.FormatException if the record is not what the system writes
  void describe(ByteBuffer payload, ValueSink sink) throws dev.tidemark.formats.FormatException;
}
