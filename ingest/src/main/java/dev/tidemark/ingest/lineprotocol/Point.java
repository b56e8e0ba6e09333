package dev.tidemark.ingest.lineprotocol;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One good line: a measurement, its tags, its fields and its time. A flyweight that the parser
/// fills again for each line; it and its slices are lent for one [PointSink#accept(Point)].
///
/// Not thread safe. Indexes count from 0 in the order of the line.
public final class Point {
  private static final int FIRST_CAPACITY = 16;

  // All fields: owned by the parser, on its thread. Columns are the tags and, after them, the
  // fields, so that one index space serves the search for duplicates.
  private final Slice measurement = new Slice();
  private Slice[] names = slices(FIRST_CAPACITY);
  private Slice[] texts = slices(FIRST_CAPACITY);
  private FieldType[] types = new FieldType[FIRST_CAPACITY];
  private long[] bits = new long[FIRST_CAPACITY];
  private int[] starts = new int[FIRST_CAPACITY];
  private int tagCount;
  private int columnCount;
  private long timeNanos;
  private boolean isTimeGiven;
  private int line;
  private int offset;
  private int endOffset;
  private @Nullable String refusal;
  private int refusedAt;

  Point() {
    Arrays.fill(types, FieldType.FLOAT);
  }

  /// {@return the physical line of the body the point starts on, from 1}
  public int line() {
    return line;
  }

  /// {@return where the line starts in the array that was parsed}
  public int offset() {
    return offset;
  }

  /// {@return where the next line starts in the array that was parsed: a body may be cut here}
  public int endOffset() {
    return endOffset;
  }

  /// {@return the measurement's name, of the letters the naming rule allows}
  public Slice measurement() {
    return measurement;
  }

  /// {@return how many tags}
  public int tagCount() {
    return tagCount;
  }

  /// {@return a tag's key, unescaped}
  ///
  /// @param tag which, from 0
  public Slice tagKey(int tag) {
    return names[Objects.checkIndex(tag, tagCount)];
  }

  /// {@return a tag's value, unescaped, never empty}
  ///
  /// @param tag which, from 0
  public Slice tagValue(int tag) {
    return texts[Objects.checkIndex(tag, tagCount)];
  }

  /// {@return how many fields, at least 1}
  public int fieldCount() {
    return columnCount - tagCount;
  }

  /// {@return a field's key, unescaped}
  ///
  /// @param field which, from 0
  public Slice fieldKey(int field) {
    return names[column(field)];
  }

  /// {@return what a field holds; it says which of the value methods applies}
  ///
  /// @param field which, from 0
  public FieldType fieldType(int field) {
    return types[column(field)];
  }

  /// {@return the value of a [FieldType#FLOAT], finite}
  ///
  /// @param field which, from 0
  public double floatValue(int field) {
    return Double.longBitsToDouble(bits(field, FieldType.FLOAT));
  }

  /// {@return the value of a [FieldType#INTEGER]}
  ///
  /// @param field which, from 0
  public long integerValue(int field) {
    return bits(field, FieldType.INTEGER);
  }

  /// {@return the value of a [FieldType#UNSIGNED], to be read with [Long#toUnsignedString(long)]}
  ///
  /// @param field which, from 0
  public long unsignedValue(int field) {
    return bits(field, FieldType.UNSIGNED);
  }

  /// {@return the value of a [FieldType#BOOLEAN]}
  ///
  /// @param field which, from 0
  public boolean booleanValue(int field) {
    return bits(field, FieldType.BOOLEAN) != 0;
  }

  /// {@return the value of a [FieldType#STRING], unescaped, perhaps empty}
  ///
  /// @param field which, from 0
  public Slice stringValue(int field) {
    int column = column(field);
    check(column, FieldType.STRING);
    return texts[column];
  }

  /// {@return the point's time in nanoseconds since 1970: the line's own or the arrival time}
  public long timeNanos() {
    return timeNanos;
  }

  /// {@return whether the line has a timestamp of its own}
  public boolean isTimeGiven() {
    return isTimeGiven;
  }

  /// Refuses the point because of its measurement. The first refusal counts.
  ///
  /// @param reason what is wrong, for the sender to read
  public void refuse(String reason) {
    refuseAt(offset, reason);
  }

  /// Refuses the point because of a tag. The first refusal counts.
  ///
  /// @param tag which, from 0
  /// @param reason what is wrong, for the sender to read
  public void refuseTag(int tag, String reason) {
    refuseAt(starts[Objects.checkIndex(tag, tagCount)], reason);
  }

  /// Refuses the point because of a field. The first refusal counts.
  ///
  /// @param field which, from 0
  /// @param reason what is wrong, for the sender to read
  public void refuseField(int field, String reason) {
    refuseAt(starts[column(field)], reason);
  }

  private void refuseAt(int at, String reason) {
    if (refusal == null) {
      refusal = reason;
      refusedAt = at;
    }
  }

  private int column(int field) {
    return tagCount + Objects.checkIndex(field, columnCount - tagCount);
  }

  private long bits(int field, FieldType type) {
    int column = column(field);
    check(column, type);
    return bits[column];
  }

  private void check(int column, FieldType type) {
    if (types[column] != type) {
      throw new IllegalStateException(
          "field '" + names[column] + "' is " + types[column] + ", not " + type);
    }
  }

  // What follows is for the parser.

  void begin(int startLine, int startOffset) {
    line = startLine;
    offset = startOffset;
    tagCount = 0;
    columnCount = 0;
    refusal = null;
  }

  void end(int nextLineOffset) {
    endOffset = nextLineOffset;
  }

  void time(long nanos, boolean given) {
    timeNanos = nanos;
    isTimeGiven = given;
  }

  /// Makes room for a column and returns its index. It counts once [#addTag()] or
  /// [#addField(FieldType,long)] says so.
  int nextColumn(int startOffset) {
    if (columnCount == names.length) {
      grow();
    }
    starts[columnCount] = startOffset;
    return columnCount;
  }

  void addTag() {
    tagCount++;
    columnCount++;
  }

  void addField(FieldType type, long valueBits) {
    types[columnCount] = type;
    bits[columnCount] = valueBits;
    columnCount++;
  }

  int columnCount() {
    return columnCount;
  }

  Slice name(int column) {
    return names[column];
  }

  Slice text(int column) {
    return texts[column];
  }

  int start(int column) {
    return starts[column];
  }

  @Nullable String refusal() {
    return refusal;
  }

  int refusedAt() {
    return refusedAt;
  }

  void release() {
    measurement.release();
    for (Slice name : names) {
      name.release();
    }
    for (Slice text : texts) {
      text.release();
    }
  }

  private void grow() {
    int old = names.length;
    names = grown(names);
    texts = grown(texts);
    types = Arrays.copyOf(types, old * 2);
    Arrays.fill(types, old, old * 2, FieldType.FLOAT);
    bits = Arrays.copyOf(bits, old * 2);
    starts = Arrays.copyOf(starts, old * 2);
  }

  private static Slice[] grown(Slice[] old) {
    Slice[] all = Arrays.copyOf(old, old.length * 2);
    for (int i = old.length; i < all.length; i++) {
      all[i] = new Slice();
    }
    return all;
  }

  private static Slice[] slices(int count) {
    Slice[] all = new Slice[count];
    Arrays.setAll(all, i -> new Slice());
    return all;
  }
}
