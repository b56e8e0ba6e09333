package dev.tidemark.cli;

import dev.tidemark.cli.screen.Results;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/// Says on stderr in one line why a command failed, and with which code it ends. A user is never
/// shown a stack trace unasked.
final class Failures implements IExecutionExceptionHandler {
  @Override
  public int handleExecutionException(Exception failure, CommandLine command, ParseResult parsed) {
    return report(failure, parsed.originalArgs().contains("--trace"));
  }

  /// Reports a failure.
  ///
  /// @param failure what was thrown
  /// @param trace whether the user asked for the stack trace
  /// @return the exit code
  int report(Throwable failure, boolean trace) {
    Throwable cause = failure;
    while ((cause instanceof UncheckedIOException
            || cause instanceof CommandLine.ExecutionException
            || cause instanceof tools.jackson.core.exc.JacksonIOException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof Results.Unwanted) {
      return 0;
    }
    if (trace) {
      cause.printStackTrace();
    }
    if (cause instanceof NoSuchFileException missing) {
      String reason = missing.getReason();
      System.err.println(
          "tidemark: "
              + missing.getFile()
              + ": "
              + (reason == null ? "no such file or directory" : reason));
      return Exit.NO_INPUT;
    }
    if (cause instanceof IOException io) {
      System.err.println("tidemark: " + words(io));
      return Exit.IO;
    }
    System.err.println(
        "tidemark: a defect of this program, not of what it reads: " + cause + where(cause, trace));
    return Exit.INTERNAL;
  }

  private static String words(IOException failure) {
    String message = failure.getMessage();
    if (failure instanceof FileSystemException file && file.getFile() != null) {
      String what =
          switch (file) {
            case AccessDeniedException _ -> "permission denied";
            case FileAlreadyExistsException _ -> "exists already";
            case DirectoryNotEmptyException _ -> "is not empty";
            case NotDirectoryException _ -> "is not a directory";
            default -> String.valueOf(file.getReason());
          };
      return file.getFile() + ": " + what;
    }
    return message == null ? failure.toString() : message;
  }

  private static String where(Throwable defect, boolean shown) {
    if (shown) {
      return "";
    }
    try {
      Path file = Files.createTempFile("tidemark-", ".trace.txt");
      try (PrintStream to = new PrintStream(file.toFile(), StandardCharsets.UTF_8)) {
        defect.printStackTrace(to);
      }
      return "\nThe stack trace is in " + file + "; please report it. --trace shows it here.";
    } catch (IOException | RuntimeException _) {
      return "\n--trace shows the stack trace.";
    }
  }
}
