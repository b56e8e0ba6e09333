package dev.tidemark.sink;

import java.io.IOException;

/// A file of this name is there, and it is not the one to be written. It was not touched.
///
/// Trying again does not help: somebody has to look. The message says which file, what is in it,
/// what should be, and what can be done.
public final class SinkConflictException extends IOException {
  private static final long serialVersionUID = 1L;

  private final String file;

  /// @param file the name of the file
  /// @param found what is in it
  /// @param expected what should be
  SinkConflictException(String file, String found, String expected) {
    super(
        file
            + " is already there and holds "
            + found
            + ", but should hold "
            + expected
            + ". It was left as it is. Move it away (keep it until you know where it comes from),"
            + " then flush or start again: the file is written anew from the log.");
    this.file = file;
  }

  /// {@return the name of the file}
  public String file() {
    return file;
  }
}
