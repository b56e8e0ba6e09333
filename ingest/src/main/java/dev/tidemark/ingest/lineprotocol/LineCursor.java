package dev.tidemark.ingest.lineprotocol;

/// Where the parser stands in a body, what tokens lie ahead, and the first fault of a line.
///
/// Owned by one parser, on its thread.
final class LineCursor {
  // One bit for each byte that may end a token of a name, so that the scan looks up a table once
  // per byte. A carriage return ends one only where a line ends.
  private static final byte COMMA = 1;
  private static final byte EQUALS = 2;
  private static final byte SPACE = 4;
  private static final byte NEWLINE = 8;
  private static final byte BACKSLASH = 16;
  private static final byte RETURN = 32;
  private static final byte[] CLASSES = classes();

  private static final int KEPT_SCRATCH_BYTES = 1 << 20;

  private static final byte[] NONE = new byte[0];

  // What a line, a string and a fault are known by; all of it owned by the thread that parses.
  byte[] body = NONE;
  int at;
  int end;

  private Fault fault = Fault.REFUSED;
  private int faultAt;
  private int skipFrom;
  private boolean isNextLineKnown;
  private boolean isInFields;
  private boolean lineRunsOn;
  private int stringEscapes;
  private boolean stringRunsOverLines;

  // Texts with escapes live here, unescaped, until the next line. When it must grow, slices of the
  // same line go on pointing into the old array.
  private byte[] scratch = new byte[256];
  private int scratchUsed;

  private static byte[] classes() {
    byte[] classes = new byte[256];
    classes[','] = COMMA;
    classes['='] = EQUALS;
    classes[' '] = SPACE;
    classes['\n'] = NEWLINE;
    classes['\\'] = BACKSLASH;
    classes['\r'] = RETURN;
    return classes;
  }

  void begin(byte[] bytes, int from, int to) {
    body = bytes;
    at = from;
    end = to;
  }

  void release() {
    body = NONE;
    if (scratch.length > KEPT_SCRATCH_BYTES) {
      scratch = new byte[256];
    }
  }

  void beginLine() {
    scratchUsed = 0;
    isInFields = false;
    isNextLineKnown = false;
    lineRunsOn = false;
  }

  void enterFields() {
    isInFields = true;
  }

  /// {@return whether the line ends at this byte: at a line feed, at a carriage return before one,
  /// or where the body ends}
  boolean isLineEnd(int i) {
    if (i >= end) {
      return true;
    }
    byte b = body[i];
    return b == '\n' || (b == '\r' && (i + 1 == end || body[i + 1] == '\n'));
  }

  /// {@return the start of the next physical line}
  int afterNewline(int from) {
    int i = from;
    while (i < end && body[i] != '\n') {
      i++;
    }
    return Math.min(i + 1, end);
  }

  void skipSpaces() {
    int i = at;
    while (i < end && body[i] == ' ') {
      i++;
    }
    at = i;
  }

  /// Reads up to the next `,`, `=`, space or line end that is not escaped, which [#at] is left on.
  ///
  /// @return how many bytes it has, unescaped
  int token(Slice into) {
    byte[] bytes = body;
    int from = at;
    int i = from;
    int escapes = 0;
    for (; i < end; i++) {
      int kind = CLASSES[bytes[i] & 0xff];
      if (kind == 0) {
        continue;
      }
      if (kind == BACKSLASH) {
        if (isEscape(i)) {
          escapes++;
          i++;
        }
      } else if (kind != RETURN || isLineEnd(i)) {
        break;
      }
    }
    at = i;
    int length = i - from - escapes;
    if (escapes == 0) {
      into.set(bytes, from, length);
    } else if (length <= Limits.TEXT_BYTES) {
      unescapeName(from, i, length, into);
    }
    return length;
  }

  private boolean isEscape(int i) {
    return i + 1 < end && (CLASSES[body[i + 1] & 0xff] & (COMMA | EQUALS | SPACE)) != 0;
  }

  private void unescapeName(int from, int to, int length, Slice into) {
    int target = room(length);
    into.set(scratch, target, length);
    for (int i = from; i < to; i++) {
      if (body[i] == '\\' && isEscape(i)) {
        i++;
      }
      scratch[target++] = body[i];
    }
  }

  /// Copies the inside of a string, freed of its escapes.
  void unescapeString(int from, int to, int length, Slice into) {
    int target = room(length);
    into.set(scratch, target, length);
    for (int i = from; i < to; i++) {
      if (body[i] == '\\' && isStringEscape(i)) {
        i++;
      }
      scratch[target++] = body[i];
    }
  }

  /// {@return whether the backslash here frees the byte after it, inside a string}
  boolean isStringEscape(int i) {
    return i + 1 < end && (body[i + 1] == '"' || body[i + 1] == '\\');
  }

  private int room(int length) {
    if (scratchUsed + length > scratch.length) {
      scratch = new byte[Math.max(length, 2 * scratch.length)];
      scratchUsed = 0;
    }
    int target = scratchUsed;
    scratchUsed += length;
    return target;
  }

  /// Finds the quote that closes a string.
  ///
  /// @param open its opening quote
  /// @return the closing quote, or the body's end
  int closingQuote(int open) {
    byte[] bytes = body;
    int escapes = 0;
    boolean runsOverLines = false;
    int i = open + 1;
    for (; i < end && bytes[i] != '"'; i++) {
      if (bytes[i] == '\\' && isStringEscape(i)) {
        escapes++;
        i++;
      } else if (bytes[i] == '\n') {
        runsOverLines = true;
      }
    }
    stringEscapes = escapes;
    stringRunsOverLines = runsOverLines;
    return i;
  }

  /// {@return how many escapes the string of the last [#closingQuote(int)] has}
  int stringEscapes() {
    return stringEscapes;
  }

  /// {@return whether what [#closingQuote(int)] found closes that string}. A quote on a later line
  /// with something other than an end of the value behind it is more likely that line's own.
  boolean isStringClosed(int close) {
    return close < end && (!stringRunsOverLines || isValueEnd(close + 1));
  }

  /// Moves behind the string of the last [#closingQuote(int)].
  void leaveString(int close) {
    lineRunsOn |= stringRunsOverLines;
    at = close + 1;
  }

  /// {@return whether a field's value may end before this byte}
  boolean isValueEnd(int i) {
    return isLineEnd(i) || body[i] == ',' || body[i] == ' ';
  }

  /// {@return whether the line read last had a line end inside a string}
  boolean lineRunsOn() {
    return lineRunsOn;
  }

  /// Notes a fault; the line will be left at the first line end from there that is not inside a
  /// string.
  ///
  /// @return false, for the caller to return
  boolean fail(Fault what, int where) {
    return fail(what, where, where);
  }

  /// Notes a fault, and where to start looking for the line's end.
  ///
  /// @return false, for the caller to return
  boolean fail(Fault what, int where, int lookFrom) {
    fault = what;
    faultAt = where;
    skipFrom = lookFrom;
    return false;
  }

  /// Notes a fault, and where the next line starts.
  ///
  /// @return false, for the caller to return
  boolean failLine(Fault what, int where, int nextLine) {
    fail(what, where, nextLine);
    isNextLineKnown = true;
    return false;
  }

  Fault fault() {
    return fault;
  }

  int faultAt() {
    return faultAt;
  }

  /// Moves to the line after a bad one.
  ///
  /// A line end inside a string does not count, so that text somebody quoted is never taken for a
  /// point. Linear over a whole body: an opening quote follows a `=` and so ends any string opened
  /// before it.
  void leaveBadLine() {
    at = isNextLineKnown ? skipFrom : afterLine(skipFrom);
  }

  private int afterLine(int from) {
    int valueStart = -1;
    int i = from;
    while (i < end && body[i] != '\n') {
      switch (body[i]) {
        case '\\' -> i += isEscape(i) ? 1 : 0;
        case ' ' -> isInFields = true;
        case '=' -> valueStart = i + 1;
        case '"' -> {
          if (isInFields && i == valueStart) {
            int close = closingQuote(i);
            i = isStringClosed(close) ? close : i;
          }
        }
        default -> {
          // Part of a token.
        }
      }
      i++;
    }
    return Math.min(i + 1, end);
  }
}
