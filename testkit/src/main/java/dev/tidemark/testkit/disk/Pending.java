package dev.tidemark.testkit.disk;

/// An operation that a power cut may still undo.
///
/// @param sequence its place in the order of all that ever changed the disk, from 1
/// @param name of the file that is written; for a change of names, what changes, as text
/// @param offset where a write begins, in bytes; -1 for a change of names
/// @param bytes how many are written; 0 for a cut of the file at `offset`
public record Pending(long sequence, String name, long offset, int bytes) {

  /// {@return whether it changes names and no bytes}
  public boolean isName() {
    return offset < 0;
  }
}
