package dev.tidemark.wal.internal;

import java.nio.charset.StandardCharsets;

/// What may be the name of a subscription.
final class SubscriptionName {
  private static final String SIGNS = "._-:/@";

  private SubscriptionName() {}

  /// {@return the same name}
  ///
  /// @throws IllegalArgumentException if it is none
  static String checked(String name) {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("the name of a subscription must not be empty");
    }
    if (name.getBytes(StandardCharsets.UTF_8).length > SubscriptionBlock.MAX_NAME_BYTES) {
      throw new IllegalArgumentException(
          "the name of a subscription must be at most 64 bytes in UTF-8: " + name);
    }
    int bad =
        name.codePoints()
            .filter(c -> !Character.isLetterOrDigit(c) && SIGNS.indexOf(c) < 0)
            .findFirst()
            .orElse(-1);
    if (bad >= 0) {
      throw new IllegalArgumentException(
          "the name of a subscription may have letters, digits and . _ - : / @, not U+"
              + Integer.toHexString(bad)
              + ": "
              + name);
    }
    return name;
  }
}
