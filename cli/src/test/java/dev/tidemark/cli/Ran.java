package dev.tidemark.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// What a run of the command in this process left behind.
///
/// @param code its exit code
/// @param bytes what it wrote to stdout
/// @param err what it wrote to stderr
@SuppressWarnings("ArrayRecordComponent") // nobody compares them
record Ran(int code, byte[] bytes, String err) {

  /// Runs a command.
  static Ran of(Object... arguments) {
    List<String> texts = new ArrayList<>();
    for (Object argument : arguments) {
      texts.add(argument.toString());
    }
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream caughtOut = new ByteArrayOutputStream();
    ByteArrayOutputStream caughtErr = new ByteArrayOutputStream();
    System.setOut(new PrintStream(caughtOut, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(caughtErr, true, StandardCharsets.UTF_8));
    try {
      int code = Tidemark.run(texts.toArray(String[]::new));
      return new Ran(code, caughtOut.toByteArray(), caughtErr.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  /// {@return what it wrote to stdout}
  String out() {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /// {@return the lines of stdout}
  List<String> lines() {
    return out().lines().toList();
  }
}
