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
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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

  Path relative(Path file) {
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
    return new ForeignCheck(this, watch).run(format.files(path));
  }

  static Defect defect(String name, Damage damage) {
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
