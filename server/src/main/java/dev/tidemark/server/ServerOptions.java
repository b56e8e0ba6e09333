package dev.tidemark.server;

import dev.tidemark.ingest.IngestOptions;
import java.nio.file.Path;

/// How a server works. Immutable.
///
/// @param dataDirectory where logs and Parquet files live; created if it does not exist
/// @param port where to listen on 127.0.0.1; 0 lets the system choose
/// @param maxBodyBytes the largest body, as sent and after decompression; at most 100 MiB
/// @param ingest how points are stored, and what memory and disk that may take
public record ServerOptions(Path dataDirectory, int port, int maxBodyBytes, IngestOptions ingest) {
  /// The default port.
  public static final int DEFAULT_PORT = 8000;

  /// The default size of the largest body where there is memory enough: 100 MiB.
  public static final int DEFAULT_MAX_BODY_BYTES = 100 << 20;

  /// Checks the ranges.
  ///
  /// @throws IllegalArgumentException if a value is out of range
  public ServerOptions {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port must be 0 to 65535: " + port);
    }
    if (maxBodyBytes < 1 || maxBodyBytes > DEFAULT_MAX_BODY_BYTES) {
      throw new IllegalArgumentException(
          "maxBodyBytes must be 1 to " + DEFAULT_MAX_BODY_BYTES + ": " + maxBodyBytes);
    }
  }

  /// {@return options with the default limits}
  ///
  /// @param dataDirectory where logs and Parquet files live
  /// @param port where to listen on 127.0.0.1; 0 lets the system choose
  public static ServerOptions of(Path dataDirectory, int port) {
    return of(dataDirectory, port, IngestOptions.defaults());
  }

  /// {@return options with a body of 100 MiB at most, or of half the memory budget if that is less}
  ///
  /// @param dataDirectory where logs and Parquet files live
  /// @param port where to listen on 127.0.0.1; 0 lets the system choose
  /// @param ingest how points are stored
  public static ServerOptions of(Path dataDirectory, int port, IngestOptions ingest) {
    long half = ingest.memoryBytes() / 2;
    return new ServerOptions(
        dataDirectory, port, (int) Math.min(DEFAULT_MAX_BODY_BYTES, half), ingest);
  }
}
