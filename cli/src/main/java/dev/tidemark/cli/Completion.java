package dev.tidemark.cli;

import dev.tidemark.cli.screen.Results;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `tidemark completion`: a script that completes what users type.
@Command(
    name = "completion",
    header = "Print a script that completes what is typed.",
    description = {
      "Prints a script with which bash and zsh complete commands, options and names of formats.",
      ""
    },
    mixinStandardHelpOptions = true,
    exitCodeOnInvalidInput = Exit.USAGE,
    exitCodeOnExecutionException = Exit.INTERNAL,
    footerHeading = "%nExample:%n",
    footer = {
      "  source <(tidemark completion)",
      "  tidemark completion > ~/.local/share/bash-completion/completions/tidemark"
    })
final class Completion implements Callable<Integer> {
  private final Results results;

  @Spec private CommandSpec spec;

  @Option(names = "--json", description = "Print one JSON object that holds the script.")
  private boolean json;

  Completion(Results results) {
    this.results = results;
  }

  @Override
  public Integer call() throws IOException {
    CommandSpec root = spec.parent() == null ? spec : spec.parent();
    String script = AutoComplete.bash("tidemark", root.commandLine());
    if (json) {
      results.object(to -> to.writeStringProperty("script", script));
    } else {
      results.line(script.stripTrailing());
    }
    return 0;
  }
}
