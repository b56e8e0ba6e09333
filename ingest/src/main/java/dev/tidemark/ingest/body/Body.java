package dev.tidemark.ingest.body;

import java.util.Objects;

/// A plain body inside an array: the request's own array if it was sent plain, else a new one.
///
/// @param array holds the body and perhaps more; whoever owned the request's array still does
/// @param offset where the body starts, in bytes
/// @param length how long it is, in bytes
@SuppressWarnings("ArrayRecordComponent") // lent, never compared
public record Body(byte[] array, int offset, int length) {

  /// Checks the range of the body.
  ///
  /// @throws IndexOutOfBoundsException if the body does not lie inside its array
  public Body {
    Objects.checkFromIndexSize(offset, length, array.length);
  }
}
