package dev.tidemark.ingest.lineprotocol;

import java.util.List;

/// How a body fared.
///
/// @param accepted points handed to the sink and not refused by it
/// @param rejected lines that gave no point; blank lines and comments are neither
/// @param errors the first [LineParser#MAX_ERRORS] faults in the order of the body, unmodifiable
public record ParseResult(int accepted, int rejected, List<LineError> errors) {

  /// Copies the list.
  public ParseResult {
    errors = List.copyOf(errors);
  }

  /// {@return whether the body held no line but blank ones and comments}
  public boolean isBlank() {
    return accepted == 0 && rejected == 0;
  }
}
