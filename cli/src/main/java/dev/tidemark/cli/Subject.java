package dev.tidemark.cli;

import dev.tidemark.cli.logs.Formats;
import dev.tidemark.cli.logs.Log;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// The log that a command is about, and what all commands about a log have in common.
final class Subject {
  /// The names that `--format` takes, for completion.
  static final class Names implements Iterable<String> {
    Names() {}

    @Override
    public Iterator<String> iterator() {
      return Formats.all().names().iterator();
    }
  }

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Parameters(paramLabel = "PATH", description = "A log: its directory, or one file of it.")
  private Path path;

  @Option(
      names = "--format",
      paramLabel = "NAME",
      completionCandidates = Names.class,
      description =
          "What the log is, instead of finding out from its content: ${COMPLETION-CANDIDATES}.")
  private @Nullable String format;

  @Option(names = "--trace", description = "Show the stack trace of what fails.")
  @SuppressWarnings("unused") // it is accepted; who needs it looks at the arguments
  private boolean trace;

  /// {@return where the log is, as the user wrote it}
  Path path() {
    return path;
  }

  /// {@return the log}
  ///
  /// @throws ParameterException if it is none that is known
  /// @throws java.nio.file.NoSuchFileException if there is nothing
  /// @throws IOException if it cannot be read
  Log log() throws IOException {
    Formats formats = Formats.all();
    if (format != null) {
      try {
        return formats.open(path, format);
      } catch (IllegalArgumentException unknown) {
        throw wrong("--format: " + unknown.getMessage());
      }
    }
    Optional<Formats.Found> found = formats.detect(path);
    if (found.isEmpty()) {
      throw wrong(
          path
              + " is no log that is known here; if it is one after all, --format NAME says which: "
              + String.join(", ", formats.names()));
    }
    if (!found.get().others().isEmpty()) {
      System.err.println(
          "tidemark: read as "
              + found.get().log().format()
              + "; it may as well be "
              + String.join(" or ", found.get().others())
              + " (--format NAME)");
    }
    return found.get().log();
  }

  /// {@return the refusal of the command line}
  ///
  /// @param message what is wrong with it
  ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
