package dev.tidemark.cli;

import dev.tidemark.cli.logs.Defect;
import dev.tidemark.cli.logs.Formats;
import dev.tidemark.cli.logs.Log;
import dev.tidemark.cli.logs.OwnLog;
import dev.tidemark.cli.logs.Shown;
import dev.tidemark.cli.logs.Taker;
import dev.tidemark.cli.logs.Target;
import dev.tidemark.cli.logs.Targets;
import dev.tidemark.cli.screen.Results;
import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.IgnoredValues;
import dev.tidemark.formats.LogFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `tidemark convert`: the records of one log in another format.
@Command(
    name = "convert",
    header = "Write a log in another format.",
    description = {
      "Writes the records of a log to a new log of another format, payloads as they are: a format is"
          + " a container. What cannot be put into it is refused, and nothing is left behind then."
          + " Numbers are given anew where the format has some. What is damaged is passed over as dump"
          + " does, and told on stderr.",
      "",
      "DEST is a new directory for tidemark, prometheus and loki, and a new file for the others, or a"
          + " directory that is there, in which the file gets a name such as the system gives. Where"
          + " payloads are not what the other system writes, it could not replay them: that is told on"
          + " stderr, and --strict refuses it. BanyanDB keeps values of series: a record of another"
          + " format becomes a value of a series that is named after that format, its time the count"
          + " of the record.",
      ""
    },
    mixinStandardHelpOptions = true,
    exitCodeOnInvalidInput = Exit.USAGE,
    exitCodeOnExecutionException = Exit.INTERNAL,
    footerHeading = "%nExample:%n",
    footer = {
      "  tidemark convert /var/lib/app/000123.log --to tidemark ./copy",
      "",
      "Exit codes: 0 done, 64 usage, or something cannot be put into the format, 66 no"
          + " such file or directory, 70 a defect of ours, 74 I/O error."
    })
final class Convert implements Callable<Integer> {
  /// The names that `--to` takes, for completion.
  static final class Names implements Iterable<String> {
    Names() {}

    @Override
    public Iterator<String> iterator() {
      return Targets.NAMES.iterator();
    }
  }

  private final Results results;

  @Mixin private Subject subject;

  @Parameters(index = "1", paramLabel = "DEST", description = "Where the new log goes.")
  private Path destination;

  @Option(
      names = "--to",
      paramLabel = "NAME",
      required = true,
      completionCandidates = Names.class,
      description = "The format of the new log: ${COMPLETION-CANDIDATES}.")
  private String to;

  @Option(
      names = "--all",
      description = "Also take records behind damage where the system itself would give up.")
  private boolean all;

  @Option(
      names = "--strict",
      description = "Refuse payloads that are not what the other system writes.")
  private boolean strict;

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  // Owned by the thread of the command.
  private long records;
  private long bytes;
  private long strange;
  private String firstStrange = "";

  Convert(Results results) {
    this.results = results;
  }

  @Override
  public Integer call() throws IOException {
    String format = to.toLowerCase(Locale.ROOT);
    if (!Targets.NAMES.contains(format)) {
      throw subject.wrong(
          "--to: '" + to + "' cannot be written; these can: " + String.join(", ", Targets.NAMES));
    }
    Log log = subject.log();
    Warnings warnings = new Warnings(log);
    Path written;
    try (Target target = Targets.create(format, destination, log.format())) {
      log.read(0, Long.MAX_VALUE, all, taker(log, format, target, warnings));
      target.finish();
      written = target.path();
    }
    warnings.end();
    if (strange > 0) {
      System.err.println(
          "tidemark: "
              + strange
              + " of the records are not what "
              + format
              + " writes, which could not replay them; the first: "
              + firstStrange);
    }
    if (json) {
      results.object(
          out -> {
            out.writeStringProperty("from", log.format());
            out.writeStringProperty("to", format);
            out.writeStringProperty("path", written.toString());
            out.writeNumberProperty("records", records);
            out.writeNumberProperty("payloadBytes", bytes);
            out.writeNumberProperty("foreignPayloads", strange);
          });
    } else {
      results.line(
          HealthReport.count(records, "record")
              + " ("
              + ByteSize.words(bytes)
              + ") from "
              + log.format()
              + " to "
              + format
              + ": "
              + written);
    }
    return 0;
  }

  private Taker taker(Log log, String format, Target target, Warnings warnings) {
    // What it says of itself is believed where source and target are the same.
    Optional<LogFormat> judge =
        format.equals(log.format()) || format.equals(OwnLog.FORMAT) || format.equals("banyandb")
            ? Optional.empty()
            : Formats.all().foreign(format);
    return new Taker() {
      @Override
      public boolean record(Shown record) throws IOException {
        if (judge.isPresent()) {
          judge(judge.get(), record);
        }
        try {
          target.append(record);
        } catch (IllegalArgumentException refused) {
          throw subject.wrong(
              place(record) + " cannot be put into " + format + ": " + refused.getMessage());
        }
        records++;
        bytes += record.payload().remaining();
        return true;
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

  private void judge(LogFormat format, Shown record) {
    try {
      format.describe(record.payload(), new IgnoredValues());
    } catch (FormatException strangePayload) {
      if (strict) {
        throw subject.wrong(
            place(record)
                + " is not what "
                + format.name()
                + " writes: "
                + strangePayload.getMessage());
      }
      if (strange == 0) {
        firstStrange = place(record) + ": " + strangePayload.getMessage();
      }
      strange++;
    }
  }

  private static String place(Shown record) {
    return "the record at offset " + record.offset() + " of " + record.file();
  }
}
