package dev.tidemark.cli;

import dev.tidemark.cli.logs.Defect;
import dev.tidemark.cli.logs.Health;
import dev.tidemark.cli.logs.Log;
import dev.tidemark.cli.screen.Results;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `tidemark inspect`: one screen about a log.
@Command(
    name = "inspect",
    header = "Show on one screen what a log is, and whether it is well.",
    description = {
      "Shows on one screen what a log is: its format, its files and what they hold, and whether it is"
          + " well. Reads everything, changes nothing, takes no lock.",
      ""
    },
    mixinStandardHelpOptions = true,
    exitCodeOnInvalidInput = Exit.USAGE,
    exitCodeOnExecutionException = Exit.INTERNAL,
    footerHeading = "%nExample:%n",
    footer = {
      "  tidemark inspect ./data/wal/shard-0000",
      "",
      "Exit codes: 0 shown, damaged or not (verify tells by its code), 64 usage, 66 no"
          + " such file or directory, 70 a defect of ours, 74 I/O error."
    })
final class Inspect implements Callable<Integer> {
  // With all that is said beside them they fill a screen of 24 lines.
  private static final int MOST_FILES = 8;
  private static final int MOST_DEFECTS = 2;

  private final Results results;

  @Mixin private Subject subject;

  @Option(names = "--json", description = "Print one JSON object, with all files and all holes.")
  private boolean json;

  Inspect(Results results) {
    this.results = results;
  }

  @Override
  public Integer call() throws IOException {
    Log log = subject.log();
    Health health = HealthReport.of(log);
    if (json) {
      results.object(to -> HealthReport.write(to, log, health));
      return 0;
    }
    results.line(log.path() + ": a log of " + log.format());
    results.line("health    " + HealthReport.verdict(health));
    results.line("records   " + HealthReport.range(health));
    for (String line : notes(health)) {
      results.line(line);
    }
    files(health);
    defects(health);
    results.line("read      " + HealthReport.effort(health));
    return 0;
  }

  private static List<String> notes(Health health) {
    List<String> lines = new ArrayList<>();
    note(lines, health, "promisedLsn", "promised  durable up to LSN ");
    note(lines, health, "lowWaterLsn", "needed    from LSN ");
    note(lines, health, "logId", "log id    ");
    note(lines, health, "compressed", "codec     ");
    note(lines, health, "live", "in use    ");
    return lines;
  }

  private static void note(List<String> lines, Health health, String name, String words) {
    String value = health.notes().get(name);
    if (value != null) {
      lines.add(words + value);
    }
  }

  private void files(Health health) throws IOException {
    List<Health.File> files = health.files();
    int shown = files.size() <= MOST_FILES ? files.size() : MOST_FILES - 1;
    int head = (shown + 1) / 2;
    for (int i = 0; i < files.size(); i++) {
      if (i == head && shown < files.size()) {
        results.line("          … " + (files.size() - shown) + " more (--json lists all) …");
        i = files.size() - (shown - head);
      }
      if (i < files.size()) {
        results.line((i == 0 ? "files     " : "          ") + words(files.get(i), health));
      }
    }
  }

  private static String words(Health.File file, Health health) {
    String numbers =
        file.first() == 0
            ? ""
            : health.numbering().word() + " " + file.first() + " to " + file.last();
    return String.format(
        "%-21s %-8s %10s  %s", file.name(), file.state(), ByteSize.words(file.bytes()), numbers);
  }

  private void defects(Health health) throws IOException {
    List<Defect> defects = health.defects();
    for (int i = 0; i < Math.min(MOST_DEFECTS, defects.size()); i++) {
      results.line(HealthReport.words(defects.get(i), health.numbering()));
    }
    if (defects.size() > MOST_DEFECTS) {
      results.line("  … " + (defects.size() - MOST_DEFECTS) + " more; verify lists all of them");
    }
  }
}
