package dev.tidemark.wal;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How a [WalReader] works. Immutable; start from [#defaults()].
///
/// @param longestPause how long a waiting cursor pauses at most before it looks at the files again:
///   1 ms to 1 minute. It begins with a tenth of a millisecond and doubles
/// @param compression a codec that frames may be compressed with, beside those on the path; null
///   for none
public record ReaderOptions(Duration longestPause, @Nullable Compression compression) {
  private static final ReaderOptions DEFAULTS = new ReaderOptions(Duration.ofMillis(10), null);

  /// Checks the values.
  public ReaderOptions {
    if (longestPause.compareTo(Duration.ofMillis(1)) < 0
        || longestPause.compareTo(Duration.ofMinutes(1)) > 0) {
      throw new IllegalArgumentException("longestPause must be 1 ms to 1 minute: " + longestPause);
    }
  }

  /// {@return the defaults: pauses of at most 10 ms, the codecs on the path}
  public static ReaderOptions defaults() {
    return DEFAULTS;
  }

  /// {@return these options with another longest pause}
  ///
  /// @param value 1 ms to 1 minute
  public ReaderOptions withLongestPause(Duration value) {
    return new ReaderOptions(value, compression);
  }

  /// {@return these options with a codec that is not on the path}
  ///
  /// @param value the codec, or null for none
  public ReaderOptions withCompression(@Nullable Compression value) {
    return new ReaderOptions(longestPause, value);
  }
}
