package dev.tidemark.ingest.body;

import java.io.IOException;

/// There is no memory for the body now. Nothing of it is kept; the same body may find room later.
public final class NoRoomException extends IOException {
  private static final long serialVersionUID = 1L;

  /// Says so.
  public NoRoomException() {
    super("too many bytes of request bodies are in flight");
  }
}
