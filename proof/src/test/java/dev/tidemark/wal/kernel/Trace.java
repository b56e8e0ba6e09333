package dev.tidemark.wal.kernel;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The system calls of a program, as `strace` wrote them down. A line that is not understood is an
/// error, so that nothing is missed.
final class Trace {
  /// A call.
  ///
  /// @param begun its place among all beginnings and ends of calls
  /// @param ended the same; the largest there is if it never ended
  /// @param result what it answered; negative if it failed
  record Call(String name, String arguments, long result, int begun, int ended) {
    /// {@return the path of the file it is about: the descriptor's, or the first that is named}
    String path() {
      return paths().getFirst();
    }

    /// {@return the last path that is named}
    String target() {
      return paths().getLast();
    }

    private List<String> paths() {
      Matcher path = PATH.matcher(arguments);
      List<String> all = new ArrayList<>();
      while (path.find()) {
        all.add(path.group(1) == null ? path.group(2) : path.group(1));
      }
      if (all.isEmpty()) {
        throw new AssertionError("no path in " + this);
      }
      return all;
    }

    boolean is(String... names) {
      return List.of(names).contains(name);
    }

    boolean isSync() {
      return is("fsync", "fdatasync") && result == 0;
    }

    boolean isWrite() {
      return is("pwrite64", "ftruncate");
    }

    boolean isRename() {
      return is("rename", "renameat", "renameat2") && result == 0;
    }

    /// {@return the offset of a `pwrite64`}
    long offset() {
      return Long.parseLong(arguments.substring(arguments.lastIndexOf(' ') + 1));
    }

    /// {@return whether it is a `pwrite64` of frames}
    boolean isOfFrames() {
      return is("pwrite64") && arguments.contains("\"" + FRAME_MAGIC);
    }

    /// {@return a number in the first bytes of what a `pwrite64` writes}
    long number(int at, int bytes) {
      int begin = arguments.indexOf('"') + 1;
      long value = 0;
      for (int i = bytes - 1; i >= 0; i--) {
        int from = begin + 4 * (at + i) + 2; // \x54
        value = value << 8 | Integer.parseInt(arguments.substring(from, from + 2), 16);
      }
      return value;
    }

    /// {@return what the program said with it, if it did}
    Optional<String> said() {
      boolean spoken = is("write") && arguments.startsWith("1<");
      int begin = arguments.indexOf('"') + 1;
      return spoken
          ? Optional.of(arguments.substring(begin, arguments.lastIndexOf(" " + Spoken.END + "\\n")))
          : Optional.empty();
    }
  }

  private static final String FRAME_MAGIC = "\\x54\\x4d\\x46\\x52"; // TMFR
  private static final String CALLS =
      "openat,mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat,write,pwrite64,writev,pwritev,"
          + "pwritev2,ftruncate,fallocate,fsync,fdatasync,sync_file_range,msync,sync,syncfs";
  private static final Pattern PATH = Pattern.compile("<(/[^>]*)>|\"(/[^\"]*)\"");
  private static final Pattern WHOLE =
      Pattern.compile("([0-9]+) +([a-z0-9_]+)\\((.*)\\) += (-?[0-9]+).*");
  private static final Pattern UNFINISHED =
      Pattern.compile("([0-9]+) +([a-z0-9_]+)\\((.*) <unfinished \\.\\.\\.>");
  private static final Pattern RESUMED =
      Pattern.compile("([0-9]+) +<\\.\\.\\. ([a-z0-9_]+) resumed>(.*)\\) += (-?[0-9]+).*");
  // The process ended in it, or it is begun again.
  private static final Pattern CUT = Pattern.compile("[0-9]+ +(<\\.\\.\\. )?[a-z0-9_]+.* += \\?.*");
  private static final Pattern NO_CALL = Pattern.compile("[0-9]+ +(---|\\+\\+\\+) .*");

  private Trace() {}

  /// {@return why no program can be traced here, or nothing}
  static String missing() throws IOException {
    return Command.run(List.of("strace", "-f", "--seccomp-bpf", "-o", "/dev/null", "true"));
  }

  /// {@return the command that traces the one behind it}
  static List<String> command(Path file) {
    return List.of(
        "strace",
        "-f",
        "--seccomp-bpf",
        "-y",
        "-x",
        "-s",
        "96",
        "-e",
        "trace=" + CALLS,
        "-o",
        file.toString());
  }

  /// {@return all calls, in the order in which they ended}
  static List<Call> read(Path file) throws IOException {
    List<Call> calls = new ArrayList<>();
    Map<String, Call> unfinished = new HashMap<>(); // by thread
    int at = 0;
    for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
      at++;
      Matcher whole = WHOLE.matcher(line);
      Matcher first = UNFINISHED.matcher(line);
      Matcher last = RESUMED.matcher(line);
      if (whole.matches()) {
        long result = Long.parseLong(whole.group(4));
        calls.add(new Call(whole.group(2), whole.group(3), result, at, at));
      } else if (last.matches()) {
        Call begun = unfinished.remove(last.group(1));
        if (begun == null || !begun.name.equals(last.group(2))) {
          throw new AssertionError("the end of a call that was not begun: " + line);
        }
        String arguments = begun.arguments + last.group(3);
        long result = Long.parseLong(last.group(4));
        calls.add(new Call(begun.name, arguments, result, begun.begun, at));
      } else if (first.matches()) {
        Call begun = new Call(first.group(2), first.group(3), -1, at, Integer.MAX_VALUE);
        unfinished.put(first.group(1), begun);
      } else if (!CUT.matcher(line).matches() && !NO_CALL.matcher(line).matches()) {
        throw new AssertionError("not understood: " + line);
      }
    }
    return calls;
  }
}
