package dev.tidemark.cli;

import dev.tidemark.cli.logs.Defect;
import dev.tidemark.cli.logs.Health;
import dev.tidemark.cli.logs.Log;
import dev.tidemark.cli.logs.OwnLog;
import dev.tidemark.cli.logs.Targets;
import dev.tidemark.cli.logs.Trees;
import dev.tidemark.cli.screen.Results;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `tidemark repair`: a log without what is damaged in it.
@Command(
    name = "repair",
    header = "Make a log that opens of one that is damaged.",
    description = {
      "Says what of a damaged log can be kept and what is lost. Without --to or --in-place that is all:"
          + " nothing is written. With one of them it makes a log that its system opens: Tidemark's own"
          + " by a salvage, which keeps every record that can be vouched for, lists the holes in the"
          + " log, and makes a damaged manifest again from the segments; those of other systems by"
          + " writing the records that are kept to new files in place of the damaged ones. Other files"
          + " stay as they are, also such as the system itself would drop because of damage before"
          + " them; which those are is said.",
      "",
      "The log must not be in use.",
      ""
    },
    mixinStandardHelpOptions = true,
    exitCodeOnInvalidInput = Exit.USAGE,
    exitCodeOnExecutionException = Exit.INTERNAL,
    footerHeading = "%nExample:%n",
    footer = {
      "  tidemark repair ./data/wal/shard-0000",
      "  tidemark repair ./data/wal/shard-0000 --to ./repaired",
      "",
      "Exit codes: 0 done, or there is nothing to do, 64 usage, or the format cannot be"
          + " written, 66 no such file or directory, 70 a defect of ours, 74 I/O error, in"
          + " use, or nothing can be kept."
    })
final class Repair implements Callable<Integer> {
  private final Results results;

  @Mixin private Subject subject;

  @Option(
      names = "--to",
      paramLabel = "DIR",
      description = "Write the repaired log to this directory, which must not be there yet.")
  private @Nullable Path to;

  @Option(
      names = "--in-place",
      description =
          "Repair the log where it is, once a complete copy of it stands beside it, named"
              + " NAME.before-repair-N, and was compared with it.")
  private boolean inPlace;

  @Option(
      names = "--all",
      description =
          "Also keep records behind damage where the system itself would give up, if their checksums"
              + " hold. Tidemark's own are kept in any case.")
  private boolean all;

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  Repair(Results results) {
    this.results = results;
  }

  @Override
  public Integer call() throws IOException {
    Path wanted = to;
    if (wanted != null && inPlace) {
      throw subject.wrong("--to and --in-place exclude each other");
    }
    if (wanted != null && Files.exists(wanted)) {
      throw subject.wrong("--to " + wanted + " is there already; name a new directory");
    }
    Log log = subject.log();
    boolean own = log instanceof OwnLog;
    if (own && !Files.isDirectory(log.path())) {
      throw subject.wrong(
          log.path()
              + " is one segment; only a log as a whole can be repaired: give its directory");
    }
    boolean writes = wanted != null || inPlace;
    Health health = HealthReport.of(log);
    boolean damaged = health.verdict() != Health.Verdict.CLEAN;
    if (writes && damaged && !own && !Targets.hasWriter(log.format())) {
      throw subject.wrong(
          "files of "
              + log.format()
              + " cannot be written; convert --to tidemark keeps the records that are left");
    }
    if (writes && health.notes().containsKey("live")) {
      throw new IOException(log.path() + ": is in use; stop whoever writes to it first");
    }
    Repaired repaired = null;
    if (damaged && wanted != null) {
      repaired = new Repairing(log, health, all).to(wanted);
    } else if (damaged && inPlace) {
      repaired = inPlace(log, health);
    }
    say(log, health, repaired);
    return 0;
  }

  private Repaired inPlace(Log log, Health health) throws IOException {
    Repairing repairing = new Repairing(log, health, all);
    repairing.checkIsFree();
    Path path = log.path().toAbsolutePath().normalize();
    Path copy = null;
    for (int n = 1; copy == null; n++) {
      Path candidate = path.resolveSibling(path.getFileName() + ".before-repair-" + n);
      copy = Files.exists(candidate) ? null : candidate;
    }
    try {
      Trees.copy(path, copy);
    } catch (FileAlreadyExistsException raced) {
      throw raced;
    } catch (IOException incomplete) {
      Trees.delete(copy);
      throw incomplete;
    }
    return repairing.inPlace().withCopy(copy);
  }

  // ---- what is said

  private void say(Log log, Health health, @Nullable Repaired repaired) throws IOException {
    if (json) {
      results.object(
          out -> {
            HealthReport.write(out, log, health);
            out.writeBooleanProperty("dryRun", repaired == null);
            if (repaired != null) {
              out.writeStringProperty("repaired", repaired.path().toString());
              out.writeNumberProperty("kept", repaired.kept());
              if (repaired.copy() != null) {
                out.writeStringProperty("copy", repaired.copy().toString());
              }
            }
          });
      return;
    }
    if (health.verdict() == Health.Verdict.CLEAN) {
      results.line(log.path() + ": clean; there is nothing to repair, and nothing was written");
      return;
    }
    results.line(log.path() + ": " + HealthReport.verdict(health));
    String word = health.numbering().word();
    long kept = repaired == null ? health.records() : repaired.kept();
    results.line(
        (repaired == null ? "would keep  " : "kept        ")
            + HealthReport.count(kept, "record")
            + (health.records() == 0
                ? ""
                : ", of " + word + " " + health.first() + " to " + health.last()));
    results.line(
        (repaired == null ? "would lose  " : "lost        ")
            + (health.lost() == 0
                ? "nothing that is known"
                : HealthReport.count(health.lost(), word)));
    for (Defect defect : health.defects()) {
      results.line(HealthReport.words(defect, health.numbering()));
    }
    String notApplied = health.notes().get(Health.NOT_APPLIED);
    if (notApplied != null) {
      results.line(
          (repaired == null ? "would keep  " : "kept        ")
              + notApplied
              + ": "
              + log.format()
              + " itself applies nothing of it, as it is behind the damage");
    }
    if (repaired == null) {
      results.line(
          "nothing was written; --to DIR writes a repaired copy, --in-place repairs it here");
      return;
    }
    if (repaired.copy() != null) {
      results.line("copy        " + repaired.copy() + ", as it was before");
    }
    results.line("repaired    " + repaired.path());
    for (String line : repaired.said()) {
      results.line("  " + line);
    }
  }
}
