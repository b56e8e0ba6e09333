package dev.tidemark.cli.logs;

import dev.tidemark.formats.Damage;
import dev.tidemark.formats.DamageListener;
import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.LogFormat;
import dev.tidemark.formats.Reading;
import dev.tidemark.formats.RecordReader;
import dev.tidemark.formats.SequenceRange;
import dev.tidemark.formats.ValueSink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A log of another system.
public final class ForeignLog implements Log {
  private final Path path;
  private final LogFormat format;
  private @Nullable Numbering numbering; // once known

  /// @param path a directory, or one file
  /// @param format the system's
  public ForeignLog(Path path, LogFormat format) {
    this.path = path;
    this.format = format;
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public String format() {
    return format.name();
  }

  @Override
  public String rule() {
    return format.rule();
  }

  /// {@return the system's format}
  public LogFormat system() {
    return format;
  }

  @Override
  public List<Path> files() throws IOException {
    List<Path> names = new ArrayList<>();
    for (Path file : format.files(path)) {
      names.add(relative(file));
    }
    return names;
  }

  private Path relative(Path file) {
    return Files.isDirectory(path) ? path.relativize(file) : file.getFileName();
  }

  @Override
  public Numbering numbering() {
    Numbering known = numbering;
    if (known == null) {
      known = findNumbering();
      numbering = known;
    }
    return known;
  }

  private Numbering findNumbering() {
    try {
      for (Path file : format.files(path)) {
        try (RecordReader reader = format.open(file, Reading.ALL_THAT_IS_WHOLE, damage -> {})) {
          if (reader.next()) {
            boolean carries = format.sequences(reader.payload()).isPresent();
            return carries ? Numbering.SEQUENCE : Numbering.RECORD;
          }
        }
      }
    } catch (IOException _) {
      // Whoever reads on will say so.
    }
    return Numbering.RECORD;
  }

  // ---- verifying

  @Override
  public Health verify(Watch watch) throws IOException {
    Check check = new Check(watch);
    long begun = System.nanoTime();
    List<Path> paths = format.files(path);
    for (Path file : paths) {
      check.totalBytes += sizeOf(file);
    }
    for (Path file : paths) {
      check.file(file);
    }
    return check.health(System.nanoTime() - begun);
  }

  private static long sizeOf(Path file) throws IOException {
    try {
      return Files.size(file);
    } catch (NoSuchFileException _) {
      return 0;
    }
  }

  /// How far a reading was before a file.
  private record State(
      List<Defect> defects,
      int withoutNext,
      long records,
      long payloadBytes,
      long first,
      long last) {}

  /// One reading of all files. For one thread.
  private final class Check {
    private final Watch watch;
    private final List<Defect> defects = new ArrayList<>();
    private final List<Health.File> files = new ArrayList<>();
    private final Numbering numbers = numbering();
    private final Unapplied unapplied = new Unapplied(format);
    private final List<String> notApplied = new ArrayList<>();
    private int withoutNext;
    private long totalBytes;
    private long doneBytes;
    private long records;
    private long payloadBytes;
    private long first;
    private long last;

    Check(Watch watch) {
      this.watch = watch;
    }

    void file(Path file) throws IOException {
      String name = relative(file).toString();
      long recordsBefore = records;
      long bytes = sizeOf(file);
      Path because = unapplied.reason(file);
      if (because != null) {
        notApplied.add(name);
        if (bytes > 0) {
          isNoTail(relative(because).toString());
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

    // What a crash leaves is at the end of the log. Where more was written behind it that the
    // system
    // does not apply because of it, that is lost.
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
          defects.add(defects.size() - withoutNext, defect(name, one));
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
      defects.add(defect(name, damage));
      withoutNext++;
    }

    Health health(long nanos) {
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
  }

  private static Defect defect(String name, Damage damage) {
    Defect.Kind kind =
        switch (damage.kind()) {
          case TORN_TAIL -> Defect.Kind.TORN_TAIL;
          case OVERLOOKED -> Defect.Kind.OVERLOOKED;
          case CORRUPTION -> Defect.Kind.CORRUPTION;
        };
    return new Defect(kind, name, damage.offset(), damage.bytes(), 0, 0, damage.reason(), null);
  }

  // ---- reading

  @Override
  public void read(long from, long to, boolean all, Taker taker) throws IOException {
    Reading reading = all ? Reading.ALL_THAT_IS_WHOLE : Reading.AS_THE_SYSTEM;
    boolean sequenced = numbering() == Numbering.SEQUENCE;
    long index = 0;
    long lastNumber = 0;
    Unapplied unapplied = new Unapplied(format);
    for (Path file : format.files(path)) {
      String name = relative(file).toString();
      if (!all && unapplied.reason(file) != null) {
        taker.passed(name);
        continue;
      }
      Taker.Extent known = taker.known(name);
      if (known != null) {
        index += known.records();
        lastNumber = Math.max(lastNumber, known.lastNumber());
        continue;
      }
      long indexBefore = index;
      boolean[] whole = {true};
      DamageListener listener =
          damage -> {
            whole[0] = false;
            taker.defect(defect(name, damage));
            unapplied.found(file, damage);
          };
      try (RecordReader reader = format.open(file, reading, listener)) {
        while (reader.next()) {
          index++;
          SequenceRange range = new SequenceRange(index, index);
          if (sequenced) {
            long before = lastNumber;
            range =
                format.sequences(reader.payload()).orElse(new SequenceRange(before + 1, before));
            lastNumber = Math.max(lastNumber, Math.max(range.first() - 1, range.last()));
          }
          boolean before = Math.max(range.first(), range.last()) < from;
          boolean behind = range.first() > to;
          if (behind && !sequenced) {
            return;
          }
          if (!before && !behind && !taker.record(shown(name, reader, index, range))) {
            return;
          }
        }
      } catch (FormatException refused) {
        listener.found(
            new Damage(
                Damage.Kind.CORRUPTION, refused.offset(), 0, String.valueOf(refused.getMessage())));
      }
      if (whole[0]) {
        taker.ended(name, new Taker.Extent(index - indexBefore, lastNumber));
      }
    }
  }

  private static Shown shown(String name, RecordReader reader, long index, SequenceRange range) {
    return new Shown(
        name,
        reader.offset(),
        reader.endOffset(),
        index,
        range.first(),
        range.last(),
        true,
        reader::describeFraming,
        reader.payload());
  }

  @Override
  public boolean describes() {
    return true;
  }

  @Override
  public void describe(ByteBuffer payload, ValueSink sink) throws FormatException {
    format.describe(payload, sink);
  }
}
