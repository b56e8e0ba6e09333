package dev.tidemark.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// The command line. stdout carries results alone; everything else goes to stderr.
@Command(
    name = "tidemark",
    description = "A write-ahead log: one command to serve.",
    mixinStandardHelpOptions = true,
    exitCodeOnInvalidInput = Exit.USAGE,
    exitCodeOnExecutionException = Exit.INTERNAL,
    version = "tidemark 0.1.0-SNAPSHOT",
    subcommands = Serve.class,
    footer = {
      "",
      "Example:",
      "  tidemark serve --data ./data --port 8000",
      "",
      "'tidemark serve --help' shows its options."
    })
public final class Tidemark implements Runnable {

  @Spec private CommandSpec spec;

  /// Runs one command and exits with its code.
  ///
  /// @param arguments as the user typed them
  public static void main(String[] arguments) {
    System.exit(run(arguments));
  }

  static int run(String... arguments) {
    return new CommandLine(new Tidemark()).execute(arguments);
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Missing command");
  }
}
