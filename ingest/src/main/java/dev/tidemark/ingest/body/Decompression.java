package dev.tidemark.ingest.body;

/// A compressed body on its way to a plain one, read once from start to end. For one thread.
interface Decompression extends AutoCloseable {

  /// Reads on.
  ///
  /// @param into where to
  /// @param offset where in it
  /// @param length how many bytes at most, at least 1
  /// @return how many bytes, at least 1; or -1 once the whole stream has proven sound
  /// @throws BadBodyException if the stream is cut short, damaged, or followed by something else
  int read(byte[] into, int offset, int length) throws BadBodyException;

  /// Gives memory back. Idempotent.
  @Override
  void close();
}
