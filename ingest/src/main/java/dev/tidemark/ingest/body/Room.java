package dev.tidemark.ingest.body;

/// Memory for a body that is being made plain. For one thread.
public interface Room {
  /// Room without end.
  Room UNBOUNDED =
      new Room() {
        @Override
        public boolean take(long bytes) {
          return true;
        }

        @Override
        public void give(long bytes) {}
      };

  /// Takes some, or nothing.
  ///
  /// @param bytes how much more
  /// @return whether there was room
  boolean take(long bytes);

  /// Gives back what was taken.
  ///
  /// @param bytes how much of it
  void give(long bytes);
}
