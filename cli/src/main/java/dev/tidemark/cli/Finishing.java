package dev.tidemark.cli;

import dev.tidemark.cli.screen.Results;
import picocli.CommandLine;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.IExecutionStrategy;
import picocli.CommandLine.ParseResult;

/// Runs the last command that was named, and then sees to it that its results have arrived.
///
/// @param results what was written
record Finishing(Results results) implements IExecutionStrategy {
  @Override
  public int execute(ParseResult parsed) {
    int code = new CommandLine.RunLast().execute(parsed);
    try {
      results.flush();
    } catch (Results.Unwanted _) {
      // Whoever read them has seen enough; the code is the command's own.
    } catch (java.io.IOException failure) {
      throw new ExecutionException(parsed.commandSpec().commandLine(), "stdout", failure);
    }
    return code;
  }
}
