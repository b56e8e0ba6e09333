package dev.tidemark.cli;

import dev.tidemark.cli.screen.Results;
import dev.tidemark.leveldb.LevelDbReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `tidemark leveldb get`: what one key holds.
@Command(
    name = "get",
    header = "Write what one key holds.",
    description = {
      "Writes a key of a LevelDB directory and what it holds as a JSON line, both in hex. Changes"
          + " nothing, and takes no lock.",
      ""
    },
    mixinStandardHelpOptions = true,
    exitCodeOnInvalidInput = Exit.USAGE,
    exitCodeOnExecutionException = Exit.INTERNAL,
    footerHeading = "%nExample:%n",
    footer = {
      "  tidemark leveldb get /var/lib/app/db some-key --raw > value",
      "  tidemark leveldb get --hex /var/lib/app/db 00ff10",
      "",
      "Exit codes: 0 found, 3 there is no such key, 64 usage, 66 no such directory, or"
          + " no LevelDB in it, 70 a defect of ours, 74 I/O error, or LevelDB itself would"
          + " refuse the directory."
    })
final class LevelDbGet implements Callable<Integer> {
  private final Results results;

  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "DIR", description = "A LevelDB directory.")
  private Path directory;

  @Parameters(index = "1", paramLabel = "KEY", description = "The key: text in UTF-8.")
  private String key;

  @Option(names = "--hex", description = "The key is given in hex.")
  private boolean hex;

  @Option(names = "--raw", description = "Write the bytes of the value, and nothing else.")
  private boolean raw;

  @Option(names = "--json", description = "Write a JSON line (the default).")
  private boolean json;

  @Option(names = "--trace", description = "Show the stack trace of what fails.")
  @SuppressWarnings("unused") // it is accepted; who needs it looks at the arguments
  private boolean trace;

  LevelDbGet(Results results) {
    this.results = results;
  }

  @Override
  public Integer call() throws IOException {
    if (raw && json) {
      throw new ParameterException(spec.commandLine(), "--json and --raw exclude each other");
    }
    byte[] wanted = key();
    byte[] value;
    try (LevelDbReader reader = LevelDbReader.open(directory, LevelDbScan::warn)) {
      value = reader.get(wanted);
    }
    if (value == null) {
      System.err.println("tidemark: there is no key '" + key + "' in " + directory);
      return Exit.NO_KEY;
    }
    if (raw) {
      results.write(value);
    } else {
      LevelDbScan.write(results, wanted, value);
    }
    return 0;
  }

  private byte[] key() {
    if (!hex) {
      return key.getBytes(StandardCharsets.UTF_8);
    }
    try {
      return HexFormat.of().parseHex(key);
    } catch (IllegalArgumentException noHex) {
      throw new ParameterException(spec.commandLine(), "'" + key + "' is no key in hex");
    }
  }
}
