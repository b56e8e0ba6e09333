package dev.tidemark.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `tidemark leveldb`: what a LevelDB directory holds.
@Command(
    name = "leveldb",
    header = "Read the keys of a LevelDB directory.",
    description = {
      "Reads the keys of a LevelDB directory and changes nothing in it: no lock is taken, no file made"
          + " or removed. Its logs are read by the other commands.",
      ""
    },
    mixinStandardHelpOptions = true,
    exitCodeOnInvalidInput = Exit.USAGE,
    exitCodeOnExecutionException = Exit.INTERNAL,
    subcommands = {LevelDbScan.class, LevelDbGet.class},
    footerHeading = "%nExample:%n",
    footer = {
      "  tidemark leveldb scan /var/lib/app/db",
      "  tidemark leveldb get /var/lib/app/db some-key"
    })
final class LevelDb implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Missing command: scan or get");
  }
}
