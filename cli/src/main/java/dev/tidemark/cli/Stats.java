package dev.tidemark.cli;

import dev.tidemark.cli.logs.Defect;
import dev.tidemark.cli.logs.Log;
import dev.tidemark.cli.logs.Shown;
import dev.tidemark.cli.logs.Taker;
import dev.tidemark.cli.screen.Bar;
import dev.tidemark.cli.screen.Results;
import dev.tidemark.cli.screen.SizeHistogram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.core.JsonGenerator;

/// `tidemark stats`: how large records are, and what they take.
@Command(
    name = "stats",
    header = "Count records and bytes, draw a histogram of sizes.",
    description = {
      "Counts a log: records, bytes, what the files take beside the payloads, how fast it is read, and"
          + " how large records are, as a histogram. Shows every record whose checksums hold.",
      ""
    },
    mixinStandardHelpOptions = true,
    exitCodeOnInvalidInput = Exit.USAGE,
    exitCodeOnExecutionException = Exit.INTERNAL,
    footerHeading = "%nExample:%n",
    footer = {
      "  tidemark stats ./data/wal/shard-0000",
      "",
      "Exit codes: 0 done, damaged or not, 64 usage, 66 no such file or directory, 70 a"
          + " defect of ours, 74 I/O error."
    })
final class Stats implements Callable<Integer> {
  private final Results results;

  @Mixin private Subject subject;

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  // Owned by the thread of the command.
  private final SizeHistogram sizes = new SizeHistogram();
  private long fileBytes;
  private int files;
  private double seconds;
  private long first;
  private long last;

  Stats(Results results) {
    this.results = results;
  }

  @Override
  public Integer call() throws IOException {
    Log log = subject.log();
    Warnings warnings = new Warnings(log);
    for (Path name : log.files()) {
      Path file = Files.isDirectory(log.path()) ? log.path().resolve(name) : log.path();
      fileBytes += Files.size(file);
      files++;
    }
    long begun = System.nanoTime();
    try (Bar bar = Bar.begin("counting")) {
      log.read(0, Long.MAX_VALUE, true, counter(warnings, bar));
    }
    seconds = Math.max(1, System.nanoTime() - begun) / 1e9;
    warnings.end();
    if (json) {
      results.object(to -> write(to, log));
    } else {
      print(log);
    }
    return 0;
  }

  private Taker counter(Warnings warnings, Bar bar) {
    return new Taker() {
      @Override
      public boolean record(Shown record) {
        sizes.add(record.payload().remaining());
        first = first == 0 ? record.first() : first;
        last = Math.max(last, Math.max(record.first(), record.last()));
        bar.at(sizes.bytes(), fileBytes);
        return true;
      }

      @Override
      public void defect(Defect defect) {
        warnings.tell(defect);
      }
    };
  }

  private void write(JsonGenerator to, Log log) {
    to.writeStringProperty("path", log.path().toString());
    to.writeStringProperty("format", log.format());
    to.writeNumberProperty("files", files);
    to.writeNumberProperty("fileBytes", fileBytes);
    to.writeNumberProperty("records", sizes.count());
    to.writeNumberProperty("payloadBytes", sizes.bytes());
    if (sizes.count() > 0) {
      to.writeNumberProperty(log.numbering().property("first"), first);
      to.writeNumberProperty(log.numbering().property("last"), last);
      to.writeNumberProperty("smallest", sizes.smallest());
      to.writeNumberProperty("largest", sizes.largest());
      to.writeNumberProperty("mean", sizes.bytes() / (double) sizes.count());
    }
    to.writeNumberProperty("seconds", seconds);
    to.writeNumberProperty("recordsPerSecond", sizes.count() / seconds);
    to.writeNumberProperty("bytesPerSecond", sizes.bytes() / seconds);
    to.writeArrayPropertyStart("histogram");
    sizes.buckets(
        (from, upTo, count) -> {
          to.writeStartObject();
          to.writeNumberProperty("fromBytes", from);
          to.writeNumberProperty("toBytes", upTo);
          to.writeNumberProperty("records", count);
          to.writeEndObject();
        });
    to.writeEndArray();
  }

  private void print(Log log) throws IOException {
    results.line(log.path() + ": a log of " + log.format());
    results.line("records   " + sizes.count() + numbers(log));
    results.line("payload   " + ByteSize.words(sizes.bytes()) + perRecord());
    results.line("files     " + files + ", " + ByteSize.words(fileBytes) + beside());
    results.line(
        String.format(
            Locale.ROOT,
            "read      in %.2f s: %,.0f records/s, %s/s of payload",
            seconds,
            sizes.count() / seconds,
            ByteSize.words(Math.round(sizes.bytes() / seconds))));
    if (sizes.count() > 0) {
      results.line("");
      results.line("record size, in bytes        records");
      for (String line : sizes.drawn()) {
        results.line(line);
      }
    }
  }

  private String numbers(Log log) {
    return sizes.count() == 0 ? "" : ", " + log.numbering().word() + " " + first + " to " + last;
  }

  private String perRecord() {
    if (sizes.count() == 0) {
      return "";
    }
    return String.format(
        Locale.ROOT,
        "; a record has %d to %d bytes, %.1f on average",
        sizes.smallest(),
        sizes.largest(),
        sizes.bytes() / (double) sizes.count());
  }

  private String beside() {
    return fileBytes == 0
        ? ""
        : String.format(Locale.ROOT, ", %.1f %% of it payload", 100.0 * sizes.bytes() / fileBytes);
  }
}
