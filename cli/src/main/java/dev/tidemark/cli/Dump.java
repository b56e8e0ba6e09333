package dev.tidemark.cli;

import dev.tidemark.cli.logs.Defect;
import dev.tidemark.cli.logs.Log;
import dev.tidemark.cli.logs.Shown;
import dev.tidemark.cli.logs.Taker;
import dev.tidemark.cli.screen.Results;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `tidemark dump`: the records of a log.
@Command(
    name = "dump",
    header = "Write the records of a log as JSON lines.",
    description = {
      "Writes the records of a log as JSON lines: file, offset and bytes (of the payload) of each; its"
          + " lsn and payload in Tidemark's own logs; in others what is in it, decoded. Bytes without"
          + " a meaning are written in hex, numbers that JSON cannot say as \"NaN\", \"+Inf\","
          + " \"-Inf\".",
      "",
      "Of a damaged log of another system it shows what that system itself would show; of Tidemark's"
          + " own every record that can be vouched for. What is passed over is told on stderr; the code"
          + " is 0 all the same.",
      ""
    },
    mixinStandardHelpOptions = true,
    exitCodeOnInvalidInput = Exit.USAGE,
    exitCodeOnExecutionException = Exit.INTERNAL,
    footerHeading = "%nExample:%n",
    footer = {
      "  tidemark dump ./data/wal/shard-0000 --from 1000 --limit 10",
      "  tidemark dump /var/lib/prometheus/wal | jq -c 'select(.type == \"samples\")'",
      "",
      "Exit codes: 0 done, damaged or not, 64 usage, 66 no such file or directory, 70 a"
          + " defect of ours, 74 I/O error."
    })
final class Dump implements Callable<Integer> {
  private final Results results;

  @Mixin private Subject subject;
  @Mixin private Range range;

  @Option(
      names = "--all",
      description =
          "Also show records behind damage where the system itself would give up, if their checksums"
              + " hold.")
  private boolean all;

  Dump(Results results) {
    this.results = results;
  }

  @Override
  public Integer call() throws IOException {
    range.check();
    Log log = subject.log();
    Warnings warnings = new Warnings(log);
    if (range.limit() > 0) {
      log.read(range.from(), range.to(), all, taker(log, warnings));
    }
    warnings.end();
    return 0;
  }

  private Taker taker(Log log, Warnings warnings) {
    RecordLine lines = new RecordLine(log, range.shape(), results);
    return new Taker() {
      private long count;

      @Override
      public boolean record(Shown record) throws IOException {
        lines.write(record);
        count++;
        return count < range.limit();
      }

      @Override
      public void defect(Defect defect) {
        warnings.tell(defect);
      }

      @Override
      public void passed(String file) {
        warnings.passed(file);
      }
    };
  }
}
