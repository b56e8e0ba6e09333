package dev.tidemark.leveldb;

import java.io.IOException;

/// A walk over internal keys, ascending, and what they hold. For one thread at a time.
///
/// It stands at a key or at the end. A call that throws leaves it nowhere, though [#valid()] may
/// say that that is the end: only [#first()], [#seek] and [#close()] are then allowed.
interface SortedCursor extends AutoCloseable {

  /// {@return whether it stands at a key}
  boolean valid();

  /// Goes to the first key.
  void first() throws IOException;

  /// Goes to the first key at or behind one.
  ///
  /// @param key an internal key
  void seek(byte[] key) throws IOException;

  /// Goes to the next key. Only where it stands at one.
  void next() throws IOException;

  /// {@return the internal key; nobody changes it}
  byte[] key();

  /// {@return what it holds; nobody changes it}
  byte[] value();

  /// Lets go of files. Idempotent.
  @Override
  void close();
}
