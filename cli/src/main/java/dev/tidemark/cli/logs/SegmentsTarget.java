package dev.tidemark.cli.logs;

import dev.tidemark.formats.RecordWriter;
import java.io.IOException;
import java.nio.file.Path;

/// Writes a log that is a directory of segments, under a temporary name until it is whole.
final class SegmentsTarget implements Target {
  /// Makes a writer on a new directory, whose closing makes everything durable.
  interface Opening {
    RecordWriter in(Path directory) throws IOException;
  }

  private final Path path;
  private final Path temporary;
  private final RecordWriter writer;
  private boolean finished;

  /// @param path a directory that is not there yet, or an empty one
  SegmentsTarget(Path path, Opening opening) throws IOException {
    this.path = path.toAbsolutePath();
    Trees.mustBeFree(path);
    temporary = this.path.resolveSibling(this.path.getFileName() + ".tidemark-tmp");
    Trees.delete(temporary); // of a conversion that was killed
    writer = opening.in(temporary);
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public void append(Shown record) throws IOException {
    writer.append(record.payload());
  }

  @Override
  public void finish() throws IOException {
    writer.close();
    Trees.replaceEmpty(temporary, path);
    finished = true;
  }

  @Override
  public void close() throws IOException {
    if (!finished) {
      try (writer) {
        Trees.delete(temporary);
      } finally {
        Trees.delete(temporary); // closing may have made a segment once more
      }
    }
  }
}
