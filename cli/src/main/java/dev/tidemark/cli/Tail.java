package dev.tidemark.cli;

import dev.tidemark.cli.logs.Log;
import dev.tidemark.cli.logs.OwnLog;
import dev.tidemark.cli.screen.Results;
import java.io.IOException;
import java.nio.file.Files;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `tidemark tail`: the last records of a log, and those that come.
@Command(
    name = "tail",
    header = "Follow a log as it grows.",
    description = {
      "Writes the last records of a log as dump does, and then each that is appended, until it is"
          + " interrupted or has written --limit records. Takes no lock. In Tidemark's own logs it"
          + " shows what is durable; the files of other systems are read again as they grow.",
      ""
    },
    mixinStandardHelpOptions = true,
    exitCodeOnInvalidInput = Exit.USAGE,
    exitCodeOnExecutionException = Exit.INTERNAL,
    footerHeading = "%nExample:%n",
    footer = {
      "  tidemark tail ./data/wal/shard-0000",
      "  tidemark tail --last 0 --limit 100 /var/lib/app/000123.log",
      "",
      "Exit codes: 0 interrupted, or all that was asked for was written, 64 usage, 66"
          + " no such file or directory, 70 a defect of ours, 74 I/O error, or damage in a log"
          + " of Tidemark's own."
    })
final class Tail implements Callable<Integer> {
  private final Results results;

  @Mixin private Subject subject;
  @Mixin private Range range;

  @Option(
      names = {"-n", "--last"},
      paramLabel = "N",
      defaultValue = "10",
      description =
          "Begin with so many of the last records, unless --from says where (default: 10).")
  private int last;

  Tail(Results results) {
    this.results = results;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    range.check();
    if (last < 0) {
      throw subject.wrong("--last counts from 0 upwards");
    }
    Log log = subject.log();
    Thread hook = new Thread(this::interrupted, "interrupted");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      RecordLine lines = new RecordLine(log, range.shape(), results);
      if (range.limit() == 0) {
        return 0;
      }
      if (log instanceof OwnLog && Files.isDirectory(log.path())) {
        new OwnTail(log, lines, range, last).run();
      } else {
        new ForeignTail(log, lines, range, last).run();
      }
      return 0;
    } finally {
      forget(hook);
    }
  }

  // Being interrupted is how this ends: that is no failure. What is shown was flushed already.
  private void interrupted() {
    Runtime.getRuntime().halt(0);
  }

  private static void forget(Thread hook) {
    try {
      boolean _ = Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException _) {
      // It runs already.
    }
  }
}
