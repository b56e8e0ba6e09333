package dev.tidemark.cli;

import dev.tidemark.ingest.IngestOptions;
import dev.tidemark.ingest.Recovered;
import dev.tidemark.ingest.RecoveryListener;
import dev.tidemark.ingest.ReplayProgress;
import dev.tidemark.server.ServerOptions;
import dev.tidemark.server.TidemarkServer;
import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.WalLockedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `tidemark serve`: recovers, says `ready` on stdout, and serves until it is told to stop.
@Command(
    name = "serve",
    header = "Take points over HTTP and store them exactly once.",
    description = {
      "Takes points over HTTP on 127.0.0.1 and stores them exactly once: in a log before they are"
          + " acknowledged, and in Parquet files soon after.",
      "",
      "Prints one line to stdout once it takes writes. SIGTERM and SIGINT make it write what is in"
          + " memory, close its logs and exit with 0."
    },
    mixinStandardHelpOptions = true,
    exitCodeOnInvalidInput = Exit.USAGE,
    exitCodeOnExecutionException = Exit.INTERNAL,
    footerHeading = "%nExample:%n",
    footer = {
      "  tidemark serve --data ./data --port 8000",
      "  curl -sS --data-binary @points.lp \\",
      "    'http://127.0.0.1:8000/api/v1/write/line-protocol' -H 'x-arc-database: nab'",
      "  curl -sS -X POST http://127.0.0.1:8000/api/v1/write/flush",
      "",
      "Exit codes: 0 stopped as asked, 64 usage, 70 a defect, 74 disk, port or a" + " damaged log."
    })
final class Serve implements Callable<Integer> {
  private static final int MAX_PORT = 65_535;

  @Spec private CommandSpec spec;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      defaultValue = "data",
      description = "Where logs and Parquet files live; made if missing (default: ./data).")
  private Path data;

  @Option(
      names = "--port",
      paramLabel = "N",
      defaultValue = "" + ServerOptions.DEFAULT_PORT,
      description = "Where to listen; 0 picks a free port and says which (default: 8000).")
  private int port;

  @Option(names = "--json", description = "Print the line on stdout as a JSON object.")
  private boolean json;

  @Mixin private Budgets budgets;

  @Override
  public Integer call() throws InterruptedException {
    if (port < 0 || port > MAX_PORT) {
      throw new ParameterException(
          spec.commandLine(), "Invalid value for option '--port': " + port + " is not 0 to 65535");
    }
    IngestOptions ingest = budgets.ingest();
    // Only now: help needs no logger.
    Logger logger = LoggerFactory.getLogger(Serve.class);
    TidemarkServer server;
    try {
      prepare(data);
      server = TidemarkServer.bind(ServerOptions.of(data, port, ingest));
    } catch (IOException refused) {
      logger.error("{}", refused.getMessage());
      return Exit.IO;
    }
    Stop stop = Stop.onSignal(server::close, logger, Stop.PATIENCE);
    try {
      logger.info("bound 127.0.0.1:{}, recovering {}", server.port(), data.toAbsolutePath());
      server.recover(new Telling(logger));
      logger.info("serving within {}; SIGTERM stops", words(server.budgets()));
    } catch (IOException | RuntimeException | Error failure) {
      return stop.insteadOf(() -> explain(failure, logger));
    }
    String address = "http://127.0.0.1:" + server.port();
    System.out.println(json ? "{\"ready\":\"" + address + "\"}" : "ready " + address);
    System.out.flush();
    new CountDownLatch(1).await();
    return 0;
  }

  private static String words(TidemarkServer.Budgets budgets) {
    return String.format(
        "a memory budget of %s (%s taken) and a disk budget of %s for the logs (%s taken)",
        ByteSize.words(budgets.memoryBytes()),
        ByteSize.words(budgets.memoryUsedBytes()),
        ByteSize.words(budgets.diskBytes()),
        ByteSize.words(budgets.diskUsedBytes()));
  }

  // So that a typing error is told apart from a damaged log.
  private static void prepare(Path data) throws IOException {
    Path absolute = data.toAbsolutePath();
    if (Files.exists(data) && !Files.isDirectory(data)) {
      throw new IOException("--data " + absolute + " is a file and not a directory");
    }
    try {
      Files.createDirectories(data);
      Files.delete(Files.createTempFile(data, "writable", ".tmp"));
    } catch (IOException cause) {
      // A full disk is no reason: what is in the logs may have to be flushed to make room.
      if (!Files.isDirectory(data) || !Files.isWritable(data)) {
        throw new IOException("--data " + absolute + " cannot be written to: " + cause, cause);
      }
    }
    if (!Files.isReadable(data)) {
      throw new IOException("--data " + absolute + " cannot be read");
    }
  }

  private int explain(Throwable failure, Logger logger) {
    switch (failure) {
      case CorruptWalException corrupt ->
          logger.error(
              "not started: a log in {} is damaged: {}. That log was not changed. Copy the whole"
                  + " directory before anything else is tried, and look for a backup that has these"
                  + " bytes.",
              data.toAbsolutePath(),
              corrupt.getMessage());
      case WalLockedException locked -> logger.error("not started: {}", locked.getMessage());
      case IOException io -> logger.error("not started: {}", io.toString(), io);
      default -> {
        logger.error("not started, because of a defect", failure);
        return Exit.INTERNAL;
      }
    }
    return Exit.IO;
  }

  /// Writes down how recovery gets on.
  private record Telling(Logger logger) implements RecoveryListener {
    @Override
    public void progress(ReplayProgress progress) {
      logger.info("recovering: {}", progress);
    }

    @Override
    public void recovered(Recovered recovered) {
      logger.info(
          "recovered: {}. Log shard-0000: {}. Log catalog: {}",
          recovered,
          recovered.shardLog(),
          recovered.catalogLog());
    }
  }
}
