package dev.tidemark.formats.leveldb;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tidemark.formats.ByteWriter;
import java.nio.ByteBuffer;
import java.util.OptionalLong;

/// Encodes records of a manifest, fields in the order in which LevelDB writes them.
final class VersionEditWriter {
  private VersionEditWriter() {}

  static ByteBuffer write(VersionEdit edit) {
    ByteWriter bytes = new ByteWriter(128);
    edit.comparator()
        .ifPresent(
            name ->
                bytes
                    .varint(VersionEditLayout.COMPARATOR)
                    .lengthAndBytes(ByteBuffer.wrap(name.getBytes(UTF_8))));
    number(bytes, VersionEditLayout.LOG_NUMBER, edit.logNumber());
    number(bytes, VersionEditLayout.PREVIOUS_LOG_NUMBER, edit.previousLogNumber());
    number(bytes, VersionEditLayout.NEXT_FILE_NUMBER, edit.nextFileNumber());
    number(bytes, VersionEditLayout.LAST_SEQUENCE, edit.lastSequence());
    for (VersionEdit.CompactPointer pointer : edit.compactPointers()) {
      bytes.varint(VersionEditLayout.COMPACT_POINTER).varint(pointer.level());
      bytes.lengthAndBytes(pointer.key());
    }
    for (VersionEdit.DeletedFile file : edit.deletedFiles()) {
      bytes.varint(VersionEditLayout.DELETED_FILE).varint(file.level()).varint(file.number());
    }
    for (VersionEdit.NewFile file : edit.newFiles()) {
      bytes.varint(VersionEditLayout.NEW_FILE).varint(file.level()).varint(file.number());
      bytes.varint(file.bytes()).lengthAndBytes(file.smallest()).lengthAndBytes(file.largest());
    }
    return bytes.written();
  }

  private static void number(ByteWriter bytes, int tag, OptionalLong number) {
    if (number.isPresent()) {
      bytes.varint(tag).varint(number.getAsLong());
    }
  }
}
