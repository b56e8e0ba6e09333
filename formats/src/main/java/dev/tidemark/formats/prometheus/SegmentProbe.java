package dev.tidemark.formats.prometheus;

import static java.util.Comparator.comparingLong;

import dev.tidemark.formats.DamageListener;
import dev.tidemark.formats.LogFormat.Likeness;
import dev.tidemark.formats.Reading;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Looks at the beginnings of segments, to tell whose they are: Prometheus and Loki have the same
/// segments, and other records in them.
public final class SegmentProbe {
  private static final int MOST_FILES = 4;
  private static final int FILE_BYTES = 256 << 10;
  private static final int MOST_RECORDS = 64;

  // Larger than what the first bytes of a file hold in earnest.
  private static final int MOST_DECOMPRESSED_BYTES = 4 << 20;

  /// Says whose a record is.
  public interface Owner {
    /// {@return whether it is a record of this system}
    ///
    /// @param payload a whole record with at least one byte
    boolean owns(ByteBuffer payload);

    /// {@return whether a record of this system may begin so}
    ///
    /// @param stored the first bytes of a record too long to be looked at, at least one
    /// @param compression how it is stored
    boolean mayBegin(ByteBuffer stored, SegmentCompression compression);
  }

  private SegmentProbe() {}

  /// Looks at a file, or at some files of a directory: at segments in it, in its checkpoints, and
  /// in a directory `wal` inside it. At most 1 MiB is read.
  ///
  /// @param path a file or a directory
  /// @param owner knows the system's records
  /// @return `CONTENT` if most records of the first file that has any are the system's; `NONE` if
  ///   most are not; `NAME` if there are no records, and files with names of segments
  /// @throws IOException if something cannot be read
  public static Likeness likeness(Path path, Owner owner) throws IOException {
    List<Path> segments = Files.isDirectory(path) ? segments(path) : List.of(path);
    int read = 0;
    for (Path segment : segments) {
      if (read < MOST_FILES && Files.isRegularFile(segment) && Files.size(segment) > 0) {
        read++;
        Likeness likeness = content(segment, owner);
        if (likeness != Likeness.NAME) {
          return likeness;
        }
      }
    }
    return segments.stream().anyMatch(SegmentDirectory::isSegment) ? Likeness.NAME : Likeness.NONE;
  }

  private static List<Path> segments(Path directory) throws IOException {
    List<Path> segments = new ArrayList<>();
    Path wal = directory.resolve(PrometheusFormat.WAL);
    for (Path place : Files.isDirectory(wal) ? List.of(directory, wal) : List.of(directory)) {
      for (Path checkpoint : SegmentDirectory.list(place, SegmentProbe::isCheckpoint)) {
        segments.addAll(SegmentDirectory.list(checkpoint, SegmentDirectory::isSegment));
      }
      segments.addAll(
          SegmentDirectory.list(place, SegmentDirectory::isSegment).stream()
              .filter(Files::isRegularFile)
              .sorted(comparingLong(SegmentProbe::number))
              .toList());
    }
    return segments;
  }

  private static boolean isCheckpoint(Path path) {
    return path.getFileName().toString().startsWith(SegmentDirectory.CHECKPOINT)
        && Files.isDirectory(path);
  }

  private static long number(Path segment) {
    return Long.parseLong(segment.getFileName().toString());
  }

  // NAME: nothing speaks for or against it.
  private static Likeness content(Path segment, Owner owner) throws IOException {
    byte[] beginning;
    try (InputStream in = Files.newInputStream(segment)) {
      beginning = in.readNBytes(FILE_BYTES);
    }
    int own = 0;
    int other = 0;
    try (SegmentReader reader =
        SegmentReader.of(
            new ByteArrayInputStream(beginning),
            Reading.ALL_THAT_IS_WHOLE,
            DamageListener.ignoring(),
            MOST_DECOMPRESSED_BYTES)) {
      while (own + other < MOST_RECORDS && reader.next()) {
        if (reader.payload().hasRemaining()) {
          boolean owned = owner.owns(reader.payload().duplicate());
          own += owned ? 1 : 0;
          other += owned ? 0 : 1;
        }
      }
    }
    if (own + other == 0) {
      return longRecord(beginning, owner);
    }
    return own > other ? Likeness.CONTENT : Likeness.NONE;
  }

  private static Likeness longRecord(byte[] beginning, Owner owner) throws IOException {
    FragmentReader fragments =
        new FragmentReader(new SegmentPages(new ByteArrayInputStream(beginning)));
    if (fragments.next() != FragmentReader.Found.FRAGMENT || !fragments.data().hasRemaining()) {
      return Likeness.NAME;
    }
    return owner.mayBegin(fragments.data(), fragments.compression())
        ? Likeness.CONTENT
        : Likeness.NONE;
  }
}
