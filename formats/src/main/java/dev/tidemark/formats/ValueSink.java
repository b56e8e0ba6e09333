package dev.tidemark.formats;

import java.nio.ByteBuffer;

/// Takes a record's contents apart, value by value, as a writer of JSON would.
///
/// Inside an object each value is preceded by its [#name]. For one thread at a time.
/// Implementations throw nothing for what they are given in the right order.
public interface ValueSink {
  /// Begins an object.
  void beginObject();

  /// Ends the object begun last.
  void endObject();

  /// Begins an array.
  void beginArray();

  /// Ends the array begun last.
  void endArray();

  /// Names the value that comes next.
  ///
  /// @param name of a field, in lower camel case; in a map that the record holds, whatever stands
  ///   there, perhaps nothing, perhaps twice
  void name(String name);

  /// A text.
  ///
  /// @param text the value
  void text(String text);

  /// A whole number.
  ///
  /// @param number the value
  void number(long number);

  /// A whole number without a sign, 64 bits wide.
  ///
  /// @param number its bits
  void unsigned(long number);

  /// A floating-point number, perhaps not finite.
  ///
  /// @param number the value
  void number(double number);

  /// True or false.
  ///
  /// @param claim the value
  void bool(boolean claim);

  /// Bytes without any meaning here.
  ///
  /// @param bytes from position to limit; read before return, position unchanged
  void bytes(ByteBuffer bytes);

  /// Nothing.
  void nothing();
}
