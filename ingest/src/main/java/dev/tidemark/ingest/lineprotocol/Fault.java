package dev.tidemark.ingest.lineprotocol;

import dev.tidemark.ingest.name.MeasurementName;

/// Every way a line can be bad, with the words the sender reads.
enum Fault {
  MEASUREMENT("invalid measurement name: " + MeasurementName.RULE),
  TAG_KEY_EMPTY("empty tag key"),
  TAG_KEY_WITHOUT_VALUE("a tag without '=' and a value"),
  TAG_VALUE_EMPTY("empty tag value"),
  TAG_VALUE_EQUALS("'=' in a tag value must be escaped as '\\='"),
  TAG_VALUE_LONG("a tag value is longer than " + Limits.TEXT_BYTES + " bytes"),
  NAME_LONG("a tag or field key is longer than " + Limits.NAME_BYTES + " bytes"),
  COLUMNS("a point has more than " + Limits.COLUMNS + " tags and fields"),
  NO_FIELDS("no fields: a line is 'measurement,tag=value field=value time'"),
  FIELD_KEY_EMPTY("empty field key"),
  FIELD_WITHOUT_VALUE("a field without '=' and a value"),
  FIELD_VALUE_EMPTY("empty field value"),
  FIELD_VALUE("not a field value: a number, an integer with i or u, a boolean or a quoted string"),
  NOT_FINITE("NaN and infinities cannot be stored"),
  FLOAT_RANGE("a number beyond the range of a 64-bit float"),
  NUMBER_LONG("a number is longer than " + Limits.NUMBER_BYTES + " bytes"),
  INTEGER_RANGE("an integer beyond the range of 64 bits, signed"),
  UNSIGNED_RANGE("an integer beyond the range of 64 bits, unsigned"),
  STRING_LONG("a string is longer than " + Limits.TEXT_BYTES + " bytes"),
  QUOTE_OPEN("unterminated quote"),
  QUOTE_FOLLOWED("a closing quote must be followed by ',', a space or the end of the line"),
  TIME("not a timestamp: a whole number, then the end of the line"),
  TIME_RANGE("a timestamp beyond the years 1677 to 2262 in the precision of the request"),
  TEXT("invalid UTF-8"),
  NUL("a NUL byte"),
  // The reasons of the next four name their columns and are completed where they are reported.
  TAG_TWICE("duplicate tag key"),
  FIELD_TWICE("duplicate field key"),
  TAG_AND_FIELD("both a tag and a field"),
  NAMED_TIME("a column cannot be named 'time'"),
  REFUSED("refused");

  private final String reason;

  Fault(String reason) {
    this.reason = reason;
  }

  String reason() {
    return reason;
  }
}
