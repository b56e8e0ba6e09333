package dev.tidemark.formats.rocksdb;

import org.jspecify.annotations.Nullable;

/// What an operation of a write batch does (facebook/rocksdb, db/dbformat.h, enum ValueType). Most
/// have two tags: one for the default column family, and one before the number of another.
public enum Operation {
  /// Sets a key to a value.
  PUT("put", 0x01, 0x05, true, "key", "value"),

  /// Removes a key.
  DELETE("delete", 0x00, 0x04, true, "key"),

  /// Removes a key that was set once only.
  SINGLE_DELETE("singleDelete", 0x07, 0x08, true, "key"),

  /// Removes the keys from one up to before another.
  DELETE_RANGE("deleteRange", 0x0f, 0x0e, true, "key", "end"),

  /// Hands a value to what merges the values of a key.
  MERGE("merge", 0x02, 0x06, true, "key", "value"),

  /// Sets a key to a value that stands in a blob file.
  PUT_BLOB_INDEX("putBlobIndex", 0x11, 0x10, true, "key", "value"),

  /// Sets a key to named columns.
  PUT_ENTITY("putEntity", 0x16, 0x17, true, "key", "value"),

  /// Sets a key to a value that was written at a time.
  TIMED_PUT("timedPut", 0x18, 0x19, true, "key", "value"),

  /// A note that no key holds.
  LOG_DATA("logData", 0x03, false, "blob"),

  /// Nothing.
  NOOP("noop", 0x0d, false),

  /// The beginning of what a transaction prepares.
  BEGIN_PREPARE("beginPrepare", 0x09, false),

  /// The same, of one whose writes are in the database before they are committed.
  BEGIN_PERSISTED_PREPARE("beginPersistedPrepare", 0x12, false),

  /// The same, of one whose writes are in the database before they are prepared.
  BEGIN_UNPREPARE("beginUnprepare", 0x13, false),

  /// The end of what a transaction prepares.
  END_PREPARE("endPrepare", 0x0a, false, "xid"),

  /// A prepared transaction counts.
  COMMIT("commit", 0x0b, false, "xid"),

  /// A prepared transaction counts, as of a time.
  COMMIT_WITH_TIMESTAMP("commitWithTimestamp", 0x15, false, "timestamp", "xid"),

  /// A prepared transaction never was.
  ROLLBACK("rollback", 0x0c, false, "xid");

  private static final int TAGS = 0x1a;
  private static final @Nullable Operation[] OF_TAG = new Operation[TAGS];

  static {
    for (Operation operation : values()) {
      OF_TAG[operation.tag] = operation;
      if (operation.familyTag >= 0) {
        OF_TAG[operation.familyTag] = operation;
      }
    }
  }

  private final String text;
  private final int tag;
  private final int familyTag;
  private final boolean counts;
  private final int parts;
  private final String firstPart;
  private final String secondPart;

  Operation(String text, int tag, boolean counts, String... parts) {
    this(text, tag, -1, counts, parts);
  }

  Operation(String text, int tag, int familyTag, boolean counts, String... parts) {
    this.text = text;
    this.tag = tag;
    this.familyTag = familyTag;
    this.counts = counts;
    this.parts = parts.length;
    firstPart = parts.length > 0 ? parts[0] : "";
    secondPart = parts.length > 1 ? parts[1] : "";
  }

  /// {@return what a tag stands for, or null if it stands for nothing}
  ///
  /// @param tag as found, from 0 to 255
  static @Nullable Operation of(int tag) {
    return tag < TAGS ? OF_TAG[tag] : null;
  }

  /// {@return its name, as tools show it}
  public String text() {
    return text;
  }

  /// {@return the tag before an operation on the default column family}
  public int tag() {
    return tag;
  }

  /// {@return the tag before one that names its column family; -1 if there is none}
  public int familyTag() {
    return familyTag;
  }

  /// {@return whether it writes to a column family, and counts}
  public boolean isWrite() {
    return counts;
  }

  /// {@return how many parts follow the tag, each bytes behind their length: none, one or two}
  public int parts() {
    return parts;
  }

  /// {@return what a part is: `key`, `value` and others}
  ///
  /// @param part 0 or 1, below [#parts()]
  public String part(int part) {
    if (part < 0 || part >= parts) {
      throw new IllegalArgumentException("part " + part + " of " + text);
    }
    return part == 0 ? firstPart : secondPart;
  }
}
