package dev.tidemark.ingest;

import dev.tidemark.ingest.lineprotocol.LineError;
import java.util.List;

/// How a body fared. Immutable.
///
/// @param accepted how many points are stored
/// @param rejected how many lines are not; blank lines and comments are neither
/// @param errors the first ten faults, in the order of the body
public record WriteResult(int accepted, int rejected, List<LineError> errors) {

  /// Copies the list.
  public WriteResult {
    errors = List.copyOf(errors);
  }
}
