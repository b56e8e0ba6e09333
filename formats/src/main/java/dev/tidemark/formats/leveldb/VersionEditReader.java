package dev.tidemark.formats.leveldb;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tidemark.formats.ByteReader;
import dev.tidemark.formats.FormatException;
import java.nio.ByteBuffer;

/// Decodes records of a manifest. Stricter than LevelDB in three things that its writer never does:
/// numbers above 2^63-1, internal keys of less than 8 bytes, and varints of more than 32 bits where
/// LevelDB drops the upper ones, are refused.
final class VersionEditReader {
  // What an internal key ends with: its sequence number and its kind.
  private static final int INTERNAL_KEY_BYTES = 8;

  private VersionEditReader() {}

  static VersionEdit read(ByteBuffer payload) throws FormatException {
    ByteReader bytes = ByteReader.of(payload);
    VersionEdit.Builder edit = VersionEdit.builder();
    while (bytes.hasRemaining()) {
      field(bytes, edit);
    }
    return edit.build();
  }

  /// {@return whether the first field is a comparator}
  ///
  /// @param beginning of a record; it stays as it is
  static boolean beginsWithComparator(ByteBuffer beginning) {
    ByteReader bytes = ByteReader.of(beginning);
    try {
      return bytes.varint32("tag") == VersionEditLayout.COMPARATOR
          && bytes.lengthAndBytes("comparator name").hasRemaining();
    } catch (FormatException noEdit) {
      return false;
    }
  }

  private static void field(ByteReader bytes, VersionEdit.Builder edit) throws FormatException {
    long tag = bytes.varint32("tag");
    switch ((int) tag) {
      case VersionEditLayout.COMPARATOR ->
          edit.comparator(UTF_8.decode(bytes.lengthAndBytes("comparator name")).toString());
      case VersionEditLayout.LOG_NUMBER -> edit.logNumber(number(bytes, "log number"));
      case VersionEditLayout.PREVIOUS_LOG_NUMBER ->
          edit.previousLogNumber(number(bytes, "previous log number"));
      case VersionEditLayout.NEXT_FILE_NUMBER ->
          edit.nextFileNumber(number(bytes, "next file number"));
      case VersionEditLayout.LAST_SEQUENCE ->
          edit.lastSequence(number(bytes, "last sequence number"));
      case VersionEditLayout.COMPACT_POINTER ->
          edit.add(new VersionEdit.CompactPointer(level(bytes), key(bytes, "compaction pointer")));
      case VersionEditLayout.DELETED_FILE ->
          edit.add(
              new VersionEdit.DeletedFile(level(bytes), number(bytes, "number of a deleted file")));
      case VersionEditLayout.NEW_FILE ->
          edit.add(
              new VersionEdit.NewFile(
                  level(bytes),
                  number(bytes, "number of a new file"),
                  number(bytes, "size of a new file"),
                  key(bytes, "smallest key of a new file"),
                  key(bytes, "largest key of a new file")));
      default -> throw bytes.wrong("unknown tag " + tag);
    }
  }

  private static int level(ByteReader bytes) throws FormatException {
    long level = bytes.varint32("level");
    if (level >= VersionEdit.LEVELS) {
      throw bytes.wrong("level " + level + " of 7");
    }
    return (int) level;
  }

  private static long number(ByteReader bytes, String what) throws FormatException {
    long number = bytes.varint64(what);
    if (number < 0) {
      throw bytes.wrong(what + " is " + Long.toUnsignedString(number) + ", which no file has");
    }
    return number;
  }

  private static ByteBuffer key(ByteReader bytes, String what) throws FormatException {
    ByteBuffer key = bytes.lengthAndBytes(what);
    if (key.remaining() < INTERNAL_KEY_BYTES) {
      throw bytes.wrong(
          what + " has " + key.remaining() + " bytes, and an internal key 8 at least");
    }
    return ByteBuffer.allocate(key.remaining()).put(key).flip().asReadOnlyBuffer();
  }
}
