package dev.tidemark.cli.logs;

import dev.tidemark.formats.Damage;
import dev.tidemark.formats.DamageListener;
import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.LogFormat;
import dev.tidemark.formats.Reading;
import dev.tidemark.formats.RecordReader;
import dev.tidemark.formats.SequenceRange;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Reads all of another system's log to tell what is damaged in it: as the system does, and where
/// that passes over something, once more for what is whole. For one thread, for one reading.
final class ForeignCheck {
  private final ForeignLog log;
  private final LogFormat format;
  private final Log.Watch watch;
  private final List<Defect> defects = new ArrayList<>();
  private final List<Health.File> files = new ArrayList<>();
  private final Numbering numbers;
  private final Unapplied unapplied;
  private final List<String> notApplied = new ArrayList<>();
  private int withoutNext;
  private long totalBytes;
  private long doneBytes;
  private long records;
  private long payloadBytes;
  private long first;
  private long last;

  ForeignCheck(ForeignLog log, Log.Watch watch) {
    this.log = log;
    this.watch = watch;
    format = log.system();
    numbers = log.numbering();
    unapplied = new Unapplied(format);
  }

  /// Reads the files, once.
  ///
  /// @param paths all files of the log, oldest first
  /// @return what was found
  /// @throws IOException if one cannot be read; damage is no reason
  Health run(List<Path> paths) throws IOException {
    long begun = System.nanoTime();
    for (Path file : paths) {
      totalBytes += sizeOf(file);
    }
    for (Path file : paths) {
      file(file);
    }
    return health(System.nanoTime() - begun);
  }

  private static long sizeOf(Path file) throws IOException {
    try {
      return Files.size(file);
    } catch (NoSuchFileException _) {
      return 0;
    }
  }

  private void file(Path file) throws IOException {
    String name = log.relative(file).toString();
    long recordsBefore = records;
    long bytes = sizeOf(file);
    Path because = unapplied.reason(file);
    if (because != null) {
      notApplied.add(name);
      if (bytes > 0) {
        isNoTail(log.relative(because).toString());
      }
    }
    State before = state();
    List<Damage> asTheSystem = new ArrayList<>();
    long firstHere = read(file, name, Reading.AS_THE_SYSTEM, asTheSystem);
    if (asTheSystem.stream().anyMatch(damage -> damage.kind() != Damage.Kind.TORN_TAIL)) {
      // The system may stop there, or leave out what is whole: all of it is read once more.
      restore(before);
      List<Damage> ofAll = new ArrayList<>();
      firstHere = read(file, name, Reading.ALL_THAT_IS_WHOLE, ofAll);
      addMissing(name, asTheSystem, ofAll);
    }
    asTheSystem.forEach(damage -> unapplied.found(file, damage));
    doneBytes += bytes;
    long here = records - recordsBefore;
    files.add(new Health.File(name, "log", bytes, firstHere, here == 0 ? 0 : last, here));
  }

  // What a crash leaves is at the end of the log. What was written behind it, and is not applied by
  // the system because of it, is lost.
  private void isNoTail(String name) {
    defects.replaceAll(
        one ->
            one.kind() == Defect.Kind.TORN_TAIL && one.file().equals(name)
                ? one.as(Defect.Kind.CORRUPTION)
                : one);
  }

  // What the system calls damage and the other reading shows as a record.
  private void addMissing(String name, List<Damage> asTheSystem, List<Damage> ofAll) {
    for (Damage one : asTheSystem) {
      boolean told =
          ofAll.stream()
              .anyMatch(
                  other ->
                      other.offset() <= one.offset()
                          && one.offset() < other.offset() + Math.max(1, other.bytes()));
      if (!told && one.kind() != Damage.Kind.TORN_TAIL) {
        defects.add(defects.size() - withoutNext, ForeignLog.defect(name, one));
      }
    }
  }

  private long read(Path file, String name, Reading reading, List<Damage> damages)
      throws IOException {
    long firstHere = 0;
    DamageListener listener =
        damage -> {
          damages.add(damage);
          found(name, damage);
        };
    try (RecordReader reader = format.open(file, reading, listener)) {
      while (reader.next()) {
        SequenceRange range = range(reader.payload());
        firstHere = firstHere == 0 ? range.first() : firstHere;
        good(name, reader, range);
        watch.at(doneBytes + reader.endOffset(), Math.max(totalBytes, 1));
      }
    } catch (FormatException refused) {
      listener.found(
          new Damage(
              Damage.Kind.CORRUPTION, refused.offset(), 0, String.valueOf(refused.getMessage())));
    }
    return firstHere;
  }

  private State state() {
    return new State(List.copyOf(defects), withoutNext, records, payloadBytes, first, last);
  }

  private void restore(State state) {
    defects.clear();
    defects.addAll(state.defects);
    withoutNext = state.withoutNext;
    records = state.records;
    payloadBytes = state.payloadBytes;
    first = state.first;
    last = state.last;
  }

  private void good(String name, RecordReader reader, SequenceRange range) {
    records++;
    payloadBytes += reader.payload().remaining();
    Defect.Place place = new Defect.Place(name, reader.offset(), range.first());
    for (; withoutNext > 0; withoutNext--) {
      int index = defects.size() - withoutNext;
      Defect one = defects.get(index);
      boolean gap = numbers == Numbering.SEQUENCE && last > 0 && range.first() > last + 1;
      defects.set(
          index,
          new Defect(
              one.kind(),
              one.file(),
              one.offset(),
              one.bytes(),
              gap ? last + 1 : 0,
              gap ? range.first() - 1 : 0,
              one.reason(),
              place));
    }
    first = first == 0 ? range.first() : Math.min(first, range.first());
    last = Math.max(last, Math.max(range.first(), range.last()));
  }

  private SequenceRange range(ByteBuffer payload) {
    return numbers == Numbering.SEQUENCE
        ? format.sequences(payload).orElse(new SequenceRange(last, last))
        : new SequenceRange(records + 1, records + 1);
  }

  private void found(String name, Damage damage) {
    defects.add(ForeignLog.defect(name, damage));
    withoutNext++;
  }

  private Health health(long nanos) {
    return new Health(
        Health.verdict(defects),
        files,
        defects,
        numbers,
        first,
        last,
        records,
        payloadBytes,
        doneBytes,
        nanos,
        notApplied.isEmpty()
            ? Map.of()
            : Map.of(Health.NOT_APPLIED, String.join(", ", notApplied)));
  }

  /// How far a reading was before a file.
  private record State(
      List<Defect> defects,
      int withoutNext,
      long records,
      long payloadBytes,
      long first,
      long last) {}
}
