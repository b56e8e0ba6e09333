package dev.tidemark.cli;

import dev.tidemark.cli.logs.Defect;
import dev.tidemark.cli.logs.Log;
import dev.tidemark.cli.logs.Shown;
import dev.tidemark.cli.logs.Taker;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Follows files that somebody else appends to: reads them again whenever one was written to,
/// though it need not grow: a record may go over zeros that were there. What is torn at the end is
/// not there yet. A file that was whole and is as it was is not read again; one that its system
/// removes meanwhile ends a reading, and the next one goes on. For one thread, for one command.
final class ForeignTail {
  private static final long PAUSE_MILLIS = 100;

  /// How often the beginning is looked for in a directory whose files go away meanwhile.
  private static final int TRIES = 10;

  private final Log log;
  private final RecordLine lines;
  private final Range range;
  private final int last;
  private final Map<String, Long> shownTo = new TreeMap<>(); // by file, where its records ended
  private final Set<String> told = new HashSet<>();
  private final Map<String, Taker.Extent> whole = new HashMap<>(); // the files that rest
  private Map<String, Stand> before = Map.of();
  private Map<String, Stand> now = Map.of();
  private long left;
  private boolean ended;

  ForeignTail(Log log, RecordLine lines, Range range, int last) {
    this.log = log;
    this.lines = lines;
    this.range = range;
    this.last = last;
    left = range.limit();
  }

  void run() throws IOException, InterruptedException {
    now = stands();
    begin();
    boolean again = true; // what is written while it is read may leave its time as it was
    while (left > 0 && !ended) {
      lines.results().flush();
      Thread.sleep(PAUSE_MILLIS);
      before = now;
      now = stands();
      boolean changed = !now.equals(before);
      if (changed || again) {
        whole.keySet().removeIf(file -> !rests(file));
        again = !showWhatIsNew() || changed;
      }
    }
  }

  private record Stand(long size, FileTime written) {}

  /// {@return whether a file was as it is now for so long already that any write shows in its time}
  private boolean rests(String file) {
    return now.containsKey(file) && Objects.equals(now.get(file), before.get(file));
  }

  private Map<String, Stand> stands() throws IOException {
    Map<String, Stand> stands = new TreeMap<>();
    List<Path> names;
    try {
      names = log.files();
    } catch (NoSuchFileException gone) {
      refuseUnlessInDirectory(gone);
      return now;
    }
    for (Path name : names) {
      Path file = Files.isDirectory(log.path()) ? log.path().resolve(name) : log.path();
      try {
        BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
        stands.put(name.toString(), new Stand(found.size(), found.lastModifiedTime()));
      } catch (NoSuchFileException _) {
        // Removed since.
      }
    }
    return stands;
  }

  // A directory in which a file is missing is in use; without the directory there is nothing to
  // follow.
  private void refuseUnlessInDirectory(NoSuchFileException gone) throws NoSuchFileException {
    if (!Files.isDirectory(log.path())) {
      throw gone;
    }
  }

  // The first reading: the last few records, or all from where the user says.
  private void begin() throws IOException {
    if (range.from() > 0) {
      showWhatIsNew();
      return;
    }
    Deque<Shown> newest = new ArrayDeque<>();
    for (int tried = 1; !readNewest(newest) && tried < TRIES; tried++) {
      shownTo.clear();
      newest.clear();
    }
    for (Shown record : newest) {
      if (left > 0) {
        lines.write(record);
        left--;
      }
    }
  }

  private boolean readNewest(Deque<Shown> newest) throws IOException {
    return read(
        record -> {
          if (last > 0) {
            if (newest.size() == last) {
              newest.removeFirst();
            }
            newest.addLast(copy(record));
          }
          return true;
        });
  }

  private boolean showWhatIsNew() throws IOException {
    return read(
        record -> {
          lines.write(record);
          left--;
          return left > 0;
        });
  }

  private interface Sight {
    boolean take(Shown record) throws IOException;
  }

  /// {@return whether no file went away meanwhile}
  private boolean read(Sight sight) throws IOException {
    try {
      log.read(range.from(), Long.MAX_VALUE, false, taker(sight));
      return true;
    } catch (NoSuchFileException gone) {
      refuseUnlessInDirectory(gone);
      return false;
    }
  }

  private Taker taker(Sight sight) {
    return new Taker() {
      @Override
      public boolean record(Shown record) throws IOException {
        if (record.offset() < shownTo.getOrDefault(record.file(), 0L)) {
          return true;
        }
        if (record.first() > range.to()) {
          ended = true;
          return false;
        }
        // A record without a place of its own ends behind where it begins.
        shownTo.put(record.file(), Math.max(record.offset() + 1, record.end()));
        return sight.take(record);
      }

      @Override
      public Taker.@Nullable Extent known(String file) {
        return whole.get(file);
      }

      @Override
      public void ended(String file, Taker.Extent extent) {
        if (rests(file)) {
          whole.put(file, extent);
        }
      }

      @Override
      public void defect(Defect defect) {
        if (defect.kind().isCorrupt() && told.add(defect.file() + " " + defect.offset())) {
          new Warnings(log).tell(defect);
        }
      }
    };
  }

  private static Shown copy(Shown record) {
    ByteBuffer bytes = ByteBuffer.allocate(record.payload().remaining());
    bytes.put(record.payload().duplicate()).flip();
    return new Shown(
        record.file(),
        record.offset(),
        record.end(),
        record.index(),
        record.first(),
        record.last(),
        record.proven(),
        record.framing(),
        bytes);
  }
}
