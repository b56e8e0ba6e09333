package dev.tidemark.formats.prometheus;

import static java.util.Comparator.comparingLong;

import dev.tidemark.formats.FormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The segments and the checkpoint of a log's directory, as they stood when it was listed.
///
/// ```
/// wal/00000003                   segments: any number of digits, numbered without a gap
/// wal/00000004
/// wal/checkpoint.00000002/       what is still needed of segments 0 to 2; the highest counts
///     00000000
/// wal/checkpoint.00000004.tmp/   one that was not finished: passed over
/// ```
///
/// Source of the rules: prometheus/prometheus, tsdb/wlog/wlog.go and checkpoint.go.
///
/// @param directory that was listed
/// @param segments in ascending order; one number more from each to the next
/// @param checkpoint the one with the highest number, if there is one
public record SegmentDirectory(
    Path directory, List<Segment> segments, Optional<Checkpoint> checkpoint) {
  static final String CHECKPOINT = "checkpoint.";
  private static final String OUT_OF_ORDER = "wbl";

  // More digits would not fit a long.
  private static final Pattern DIGITS = Pattern.compile("[0-9]{1,18}");
  private static final Pattern CHECKPOINT_DIGITS =
      Pattern.compile(Pattern.quote(CHECKPOINT) + "(" + DIGITS + ")");

  /// One file of a log.
  ///
  /// @param number its name
  /// @param file where it is
  public record Segment(long number, Path file) {}

  /// What replaces segments of a log.
  ///
  /// @param number of the last segment that it replaces
  /// @param directory has segments of its own
  public record Checkpoint(long number, Path directory) {}

  /// Lists a directory.
  ///
  /// @param directory of a log, or of one of its checkpoints
  /// @return what is in it, perhaps nothing
  /// @throws FormatException if Prometheus would refuse it for the names in it: a segment is
  ///   missing between others, a checkpoint is a file, a segment is none
  /// @throws IOException if it cannot be read
  public static SegmentDirectory of(Path directory) throws IOException {
    List<Segment> segments = new ArrayList<>();
    List<Checkpoint> checkpoints = new ArrayList<>();
    for (Path path : list(directory, name -> true)) {
      String name = path.getFileName().toString();
      if (isSegment(path)) {
        if (Files.isDirectory(path)) {
          throw new FormatException(path + ": has the name of a segment and is a directory", 0);
        }
        segments.add(new Segment(Long.parseLong(name), path));
      } else if (name.startsWith(CHECKPOINT)) {
        if (!Files.isDirectory(path)) {
          throw new FormatException("checkpoint " + path + " is not a directory; move it away", 0);
        }
        if (CHECKPOINT_DIGITS.matcher(name).matches()) {
          checkpoints.add(
              new Checkpoint(Long.parseLong(name.substring(CHECKPOINT.length())), path));
        }
      }
    }
    segments.sort(comparingLong(Segment::number));
    checkSequential(directory, segments);
    return new SegmentDirectory(
        directory,
        List.copyOf(segments),
        checkpoints.stream().max(comparingLong(Checkpoint::number)));
  }

  /// Lists the directory of a log, or the log in a directory that has no segments itself.
  ///
  /// @param path of either
  /// @param inner the name that the log's directory has within the other
  /// @return what is in the log's directory, perhaps nothing
  /// @throws FormatException as [#of(Path)] does
  /// @throws IOException if it cannot be read
  public static SegmentDirectory of(Path path, String inner) throws IOException {
    SegmentDirectory directory = of(path);
    Path log = path.resolve(inner);
    boolean empty = directory.segments.isEmpty() && directory.checkpoint.isEmpty();
    return empty && Files.isDirectory(log) ? of(log) : directory;
  }

  /// {@return whether a name is that of a segment: digits alone}
  ///
  /// @param path of any file
  public static boolean isSegment(Path path) {
    return DIGITS.matcher(path.getFileName().toString()).matches();
  }

  /// {@return whether a segment belongs to a checkpoint: its directory is named as one}
  ///
  /// @param segment of any log
  public static boolean isOfCheckpoint(Path segment) {
    Path directory = segment.toAbsolutePath().normalize().getParent();
    return directory != null && isCheckpoint(directory);
  }

  /// Whether a segment belongs to the log of samples out of order: its directory is named so.
  static boolean isOutOfOrder(Path segment) {
    Path directory = segment.toAbsolutePath().normalize().getParent();
    return directory != null && directory.endsWith(OUT_OF_ORDER);
  }

  /// Whether a segment has a successor.
  static boolean hasNext(Path segment) {
    return isSegment(segment)
        && Files.exists(
            segment.resolveSibling(name(Long.parseLong(segment.getFileName().toString()) + 1)));
  }

  /// {@return the name of a segment}
  ///
  /// @param number of it
  public static String name(long number) {
    return "%08d".formatted(number);
  }

  /// The files that Prometheus replays: those of the checkpoint, then the segments it does not
  /// replace.
  ///
  /// @return the files, in order
  /// @throws FormatException if Prometheus would refuse to start, because a segment is missing
  ///   behind the checkpoint, or segment 0 where there is no checkpoint
  /// @throws IOException if the checkpoint cannot be read
  public List<Path> replayed() throws IOException {
    List<Path> files = new ArrayList<>();
    long next = 0;
    if (checkpoint.isPresent()) {
      files.addAll(of(checkpoint.get().directory()).files());
      next = checkpoint.get().number() + 1;
    }
    for (Segment segment : segments) {
      if (segment.number() >= next) {
        if (segment.number() > next && !isCheckpoint()) {
          throw new FormatException(
              directory
                  + ": segment "
                  + name(next)
                  + " is missing; what is there can be read file by"
                  + " file",
              0);
        }
        files.add(segment.file());
        next = segment.number() + 1;
      }
    }
    return List.copyOf(files);
  }

  /// {@return the files of all segments, in ascending order, whatever a checkpoint replaces}
  public List<Path> files() {
    return segments.stream().map(Segment::file).toList();
  }

  /// The number for the next segment: above all that are there, and all that a checkpoint replaces.
  long nextNumber() {
    long lastSegment = segments.isEmpty() ? -1 : segments.getLast().number();
    return Math.max(lastSegment, checkpoint.map(Checkpoint::number).orElse(-1L)) + 1;
  }

  // A checkpoint's own segments may begin anywhere.
  private boolean isCheckpoint() {
    return isCheckpoint(directory.toAbsolutePath().normalize());
  }

  private static boolean isCheckpoint(Path directory) {
    Path name = directory.getFileName();
    return name != null && name.toString().startsWith(CHECKPOINT);
  }

  private static void checkSequential(Path directory, List<Segment> segments)
      throws FormatException {
    for (int i = 1; i < segments.size(); i++) {
      long before = segments.get(i - 1).number();
      long number = segments.get(i).number();
      if (number != before + 1) {
        throw new FormatException(
            "%s: segments are not sequential: %s follows %s"
                .formatted(
                    directory,
                    segments.get(i).file().getFileName(),
                    segments.get(i - 1).file().getFileName()),
            0);
      }
    }
  }

  static List<Path> list(Path directory, Predicate<Path> wanted) throws IOException {
    try (Stream<Path> paths = Files.list(directory)) {
      return paths.filter(wanted).sorted().toList();
    }
  }
}
