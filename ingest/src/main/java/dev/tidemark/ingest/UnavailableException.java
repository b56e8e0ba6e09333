package dev.tidemark.ingest;

import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The request cannot be served now.
///
/// If [#outcomeUnknown()], the body may have been stored whole or not at all, and only a restart
/// finds out; otherwise nothing of it was stored.
public final class UnavailableException extends IOException {
  private static final long serialVersionUID = 1L;

  private final boolean outcomeUnknown;
  private final Duration retryAfter;

  /// @param message why, fit for the sender
  /// @param outcomeUnknown whether the body may be stored nevertheless
  /// @param retryAfter when trying again may help
  /// @param cause what happened, or null
  public UnavailableException(
      String message, boolean outcomeUnknown, Duration retryAfter, @Nullable Throwable cause) {
    super(message, cause);
    this.outcomeUnknown = outcomeUnknown;
    this.retryAfter = retryAfter;
  }

  /// {@return whether the body may be stored nevertheless}
  public boolean outcomeUnknown() {
    return outcomeUnknown;
  }

  /// {@return when trying again may help}
  public Duration retryAfter() {
    return retryAfter;
  }
}
