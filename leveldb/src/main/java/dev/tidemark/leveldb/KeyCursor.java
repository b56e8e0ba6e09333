package dev.tidemark.leveldb;

import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A walk over the keys of a store, ascending byte by byte without a sign, as they were at one
/// moment: what is written later is not seen. To be closed, since it keeps files from being
/// removed. For one thread at a time.
///
/// ```java
/// try (KeyCursor cursor = db.cursor()) {
///   cursor.seek(from);
///   while (cursor.next()) {
///     use(cursor.key(), cursor.value());
///   }
/// }
/// ```
public final class KeyCursor implements AutoCloseable {
  private final SortedCursor keys;
  private final long sequence;
  private final Runnable onClose;

  // All owned by the caller's thread.
  private boolean begun;
  private boolean closed;
  private boolean atKey;
  private byte @Nullable [] last;

  /// What the last call threw: there is no way on from there.
  private @Nullable Throwable failure;

  /// @param keys all internal keys; closed with this
  /// @param sequence what is newer is not seen
  /// @param onClose called once
  KeyCursor(SortedCursor keys, long sequence, Runnable onClose) {
    this.keys = keys;
    this.sequence = sequence;
    this.onClose = onClose;
  }

  /// Goes before the first key at or behind one, wherever the cursor was, also after a call that
  /// failed.
  ///
  /// @param key a key, which need not be there
  /// @throws CorruptLevelDbException if a table is damaged where it must be read
  /// @throws IllegalStateException if the cursor, or what it walks over, is closed
  /// @throws IOException if a table cannot be read
  public void seek(byte[] key) throws IOException {
    checkOpen();
    last = null;
    atKey = false;
    begun = true;
    failure = null;
    try {
      keys.seek(InternalKeys.of(key, sequence, InternalKeys.PUT));
    } catch (IOException | RuntimeException e) {
      failure = e;
      throw e;
    }
  }

  /// Goes to the next key; the first time, to the first one.
  ///
  /// After a call that failed there is no next key, which is not the end: it fails in the same way
  /// until the cursor is sent elsewhere ([#seek]).
  ///
  /// @return whether there is one
  /// @throws CorruptLevelDbException if a table is damaged where it must be read
  /// @throws IllegalStateException if the cursor, or what it walks over, is closed
  /// @throws IOException if a table cannot be read
  public boolean next() throws IOException {
    checkOpen();
    atKey = false;
    failAgain();
    try {
      atKey = step();
      return atKey;
    } catch (IOException | RuntimeException e) {
      failure = e;
      throw e;
    }
  }

  private void failAgain() throws IOException {
    switch (failure) {
      case null -> {}
      case CorruptLevelDbException e ->
          throw new CorruptLevelDbException(String.valueOf(e.getMessage()), e);
      case IOException e -> throw new IOException(e.getMessage(), e);
      default -> throw new IllegalStateException(failure.getMessage(), failure);
    }
  }

  private boolean step() throws IOException {
    if (!begun) {
      begun = true;
      keys.first();
    }
    while (keys.valid()) {
      byte[] found = keys.key();
      if (!InternalKeys.isKnown(found)) {
        throw new CorruptLevelDbException(
            "the key "
                + InternalKeys.describe(found)
                + " is of the unknown type "
                + InternalKeys.type(found));
      }
      boolean seen = last != null && InternalKeys.sameUser(found, last);
      if (seen || InternalKeys.sequence(found) > sequence) {
        keys.next();
        continue;
      }
      last = found;
      if (InternalKeys.type(found) != InternalKeys.DELETED) {
        return true;
      }
    }
    return false;
  }

  /// {@return the key; the caller's}
  ///
  /// @throws IllegalStateException if the last [#next()] did not return true
  public byte[] key() {
    checkAtKey();
    return InternalKeys.userKey(keys.key());
  }

  /// {@return what it holds; the caller's}
  ///
  /// @throws IllegalStateException if the last [#next()] did not return true
  public byte[] value() {
    checkAtKey();
    byte[] value = keys.value();
    return Arrays.copyOf(value, value.length);
  }

  private void checkAtKey() {
    checkOpen();
    if (!atKey) {
      throw new IllegalStateException("the cursor stands at no key");
    }
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the cursor is closed");
    }
  }

  /// Lets go of the files. Idempotent.
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      keys.close();
      onClose.run();
    }
  }
}
