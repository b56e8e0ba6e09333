package dev.tidemark.ingest.lineprotocol;

import dev.tidemark.ingest.name.MeasurementName;

/// Reads one line into a [Point]: `measurement[,tag=value…] field=value[,field=value…] [time]`.
///
/// Sections are parted by one or more spaces; spaces may stand before the line end too. Owned by
/// one parser, on its thread.
final class PointReader {
  private final LineCursor cursor;
  private final FieldReader fieldReader;
  private final ColumnNames columnNames = new ColumnNames();
  private final Point point;

  PointReader(LineCursor cursor, Point point) {
    this.cursor = cursor;
    this.point = point;
    this.fieldReader = new FieldReader(cursor);
  }

  /// Reads the line the cursor stands on and moves behind it.
  ///
  /// @return false if the line is bad; then the cursor knows the fault and stands anywhere in it
  boolean read(Precision precision, long arrivalNanos) {
    if (!measurement() || !tags()) {
      return false;
    }
    cursor.skipSpaces();
    cursor.enterFields();
    if (cursor.isLineEnd(cursor.at)) {
      return cursor.fail(Fault.NO_FIELDS, cursor.at);
    }
    if (!fields() || !time(precision, arrivalNanos)) {
      return false;
    }
    cursor.at = cursor.afterNewline(cursor.at);
    return namesAreDistinct();
  }

  private boolean measurement() {
    int from = cursor.at;
    Slice name = point.measurement();
    int length = cursor.token(name);
    // No byte that an escape could stand for is allowed in the name, nor is '='.
    if (length > MeasurementName.MAX_LENGTH
        || stop() == '='
        || !MeasurementName.isAllowed(name.array(), name.offset(), length)) {
      return cursor.fail(Fault.MEASUREMENT, from);
    }
    return true;
  }

  private boolean tags() {
    while (stop() == ',') {
      int keyAt = ++cursor.at;
      if (point.columnCount() == Limits.COLUMNS) {
        return cursor.fail(Fault.COLUMNS, keyAt);
      }
      int column = point.nextColumn(keyAt);
      int keyBytes = cursor.token(point.name(column));
      if (keyBytes == 0) {
        return cursor.fail(Fault.TAG_KEY_EMPTY, keyAt);
      }
      if (keyBytes > Limits.NAME_BYTES) {
        return cursor.fail(Fault.NAME_LONG, keyAt);
      }
      if (stop() != '=') {
        return cursor.fail(Fault.TAG_KEY_WITHOUT_VALUE, keyAt);
      }
      int valueAt = ++cursor.at;
      int valueBytes = cursor.token(point.text(column));
      if (stop() == '=') {
        return cursor.fail(Fault.TAG_VALUE_EQUALS, cursor.at);
      }
      if (valueBytes == 0) {
        return cursor.fail(Fault.TAG_VALUE_EMPTY, valueAt);
      }
      if (valueBytes > Limits.TEXT_BYTES) {
        return cursor.fail(Fault.TAG_VALUE_LONG, valueAt);
      }
      point.addTag();
    }
    return true;
  }

  private boolean fields() {
    while (true) {
      int keyAt = cursor.at;
      if (point.columnCount() == Limits.COLUMNS) {
        return cursor.fail(Fault.COLUMNS, keyAt);
      }
      int column = point.nextColumn(keyAt);
      int keyBytes = cursor.token(point.name(column));
      if (keyBytes == 0) {
        return cursor.fail(Fault.FIELD_KEY_EMPTY, keyAt);
      }
      if (keyBytes > Limits.NAME_BYTES) {
        return cursor.fail(Fault.NAME_LONG, keyAt);
      }
      if (stop() != '=') {
        return cursor.fail(Fault.FIELD_WITHOUT_VALUE, keyAt);
      }
      cursor.at++;
      if (!fieldReader.read(point, column)) {
        return false;
      }
      if (stop() != ',') {
        return true;
      }
      cursor.at++;
    }
  }

  private boolean time(Precision precision, long arrivalNanos) {
    cursor.skipSpaces();
    int from = cursor.at;
    if (cursor.isLineEnd(from)) {
      point.time(arrivalNanos, false);
      return true;
    }
    byte[] body = cursor.body;
    boolean isNegative = body[from] == '-';
    int digitsAt = isNegative ? from + 1 : from;
    int i = digitsAt;
    // Counted downwards, because the negative numbers reach one further than the positive.
    long value = 0;
    boolean isInRange = true;
    for (; i < cursor.end; i++) {
      int digit = body[i] - '0';
      if (digit < 0 || digit > 9) {
        break;
      }
      isInRange &=
          value > FieldReader.LAST_BEFORE_OVERFLOW
              || (value == FieldReader.LAST_BEFORE_OVERFLOW && digit <= 8);
      value = value * 10 - digit;
    }
    cursor.at = i;
    cursor.skipSpaces();
    if (i == digitsAt || !cursor.isLineEnd(cursor.at)) {
      return cursor.fail(Fault.TIME, from);
    }
    isInRange &= isNegative || value != Long.MIN_VALUE;
    value = isNegative ? value : -value;
    if (!isInRange || !precision.fits(value)) {
      return cursor.fail(Fault.TIME_RANGE, from);
    }
    point.time(precision.toNanos(value), true);
    return true;
  }

  private boolean namesAreDistinct() {
    int column = columnNames.firstFault(point);
    if (column < 0) {
      return true;
    }
    return cursor.failLine(columnNames.fault(), point.start(column), cursor.at);
  }

  /// {@return the byte the cursor stands on, or a line feed where the body ends}
  private byte stop() {
    return cursor.at < cursor.end ? cursor.body[cursor.at] : (byte) '\n';
  }
}
