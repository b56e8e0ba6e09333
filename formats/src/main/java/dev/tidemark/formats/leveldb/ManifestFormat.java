package dev.tidemark.formats.leveldb;

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
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// LevelDB's manifest, a log of version edits in files `MANIFEST-000002`. Without state.
public final class ManifestFormat implements LogFormat {
  // The first edit of every manifest begins with the comparator; a write batch does not decode so.
  private static final LogProbe.Records EDITS =
      new LogProbe.Records() {
        @Override
        public boolean owns(ByteBuffer payload) {
          return isFirstEdit(payload);
        }

        @Override
        public boolean mayBegin(ByteBuffer beginning) {
          return VersionEditReader.beginsWithComparator(beginning);
        }
      };

  /// The one there is.
  public ManifestFormat() {}

  @Override
  public String name() {
    return "leveldb-manifest";
  }

  @Override
  public String rule() {
    return "LevelDB refuses to open a directory whose manifest is damaged anywhere; an edit that the end"
        + " of the file cuts short is ignored.";
  }

  @Override
  public Likeness likeness(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      return Likeness.NONE;
    }
    return LogProbe.likeness(path, FileName::isManifest, EDITS);
  }

  /// {@inheritDoc}
  ///
  /// Of a directory, the manifest that `CURRENT` names.
  @Override
  public List<Path> files(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      return List.of(path);
    }
    return LogDirectory.currentManifest(path).map(List::of).orElse(List.of());
  }

  @Override
  public RecordReader open(Path file, Reading reading, DamageListener damage) throws IOException {
    return LogProbe.open(file, damage);
  }

  @Override
  public Optional<SequenceRange> sequences(ByteBuffer payload) {
    return Optional.empty();
  }

  @Override
  public void describe(ByteBuffer payload, ValueSink sink) throws FormatException {
    VersionEdit edit = VersionEdit.decode(payload);
    edit.comparator()
        .ifPresent(
            name -> {
              sink.name("comparator");
              sink.text(name);
            });
    number("logNumber", edit.logNumber(), sink);
    number("previousLogNumber", edit.previousLogNumber(), sink);
    number("nextFileNumber", edit.nextFileNumber(), sink);
    number("lastSequence", edit.lastSequence(), sink);
    compactPointers(edit, sink);
    deletedFiles(edit, sink);
    newFiles(edit, sink);
  }

  private static void number(String name, OptionalLong number, ValueSink sink) {
    if (number.isPresent()) {
      sink.name(name);
      sink.number(number.getAsLong());
    }
  }

  private static void compactPointers(VersionEdit edit, ValueSink sink) {
    if (edit.compactPointers().isEmpty()) {
      return;
    }
    sink.name("compactPointers");
    sink.beginArray();
    for (VersionEdit.CompactPointer pointer : edit.compactPointers()) {
      sink.beginObject();
      sink.name("level");
      sink.number(pointer.level());
      sink.name("key");
      sink.bytes(pointer.key());
      sink.endObject();
    }
    sink.endArray();
  }

  private static void deletedFiles(VersionEdit edit, ValueSink sink) {
    if (edit.deletedFiles().isEmpty()) {
      return;
    }
    sink.name("deletedFiles");
    sink.beginArray();
    for (VersionEdit.DeletedFile file : edit.deletedFiles()) {
      sink.beginObject();
      sink.name("level");
      sink.number(file.level());
      sink.name("number");
      sink.number(file.number());
      sink.endObject();
    }
    sink.endArray();
  }

  private static void newFiles(VersionEdit edit, ValueSink sink) {
    if (edit.newFiles().isEmpty()) {
      return;
    }
    sink.name("newFiles");
    sink.beginArray();
    for (VersionEdit.NewFile file : edit.newFiles()) {
      sink.beginObject();
      sink.name("level");
      sink.number(file.level());
      sink.name("number");
      sink.number(file.number());
      sink.name("bytes");
      sink.number(file.bytes());
      sink.name("smallest");
      sink.bytes(file.smallest());
      sink.name("largest");
      sink.bytes(file.largest());
      sink.endObject();
    }
    sink.endArray();
  }

  private static boolean isFirstEdit(ByteBuffer payload) {
    try {
      return VersionEdit.decode(payload).comparator().isPresent();
    } catch (FormatException noEdit) {
      return false;
    }
  }
}
