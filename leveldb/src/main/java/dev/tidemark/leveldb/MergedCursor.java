package dev.tidemark.leveldb;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A walk over several others at once, in the order of all their keys. Of equal keys, that of the
/// cursor named first comes first. For one thread at a time.
final class MergedCursor implements SortedCursor {
  private final List<SortedCursor> parts;

  // Owned by the caller's thread.
  private @Nullable SortedCursor least;

  /// @param parts are closed with this
  MergedCursor(List<SortedCursor> parts) {
    this.parts = List.copyOf(parts);
  }

  @Override
  public boolean valid() {
    return least != null;
  }

  @Override
  public void first() throws IOException {
    least = null;
    for (SortedCursor part : parts) {
      part.first();
    }
    findLeast();
  }

  @Override
  public void seek(byte[] key) throws IOException {
    least = null;
    for (SortedCursor part : parts) {
      part.seek(key);
    }
    findLeast();
  }

  @Override
  public void next() throws IOException {
    SortedCursor here = standing();
    least = null;
    here.next();
    findLeast();
  }

  // There are a dozen at most, so looking at all is as fast as a heap.
  private void findLeast() {
    SortedCursor found = null;
    for (SortedCursor part : parts) {
      if (part.valid() && (found == null || InternalKeys.compare(part.key(), found.key()) < 0)) {
        found = part;
      }
    }
    least = found;
  }

  private SortedCursor standing() {
    SortedCursor here = least;
    if (here == null) {
      throw new IllegalStateException("the cursor stands at no key");
    }
    return here;
  }

  @Override
  public byte[] key() {
    return standing().key();
  }

  @Override
  public byte[] value() {
    return standing().value();
  }

  @Override
  public void close() {
    least = null;
    parts.forEach(SortedCursor::close);
  }
}
