package dev.tidemark.ingest;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/// Closes what was opened, last first, unless it is to be kept. For one thread.
final class Unwinding implements AutoCloseable {
  // Owned by the thread that opens.
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();

  void add(AutoCloseable part) {
    opened.push(part);
  }

  void keep() {
    opened.clear();
  }

  @Override
  public void close() throws IOException {
    IOException first = null;
    for (AutoCloseable part : opened) {
      try {
        part.close();
      } catch (Exception e) {
        if (first == null) {
          first = e instanceof IOException io ? io : new IOException(e);
        } else {
          first.addSuppressed(e);
        }
      }
    }
    if (first != null) {
      throw first;
    }
  }
}
