package dev.tidemark.cli.screen;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/// Asks the operating system what stderr is. Stateless.
final class Terminal {
  private static final int STDERR = 2;

  private Terminal() {}

  /// {@return whether somebody looks at stderr; false where that cannot be known}
  @SuppressWarnings("restricted") // a call that takes and gives an int
  static boolean isStderr() {
    if ("dumb".equals(System.getenv("TERM"))) {
      return false;
    }
    try {
      Linker linker = Linker.nativeLinker();
      Optional<MemorySegment> isatty = linker.defaultLookup().find("isatty");
      if (isatty.isEmpty()) {
        return false;
      }
      FunctionDescriptor takesAndGivesInt =
          FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
      return (int) linker.downcallHandle(isatty.get(), takesAndGivesInt).invokeExact(STDERR) == 1;
    } catch (Throwable unknown) {
      return false;
    }
  }
}
