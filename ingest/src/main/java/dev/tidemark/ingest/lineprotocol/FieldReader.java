package dev.tidemark.ingest.lineprotocol;

import java.nio.charset.StandardCharsets;

/// Reads a field's value: a number, an integer with `i` or `u`, a boolean or a quoted string.
///
/// Owned by one parser, on its thread.
final class FieldReader {
  /// A number counted downwards can take one more digit above this, up to 8 at it.
  static final long LAST_BEFORE_OVERFLOW = Long.MIN_VALUE / 10;

  private static final int MAX_EXPONENT = 100_000;

  private final LineCursor cursor;

  FieldReader(LineCursor cursor) {
    this.cursor = cursor;
  }

  /// Reads the value the cursor stands on and moves behind it, onto `,`, a space or the line end.
  ///
  /// @return false if it is bad; then the cursor knows the fault
  boolean read(Point point, int column) {
    int from = cursor.at;
    if (from < cursor.end && cursor.body[from] == '"') {
      return string(point, column);
    }
    int to = tokenEnd(from);
    cursor.at = to;
    if (to == from) {
      return cursor.fail(Fault.FIELD_VALUE_EMPTY, from);
    }
    if (to - from > Limits.NUMBER_BYTES) {
      return cursor.fail(Fault.NUMBER_LONG, from);
    }
    byte first = cursor.body[from];
    byte last = cursor.body[to - 1];
    if (last == 'i') {
      return integer(point, from, to - 1);
    }
    if (last == 'u') {
      return unsigned(point, from, to - 1);
    }
    if (first <= '9') {
      return number(point, from, to);
    }
    return word(point, from, to);
  }

  private int tokenEnd(int from) {
    byte[] body = cursor.body;
    int i = from;
    while (i < cursor.end) {
      byte b = body[i];
      if (b == ',' || b == ' ' || b == '\n' || (b == '\r' && cursor.isLineEnd(i))) {
        break;
      }
      i++;
    }
    return i;
  }

  private boolean string(Point point, int column) {
    byte[] body = cursor.body;
    int open = cursor.at;
    int close = cursor.closingQuote(open);
    if (!cursor.isStringClosed(close)) {
      return cursor.failLine(Fault.QUOTE_OPEN, open, cursor.afterNewline(open));
    }
    int after = close + 1;
    if (!cursor.isValueEnd(after)) {
      return cursor.fail(Fault.QUOTE_FOLLOWED, after, after);
    }
    int escapes = cursor.stringEscapes();
    int length = close - open - 1 - escapes;
    if (length > Limits.TEXT_BYTES) {
      return cursor.fail(Fault.STRING_LONG, open, after);
    }
    if (escapes == 0) {
      point.text(column).set(body, open + 1, length);
    } else {
      cursor.unescapeString(open + 1, close, length, point.text(column));
    }
    cursor.leaveString(close);
    point.addField(FieldType.STRING, 0);
    return true;
  }

  private boolean integer(Point point, int from, int to) {
    byte[] body = cursor.body;
    boolean isNegative = body[from] == '-';
    int digitsAt = isNegative || body[from] == '+' ? from + 1 : from;
    if (digitsAt >= to) {
      return cursor.fail(Fault.FIELD_VALUE, from);
    }
    long value = 0;
    boolean isInRange = true;
    for (int i = digitsAt; i < to; i++) {
      int digit = body[i] - '0';
      if (digit < 0 || digit > 9) {
        return cursor.fail(Fault.FIELD_VALUE, from);
      }
      isInRange &= value > LAST_BEFORE_OVERFLOW || (value == LAST_BEFORE_OVERFLOW && digit <= 8);
      value = value * 10 - digit;
    }
    if (!isInRange || (!isNegative && value == Long.MIN_VALUE)) {
      return cursor.fail(Fault.INTEGER_RANGE, from);
    }
    point.addField(FieldType.INTEGER, isNegative ? value : -value);
    return true;
  }

  private boolean unsigned(Point point, int from, int to) {
    byte[] body = cursor.body;
    int digitsAt = body[from] == '+' ? from + 1 : from;
    if (digitsAt >= to) {
      return cursor.fail(Fault.FIELD_VALUE, from);
    }
    // 2^64 - 1 is ten times this and 5.
    long last = 1_844_674_407_370_955_161L;
    long value = 0;
    boolean isInRange = true;
    for (int i = digitsAt; i < to; i++) {
      int digit = body[i] - '0';
      if (digit < 0 || digit > 9) {
        return cursor.fail(Fault.FIELD_VALUE, from);
      }
      // Once it is out of range the rest of the digits is only looked at, not counted.
      isInRange &= value >= 0 && (value < last || (value == last && digit <= 5));
      value = value * 10 + digit;
    }
    if (!isInRange) {
      return cursor.fail(Fault.UNSIGNED_RANGE, from);
    }
    point.addField(FieldType.UNSIGNED, value);
    return true;
  }

  /// `[sign] digits [. digits] [e [sign] digits]`, where one of the two runs of digits may be
  /// empty.
  private boolean number(Point point, int from, int to) {
    byte[] body = cursor.body;
    boolean isNegative = body[from] == '-';
    int i = isNegative || body[from] == '+' ? from + 1 : from;
    long digits = 0;
    int significant = 0;
    int pointAt = -1;
    int firstDigitAt = i;
    for (; i < to; i++) {
      int digit = body[i] - '0';
      if (digit >= 0 && digit <= 9) {
        digits = digits * 10 + digit;
        significant += significant > 0 || digit > 0 ? 1 : 0;
      } else if (body[i] == '.' && pointAt < 0) {
        pointAt = i;
      } else {
        break;
      }
    }
    int digitsEnd = i;
    int digitCount = digitsEnd - firstDigitAt - (pointAt < 0 ? 0 : 1);
    int exponent = i < to ? exponent(i, to) : 0;
    if (digitCount == 0 || exponent == Integer.MIN_VALUE) {
      return cursor.fail(isNotFinite(from, to) ? Fault.NOT_FINITE : Fault.FIELD_VALUE, from);
    }
    int scale = exponent - (pointAt < 0 ? 0 : digitsEnd - pointAt - 1);
    double value =
        significant <= Decimals.MAX_DIGITS ? Decimals.toDouble(digits, scale) : Double.NaN;
    if (Double.isNaN(value)) {
      // The digits are many or the case is close: the JDK decides, at the price of a string.
      String text = new String(body, from, to - from, StandardCharsets.ISO_8859_1);
      value = Math.abs(Double.parseDouble(text));
    }
    if (Double.isInfinite(value)) {
      return cursor.fail(Fault.FLOAT_RANGE, from);
    }
    point.addField(FieldType.FLOAT, Double.doubleToRawLongBits(isNegative ? -value : value));
    return true;
  }

  /// {@return the exponent that starts here, cut to a range that decides the same; the smallest int
  /// if there is none}
  private int exponent(int from, int to) {
    byte[] body = cursor.body;
    if (body[from] != 'e' && body[from] != 'E') {
      return Integer.MIN_VALUE;
    }
    int i = from + 1;
    boolean isNegative = i < to && body[i] == '-';
    i += isNegative || (i < to && body[i] == '+') ? 1 : 0;
    if (i == to) {
      return Integer.MIN_VALUE;
    }
    int value = 0;
    for (; i < to; i++) {
      int digit = body[i] - '0';
      if (digit < 0 || digit > 9) {
        return Integer.MIN_VALUE;
      }
      value = Math.min(value * 10 + digit, MAX_EXPONENT);
    }
    return isNegative ? -value : value;
  }

  private boolean word(Point point, int from, int to) {
    if (isWord(from, to, "t", "true") || isWord(from, to, "T", "True") || is(from, to, "TRUE")) {
      point.addField(FieldType.BOOLEAN, 1);
      return true;
    }
    if (isWord(from, to, "f", "false") || isWord(from, to, "F", "False") || is(from, to, "FALSE")) {
      point.addField(FieldType.BOOLEAN, 0);
      return true;
    }
    return cursor.fail(isNotFinite(from, to) ? Fault.NOT_FINITE : Fault.FIELD_VALUE, from);
  }

  private boolean isWord(int from, int to, String letter, String word) {
    return is(from, to, to - from == 1 ? letter : word);
  }

  private boolean is(int from, int to, String word) {
    if (to - from != word.length()) {
      return false;
    }
    for (int i = 0; i < word.length(); i++) {
      if (cursor.body[from + i] != word.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private boolean isNotFinite(int from, int to) {
    byte sign = cursor.body[from];
    int start = sign == '-' || sign == '+' ? from + 1 : from;
    if (to - start > "infinity".length()) {
      return false;
    }
    String word = new String(cursor.body, start, to - start, StandardCharsets.ISO_8859_1);
    return word.equalsIgnoreCase("nan")
        || word.equalsIgnoreCase("inf")
        || word.equalsIgnoreCase("infinity");
  }
}
