package dev.tidemark.formats.arc;

import static dev.tidemark.formats.arc.ArcLayout.FILE_HEADER_BYTES;

import dev.tidemark.formats.DamageListener;
import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.LogFormat;
import dev.tidemark.formats.Reading;
import dev.tidemark.formats.RecordReader;
import dev.tidemark.formats.SequenceRange;
import dev.tidemark.formats.ValueSink;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// Arc's log, as a tool sees it: files `arc-….wal` of its versions in Go and `worker-….wal` of
/// those in Python. Without state.
public final class ArcFormat implements LogFormat {
  /// The one there is.
  public ArcFormat() {}

  private static final String SUFFIX = ".wal";
  private static final Pattern NAME = Pattern.compile("(arc-\\d|worker-\\d).*\\.wal");
  // Of a directory, so that no more than 1 MiB is read of any.
  private static final int MOST_FILES = 1000;

  @Override
  public String name() {
    return "arc";
  }

  @Override
  public String rule() {
    return "Arc skips each record with a wrong checksum or of unknown form and goes on behind it, takes 1"
        + " to 15 bytes at the end for the end, and leaves a file alone that does not begin with ARCW.";
  }

  @Override
  public Likeness likeness(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      return likenessOf(path);
    }
    Likeness most = Likeness.NONE;
    int left = MOST_FILES;
    for (Path file : files(path)) {
      Likeness likeness = likenessOf(file);
      if (likeness.compareTo(most) > 0) {
        most = likeness;
      }
      if (most == Likeness.CONTENT || --left == 0) {
        break;
      }
    }
    return most;
  }

  private static Likeness likenessOf(Path file) throws IOException {
    byte[] head;
    try (InputStream in = Files.newInputStream(file)) {
      head = in.readNBytes(FILE_HEADER_BYTES);
    }
    if (head.length >= Integer.BYTES
        && ByteBuffer.wrap(head).getInt(ArcLayout.MAGIC_AT) == ArcLayout.MAGIC) {
      return Likeness.CONTENT;
    }
    return NAME.matcher(file.getFileName().toString()).matches() ? Likeness.NAME : Likeness.NONE;
  }

  /// The files of a directory are in the order of their names, which hold the time when they were
  /// made. Arc itself goes by when they were last written, which is the same order until somebody
  /// copies them.
  @Override
  public List<Path> files(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      return List.of(path);
    }
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(path)) {
      for (Path file : found) {
        if (file.getFileName().toString().endsWith(SUFFIX) && Files.isRegularFile(file)) {
          files.add(file);
        }
      }
    } catch (DirectoryIteratorException failure) {
      throw failure.getCause();
    }
    files.sort(null);
    return files;
  }

  @Override
  public RecordReader open(Path file, Reading reading, DamageListener damage) throws IOException {
    return LogReader.of(Files.newInputStream(file), reading, damage);
  }

  /// {@return nothing: records of Arc's have no numbers}
  @Override
  public Optional<SequenceRange> sequences(ByteBuffer payload) {
    return Optional.empty();
  }

  /// As [Payload#describe].
  @Override
  public void describe(ByteBuffer payload, ValueSink sink) throws FormatException {
    Payload.of(payload).describe(sink);
  }
}
