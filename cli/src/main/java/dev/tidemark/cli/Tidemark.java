package dev.tidemark.cli;

import dev.tidemark.cli.screen.Results;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// The command line. stdout carries results alone; everything else goes to stderr.
@Command(
    name = "tidemark",
    description = {
      "A write-ahead log: one command to serve, and a tool for logs of all kinds: Tidemark's own and"
          + " those of other systems. What a log is, is found out from its content.",
      ""
    },
    mixinStandardHelpOptions = true,
    exitCodeOnInvalidInput = Exit.USAGE,
    exitCodeOnExecutionException = Exit.INTERNAL,
    version = "tidemark 0.1.0-SNAPSHOT",
    subcommands = {
      Serve.class,
      Inspect.class,
      Verify.class,
      Dump.class,
      Tail.class,
      Stats.class,
      Repair.class,
      Convert.class,
      LevelDb.class,
      Completion.class,
      HelpCommand.class
    },
    footer = {
      "",
      "Example:",
      "  tidemark serve --data ./data --port 8000",
      "  tidemark inspect ./data/wal/shard-0000",
      "  tidemark verify ./data/wal/shard-0000 && echo all good",
      "",
      "Exit codes: 0 done, 64 usage, 66 no such file or directory, 69 no JDK 25 or the build failed,"
          + " 70 a defect of ours, 74 I/O error; verify alone: 1 a torn tail only, 2 corruption.",
      "",
      "'tidemark help COMMAND' shows the options of a command."
    })
public final class Tidemark implements Runnable {

  @Spec private CommandSpec spec;

  /// Runs one command and exits with its code.
  ///
  /// @param arguments as the user typed them
  public static void main(String[] arguments) {
    int code = run(new Results(new FileOutputStream(FileDescriptor.out)), arguments);
    System.out.flush();
    System.err.flush();
    // Exiting asks for a logger, which takes longer to begin than most commands take to end; and
    // there is nothing left to do for a hook, which is for signals alone.
    Runtime.getRuntime().halt(code);
  }

  static int run(String... arguments) {
    return run(Results.of(System.out), arguments);
  }

  static int run(Results results, String... arguments) {
    Failures failures = new Failures();
    try {
      return new CommandLine(new Tidemark(), new Commands(results))
          .setExecutionStrategy(new Finishing(results))
          .setExecutionExceptionHandler(failures)
          .setParameterExceptionHandler(new Misuse())
          .setCaseInsensitiveEnumValuesAllowed(true)
          .execute(arguments);
    } catch (Throwable defect) { // an Error, which picocli lets pass
      return failures.report(defect, java.util.List.of(arguments).contains("--trace"));
    }
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Missing command");
  }
}
