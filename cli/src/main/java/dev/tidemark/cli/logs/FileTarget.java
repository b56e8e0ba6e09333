package dev.tidemark.cli.logs;

import dev.tidemark.formats.RecordWriter;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Writes one file of another system, under a temporary name until it is whole.
final class FileTarget implements Target {
  /// Makes a writer on a new file.
  interface Opening {
    RecordWriter on(OutputStream out) throws IOException;
  }

  /// Appends a record as the format wants it.
  interface Appending {
    void append(RecordWriter writer, Shown record) throws IOException;
  }

  private final Path path;
  private final Path temporary;
  private final RecordWriter writer;
  private final Appending appending;
  private boolean finished;

  /// @param path the file
  /// @param replace whether it may be there already
  FileTarget(Path path, boolean replace, Opening opening, Appending appending) throws IOException {
    this.path = path.toAbsolutePath();
    this.appending = appending;
    if (!replace && Files.exists(path)) {
      throw new FileAlreadyExistsException(path.toString());
    }
    Path parent = this.path.getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    temporary = this.path.resolveSibling(this.path.getFileName() + ".tidemark-tmp");
    writer = opening.on(new BufferedOutputStream(Files.newOutputStream(temporary), 1 << 20));
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public void append(Shown record) throws IOException {
    appending.append(writer, record);
  }

  @Override
  public void finish() throws IOException {
    writer.flush();
    writer.close();
    Trees.sync(temporary);
    Trees.rename(temporary, path);
    finished = true;
  }

  @Override
  public void close() throws IOException {
    if (!finished) {
      try (writer) {
        Files.deleteIfExists(temporary);
      }
    }
  }
}
