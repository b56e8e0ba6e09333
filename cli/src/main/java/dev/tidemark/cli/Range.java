package dev.tidemark.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Which records, and in which shape.
final class Range {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--from",
      paramLabel = "N",
      description =
          "Begin with this LSN, sequence number, or, where the format has none, count of records,"
              + " of which the first is 1.")
  private long from;

  @Option(
      names = "--to",
      paramLabel = "N",
      defaultValue = "" + Long.MAX_VALUE,
      showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER,
      description = "End with this one.")
  private long to;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "" + Long.MAX_VALUE,
      showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER,
      description = "End after so many records.")
  private long limit;

  @Option(names = "--raw", description = "Write the bytes of the payloads, and nothing else.")
  private boolean raw;

  @Option(names = "--hex", description = "Write the payloads in hex, one on a line.")
  private boolean hex;

  @Option(names = "--json", description = "Write JSON, one object on a line (the default).")
  private boolean json;

  /// Checks that the options go together.
  void check() {
    if (from < 0 || limit < 0 || to < 0) {
      throw new ParameterException(
          spec.commandLine(), "--from, --to and --limit count from 0 upwards");
    }
    if ((raw ? 1 : 0) + (hex ? 1 : 0) + (json ? 1 : 0) > 1) {
      throw new ParameterException(
          spec.commandLine(), "--json, --raw and --hex exclude each other");
    }
  }

  long from() {
    return from;
  }

  long to() {
    return to;
  }

  long limit() {
    return limit;
  }

  RecordLine.Shape shape() {
    return raw ? RecordLine.Shape.RAW : hex ? RecordLine.Shape.HEX : RecordLine.Shape.JSON;
  }
}
