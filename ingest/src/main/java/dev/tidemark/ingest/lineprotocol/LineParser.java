package dev.tidemark.ingest.lineprotocol;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// Parses InfluxDB line protocol, strictly, with no object per value.
///
/// What is a line. Lines end with `\n` or `\r\n`; a line end inside a string belongs to the string.
/// Blank lines and lines whose first byte after spaces and tabs is `#` are passed over, whatever
/// bytes a comment holds. A line without a timestamp gets the arrival time.
///
/// What is escaped. In a tag key, a tag value and a field key `\,` `\=` and `\ ` stand for the
/// second byte, in a string `\"` and `\\` do; any other backslash is itself. A measurement obeys
/// [dev.tidemark.ingest.name.MeasurementName], so that none can hold an escaped byte.
///
/// What is bad. An empty key, tag value or field value (`""` is a value), no fields, a number
/// beyond its range, NaN and infinities, a duplicate key, a name that is both a tag and a field, a
/// column named `time`, an unterminated quote, a NUL, invalid UTF-8, anything beyond [Limits], and
/// whatever does not follow the grammar. A bad line reaches no sink, and parsing goes on at the
/// next line end that is not inside a string, so that quoted text is never taken for a point.
///
/// A quote is unterminated if none follows in the body, or if the next one lies on a later line and
/// is not followed by `,`, a space or a line end: then it is taken for the opening quote of that
/// line. The fault is reported where the quote opens, and parsing goes on at the very next physical
/// line, so that good lines behind it are kept.
///
/// A parser keeps its working memory and may be used again and again, by one thread at a time; it
/// holds no reference to a body after [#parse] returned.
public final class LineParser {
  /// How many faults a result describes; all are counted.
  public static final int MAX_ERRORS = 10;

  // All fields: owned by the thread that parses.
  private final LineCursor cursor = new LineCursor();
  private final Point point = new Point();
  private final PointReader reader = new PointReader(cursor, point);
  private List<LineError> errors = new ArrayList<>();
  private int accepted;
  private int rejected;
  private int line;
  // The next byte that is no text; everything before it, from the current line on, is.
  private int textFaultAt;

  /// Creates a parser.
  public LineParser() {}

  /// Parses a body and hands its good lines to a sink, in order.
  ///
  /// @param body the array the body is in; it must not change during the call
  /// @param offset where the body starts
  /// @param length how many bytes it has
  /// @param precision the unit of its timestamps
  /// @param arrivalNanos the time of points that state none, in nanoseconds since 1970
  /// @param sink takes the points; what it throws ends the call and leaves the parser usable
  /// @return the counts and the first [#MAX_ERRORS] faults
  /// @throws IndexOutOfBoundsException if the array does not have that range
  public ParseResult parse(
      byte[] body, int offset, int length, Precision precision, long arrivalNanos, PointSink sink) {
    Objects.checkFromIndexSize(offset, length, body.length);
    begin(body, offset, offset + length);
    try {
      while (cursor.at < cursor.end) {
        parseLine(precision, arrivalNanos, sink);
      }
      return new ParseResult(accepted, rejected, errors);
    } finally {
      cursor.release();
      point.release();
    }
  }

  private void begin(byte[] body, int from, int to) {
    cursor.begin(body, from, to);
    errors = new ArrayList<>();
    accepted = 0;
    rejected = 0;
    line = 1;
    textFaultAt = TextCheck.firstFault(body, from, to);
  }

  private void parseLine(Precision precision, long arrivalNanos, PointSink sink) {
    int start = cursor.at;
    int first = firstInk(start);
    if (cursor.isLineEnd(first) || cursor.body[first] == '#') {
      cursor.at = cursor.afterNewline(first);
      line++;
      return;
    }
    cursor.at = first;
    cursor.beginLine();
    point.begin(line, first);
    boolean isGood = reader.read(precision, arrivalNanos);
    int readTo = cursor.at;
    if (!isGood) {
      cursor.leaveBadLine();
    }
    int next = cursor.at;
    if (isTextFaultBefore(first, isGood ? next : Math.max(readTo, cursor.faultAt()))) {
      reject(start, textFaultAt, cursor.body[textFaultAt] == 0 ? Fault.NUL : Fault.TEXT);
    } else if (isGood) {
      deliver(start, next, sink);
    } else {
      reject(start, cursor.faultAt(), cursor.fault());
    }
    line += isGood && !cursor.lineRunsOn() ? 1 : newlines(start, next);
  }

  /// The first byte that is neither space nor tab.
  private int firstInk(int from) {
    int i = from;
    while (i < cursor.end && (cursor.body[i] == ' ' || cursor.body[i] == '\t')) {
      i++;
    }
    return i;
  }

  private boolean isTextFaultBefore(int from, int to) {
    if (textFaultAt < from) {
      textFaultAt = TextCheck.firstFault(cursor.body, from, cursor.end);
    }
    return textFaultAt < to;
  }

  private void deliver(int start, int next, PointSink sink) {
    point.end(next);
    sink.accept(point);
    String refusal = point.refusal();
    if (refusal == null) {
      accepted++;
    } else {
      reject(start, point.refusedAt(), refusal);
    }
  }

  private void reject(int start, int at, Fault fault) {
    // Beyond the limit no words are made: a body of nothing but faults must stay cheap.
    reject(start, at, errors.size() < MAX_ERRORS ? reason(fault, at) : fault.reason());
  }

  private void reject(int start, int at, String reason) {
    rejected++;
    if (errors.size() < MAX_ERRORS) {
      int lineStart = at;
      while (lineStart > start && cursor.body[lineStart - 1] != '\n') {
        lineStart--;
      }
      errors.add(new LineError(line + newlines(start, lineStart), at - lineStart + 1, reason));
    }
  }

  private String reason(Fault fault, int at) {
    return switch (fault) {
      case TAG_TWICE, FIELD_TWICE -> fault.reason() + " '" + nameAt(at) + "'";
      case TAG_AND_FIELD -> "'" + nameAt(at) + "' is both a tag and a field";
      case NAMED_TIME ->
          (at < point.start(point.tagCount()) ? "tag" : "field")
              + " 'time': the name is taken by the timestamp";
      default -> fault.reason();
    };
  }

  private String nameAt(int at) {
    int column = 0;
    while (point.start(column) != at) {
      column++;
    }
    return point.name(column).toString();
  }

  private int newlines(int from, int to) {
    byte[] body = cursor.body;
    int count = 0;
    for (int i = from; i < to; i++) {
      count += body[i] == '\n' ? 1 : 0;
    }
    return count;
  }
}
