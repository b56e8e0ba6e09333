package dev.tidemark.formats;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// One system's log, as a tool sees it that treats all systems alike. Without state; safe for use
/// by any number of threads.
public interface LogFormat {
  /// How much speaks for a format.
  enum Likeness {
    /// Nothing.
    NONE,

    /// Names of files alone: what is in them is empty, or all of it damaged.
    NAME,

    /// The bytes: a magic number, a checksum that holds.
    CONTENT
  }

  /// {@return the system's name in lower case, which users type}
  String name();

  /// {@return in one sentence, what the system itself makes of damage in its log}
  String rule();

  /// How far behind its own file damage reaches.
  enum Reach {
    /// Not at all: the system goes on with the next file.
    FILE,

    /// The files behind it in the same directory, which are one stream to the system.
    DIRECTORY,

    /// All files behind it.
    LOG
  }

  /// {@return which files behind one the system does not apply either, because of damage in it}
  ///
  /// [Reading#AS_THE_SYSTEM] then means, of a whole log, that none of them is opened; it is for
  /// whoever opens them to keep to that.
  ///
  /// @param file one of the [#files]
  /// @param damage that a reader of it with [Reading#AS_THE_SYSTEM] told of
  default Reach reach(Path file, Damage damage) {
    return Reach.FILE;
  }

  /// Looks at the first bytes of a file, or at some files of a directory. Reads no more than 1 MiB
  /// in all.
  ///
  /// @param path a file or a directory
  /// @return how much speaks for this format
  /// @throws IOException if it cannot be read
  Likeness likeness(Path path) throws IOException;

  /// The files of a log, in the order in which the system replays them.
  ///
  /// @param path one such file, which is then the only one, or a directory
  /// @return the files; files that are not part of the log are left out
  /// @throws IOException if the directory cannot be read, or the system itself would refuse it for
  ///   the names in it
  List<Path> files(Path path) throws IOException;

  /// Opens one of the [#files].
  ///
  /// @param file the file
  /// @param reading what becomes of records behind damage
  /// @param damage is told what is damaged
  /// @return a reader at the beginning
  /// @throws java.nio.file.NoSuchFileException if there is none
  /// @throws FormatException if it is a file of this system that cannot be read at all, such as one
  ///   of a version that nobody knows
  /// @throws IOException if it cannot be read
  RecordReader open(Path file, Reading reading, DamageListener damage) throws IOException;

  /// The numbers that a record carries, if records of this system carry any and this one can be
  /// decoded so far.
  ///
  /// @param payload the record; its position stays
  /// @return the numbers, ascending along the log of a healthy system
  Optional<SequenceRange> sequences(ByteBuffer payload);

  /// Takes a record apart: names and values of one object, which the caller has begun and will end.
  ///
  /// @param payload the record; its position stays
  /// @param sink takes the values; after an exception it has taken some of them
  /// @throws FormatException if the record is not what the system writes
  void describe(ByteBuffer payload, ValueSink sink) throws FormatException;
}
