package dev.tidemark.ingest.name;

/// The one rule that both kinds of names obey; they differ in length only.
final class NameRule {
  private NameRule() {}

  static String text(int maxLength) {
    return "must start with a letter and contain only alphanumeric characters, underscores, or"
        + " hyphens (max "
        + maxLength
        + " characters)";
  }

  static boolean allows(String name, int maxLength) {
    if (name.isEmpty() || name.length() > maxLength || !isLetter(name.charAt(0))) {
      return false;
    }
    for (int i = 1; i < name.length(); i++) {
      if (!isInner(name.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  static boolean allows(byte[] bytes, int offset, int length, int maxLength) {
    if (length < 1 || length > maxLength || !isLetter(bytes[offset])) {
      return false;
    }
    for (int i = offset + 1, end = offset + length; i < end; i++) {
      if (!isInner(bytes[i])) {
        return false;
      }
    }
    return true;
  }

  // By ranges and not by Character.isLetter: letters beyond ASCII are refused.
  private static boolean isLetter(int c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  private static boolean isInner(int c) {
    return isLetter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-';
  }
}
