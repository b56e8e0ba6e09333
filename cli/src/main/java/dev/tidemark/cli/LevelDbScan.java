package dev.tidemark.cli;

import dev.tidemark.cli.screen.Results;
import dev.tidemark.leveldb.KeyCursor;
import dev.tidemark.leveldb.LevelDbReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `tidemark leveldb scan`: all live keys.
@Command(
    name = "scan",
    header = "Write all live keys.",
    description = {
      "Writes each live key of a LevelDB directory as a JSON line, key and value in hex, in the order"
          + " of the keys: what LevelDB shows after opening it with paranoid_checks = false. What is"
          + " damaged is passed over and told on stderr. Changes nothing, and takes no lock.",
      ""
    },
    mixinStandardHelpOptions = true,
    exitCodeOnInvalidInput = Exit.USAGE,
    exitCodeOnExecutionException = Exit.INTERNAL,
    footerHeading = "%nExample:%n",
    footer = {
      "  tidemark leveldb scan /var/lib/app/db | jq -r .key",
      "",
      "Exit codes: 0 done, damaged or not, 64 usage, 66 no such directory, or no"
          + " LevelDB in it, 70 a defect of ours, 74 I/O error, or LevelDB itself would refuse"
          + " the directory."
    })
final class LevelDbScan implements Callable<Integer> {
  private final Results results;

  @Parameters(paramLabel = "DIR", description = "A LevelDB directory.")
  private Path directory;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "" + Long.MAX_VALUE,
      showDefaultValue = Visibility.NEVER,
      description = "End after so many keys.")
  private long limit;

  @Option(names = "--json", description = "Write JSON lines (the default).")
  @SuppressWarnings("unused") // it is accepted; who needs it looks at the arguments
  private boolean json;

  @Option(names = "--trace", description = "Show the stack trace of what fails.")
  @SuppressWarnings("unused") // it is accepted; who needs it looks at the arguments
  private boolean trace;

  LevelDbScan(Results results) {
    this.results = results;
  }

  @Override
  public Integer call() throws IOException {
    try (LevelDbReader reader = LevelDbReader.open(directory, LevelDbScan::warn);
        KeyCursor cursor = reader.cursor()) {
      for (long left = limit; left > 0 && cursor.next(); left--) {
        write(results, cursor.key(), cursor.value());
      }
    }
    return 0;
  }

  static void warn(String warning) {
    System.err.println("tidemark: " + warning);
  }

  static void write(Results results, byte[] key, byte[] value) throws IOException {
    results.object(
        to -> {
          to.writeStringProperty("key", HexFormat.of().formatHex(key));
          to.writeStringProperty("value", HexFormat.of().formatHex(value));
        });
  }
}
