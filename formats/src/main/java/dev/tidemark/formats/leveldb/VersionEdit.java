package dev.tidemark.formats.leveldb;

import dev.tidemark.formats.FormatException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// One record of a manifest: what changed about the files of a directory. Immutable.
///
/// File numbers, sequence numbers and sizes are 64 bits without a sign in the file; those above
/// 2^63-1 are refused by [VersionEditReader].
///
/// @param comparator the name of the order of keys, if the edit states it
/// @param logNumber the number of the oldest log that is still needed, if it states it
/// @param previousLogNumber the number of the log that is being flushed; 0 for none
/// @param nextFileNumber a number above all those in use
/// @param lastSequence the highest sequence number in use
/// @param compactPointers where the next compaction of a level begins
/// @param deletedFiles tables that are no longer needed
/// @param newFiles tables that are
public record VersionEdit(
    Optional<String> comparator,
    OptionalLong logNumber,
    OptionalLong previousLogNumber,
    OptionalLong nextFileNumber,
    OptionalLong lastSequence,
    List<CompactPointer> compactPointers,
    List<DeletedFile> deletedFiles,
    List<NewFile> newFiles) {

  /// How many levels there are.
  public static final int LEVELS = 7;

  /// Copies the lists.
  public VersionEdit {
    compactPointers = List.copyOf(compactPointers);
    deletedFiles = List.copyOf(deletedFiles);
    newFiles = List.copyOf(newFiles);
  }

  /// Where the next compaction of a level begins.
  ///
  /// @param level 0 to 6
  /// @param key the internal key, read-only
  public record CompactPointer(int level, ByteBuffer key) {}

  /// A table that is no longer needed.
  ///
  /// @param level 0 to 6
  /// @param number of the file
  public record DeletedFile(int level, long number) {}

  /// A table that is needed.
  ///
  /// @param level 0 to 6
  /// @param number of the file
  /// @param bytes its exact size
  /// @param smallest its first internal key, read-only
  /// @param largest its last internal key, read-only
  public record NewFile(
      int level, long number, long bytes, ByteBuffer smallest, ByteBuffer largest) {}

  /// {@return what a record of a manifest holds}
  ///
  /// @param payload from position to limit; it stays as it is; keys are copied out of it
  /// @throws FormatException if it is not one
  public static VersionEdit decode(ByteBuffer payload) throws FormatException {
    return VersionEditReader.read(payload);
  }

  /// {@return the record of a manifest that holds this, as LevelDB writes it; the caller's}
  public ByteBuffer encode() {
    return VersionEditWriter.write(this);
  }

  /// {@return an edit that changes nothing yet}
  public static Builder builder() {
    return new Builder();
  }

  /// Collects what an edit states. For one thread at a time.
  public static final class Builder {
    private Optional<String> comparator = Optional.empty();
    private OptionalLong logNumber = OptionalLong.empty();
    private OptionalLong previousLogNumber = OptionalLong.empty();
    private OptionalLong nextFileNumber = OptionalLong.empty();
    private OptionalLong lastSequence = OptionalLong.empty();
    private final List<CompactPointer> compactPointers = new ArrayList<>();
    private final List<DeletedFile> deletedFiles = new ArrayList<>();
    private final List<NewFile> newFiles = new ArrayList<>();

    private Builder() {}

    /// {@return this}
    ///
    /// @param name see [VersionEdit#comparator()]
    public Builder comparator(String name) {
      comparator = Optional.of(name);
      return this;
    }

    /// {@return this}
    ///
    /// @param number see [VersionEdit#logNumber()]
    public Builder logNumber(long number) {
      logNumber = OptionalLong.of(number);
      return this;
    }

    /// {@return this}
    ///
    /// @param number see [VersionEdit#previousLogNumber()]
    public Builder previousLogNumber(long number) {
      previousLogNumber = OptionalLong.of(number);
      return this;
    }

    /// {@return this}
    ///
    /// @param number see [VersionEdit#nextFileNumber()]
    public Builder nextFileNumber(long number) {
      nextFileNumber = OptionalLong.of(number);
      return this;
    }

    /// {@return this}
    ///
    /// @param sequence see [VersionEdit#lastSequence()]
    public Builder lastSequence(long sequence) {
      lastSequence = OptionalLong.of(sequence);
      return this;
    }

    /// {@return this}
    ///
    /// @param pointer is added
    public Builder add(CompactPointer pointer) {
      compactPointers.add(pointer);
      return this;
    }

    /// {@return this}
    ///
    /// @param file is added
    public Builder add(DeletedFile file) {
      deletedFiles.add(file);
      return this;
    }

    /// {@return this}
    ///
    /// @param file is added
    public Builder add(NewFile file) {
      newFiles.add(file);
      return this;
    }

    /// {@return the edit}
    public VersionEdit build() {
      return new VersionEdit(
          comparator,
          logNumber,
          previousLogNumber,
          nextFileNumber,
          lastSequence,
          compactPointers,
          deletedFiles,
          newFiles);
    }
  }
}
