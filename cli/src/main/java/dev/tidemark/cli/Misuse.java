package dev.tidemark.cli;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/// Says on stderr what is wrong with a command line, and how it would be right: of a command its
/// synopsis, of none all there are.
final class Misuse implements IParameterExceptionHandler {
  @Override
  public int handleParseException(ParameterException wrong, String[] arguments) {
    CommandLine command = wrong.getCommandLine();
    PrintWriter err = command.getErr();
    err.println("tidemark: " + wrong.getMessage());
    boolean _ = UnmatchedArgumentException.printSuggestions(wrong, err);
    if (command.getParent() == null) {
      command.usage(err);
    } else {
      String name = command.getCommandSpec().qualifiedName();
      err.print(command.getHelp().synopsisHeading());
      err.print(command.getHelp().synopsis(command.getHelp().synopsisHeadingLength()));
      err.println("'" + name + " --help' shows an example and what the options mean.");
    }
    err.flush();
    return Exit.USAGE;
  }
}
