package dev.tidemark.cli;

import dev.tidemark.cli.logs.Defect;
import dev.tidemark.cli.logs.Health;
import dev.tidemark.cli.logs.Log;
import dev.tidemark.cli.screen.Results;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `tidemark verify`: reads everything, and says where what is missing.
@Command(
    name = "verify",
    header = "Read a log and list every hole in it.",
    description = {
      "Reads a log, checks every checksum and lists every hole: file, offset, bytes, the LSNs or"
          + " sequence numbers that are lost with it, and where the next good record is.",
      "",
      "What counts as damage is decided by the rule of the system whose log it is; the answer says"
          + " the rule. Changes nothing and takes no lock: the log may be in use, or be one that its"
          + " system refuses to open.",
      ""
    },
    mixinStandardHelpOptions = true,
    exitCodeOnInvalidInput = Exit.USAGE,
    exitCodeOnExecutionException = Exit.INTERNAL,
    footerHeading = "%nExample:%n",
    footer = {
      "  tidemark verify ./data/wal/shard-0000",
      "  tidemark verify --json /var/lib/app/000123.log | jq '.holes[]'",
      "",
      "Exit codes: 0 clean, 1 a torn tail only, 2 corruption, 64 usage, 66 no such file"
          + " or directory, 70 a defect of ours, 74 I/O error."
    })
final class Verify implements Callable<Integer> {
  private final Results results;

  @Mixin private Subject subject;

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  Verify(Results results) {
    this.results = results;
  }

  @Override
  public Integer call() throws IOException {
    Log log = subject.log();
    Health health = HealthReport.of(log);
    if (json) {
      results.object(to -> HealthReport.write(to, log, health));
    } else {
      print(log, health);
    }
    return switch (health.verdict()) {
      case CLEAN -> 0;
      case TORN_TAIL -> Exit.TORN_TAIL;
      case CORRUPT -> Exit.CORRUPT;
    };
  }

  private void print(Log log, Health health) throws IOException {
    results.line(log.path() + ": " + HealthReport.verdict(health));
    for (Defect defect : health.defects()) {
      results.line(HealthReport.words(defect, health.numbering()));
    }
    String live = health.notes().get("live");
    if (live != null) {
      results.line("  in use: " + live);
    }
    String notApplied = health.notes().get(Health.NOT_APPLIED);
    if (notApplied != null) {
      results.line("  not applied by " + log.format() + ": " + notApplied);
    }
    if (!health.defects().isEmpty()) {
      results.line("  by the rule of " + log.format() + ": " + log.rule());
    }
    results.line("  records: " + HealthReport.range(health));
    results.line("  " + HealthReport.effort(health));
  }
}
