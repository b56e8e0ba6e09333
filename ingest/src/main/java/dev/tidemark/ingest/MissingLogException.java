package dev.tidemark.ingest;

import java.io.IOException;
import java.io.Serial;

/// One of the logs of a data directory is not there, and another shows that it was. Nothing was
/// changed.
public final class MissingLogException extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  MissingLogException(String missing, String used) {
    super(
        "the log wal/"
            + missing
            + " is missing, and wal/"
            + used
            + " shows that there was one: put its folder back. If what was only in it may be lost,"
            + " start with another data directory; the files in parquet can be read as they are");
  }
}
