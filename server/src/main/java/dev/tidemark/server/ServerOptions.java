package dev.tidemark.server;

import java.nio.file.Path;

/// How a server works. Immutable.
///
/// @param dataDirectory where logs and Parquet files live; created if it does not exist
/// @param port where to listen on 127.0.0.1; 0 lets the system choose
/// @param maxBodyBytes the largest body, as sent and after decompression
/// @param bodiesInFlightBytes how much memory the bodies of all requests together may take, in
///   bytes; at least twice `maxBodyBytes`, for a body compressed and plain
public record ServerOptions(
    Path dataDirectory, int port, int maxBodyBytes, long bodiesInFlightBytes) {
  /// The default port.
  public static final int DEFAULT_PORT = 8000;

  /// The default size of the largest body: 100 MiB.
  public static final int DEFAULT_MAX_BODY_BYTES = 100 << 20;

  private static final long MOST_IN_FLIGHT_BYTES = 512L << 20;

  /// Checks the ranges.
  ///
  /// @throws IllegalArgumentException if a value is out of range
  public ServerOptions {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port must be 0 to 65535: " + port);
    }
    if (maxBodyBytes < 1) {
      throw new IllegalArgumentException("maxBodyBytes must be at least 1: " + maxBodyBytes);
    }
    if (bodiesInFlightBytes < 2L * maxBodyBytes) {
      throw new IllegalArgumentException(
          "bodiesInFlightBytes "
              + bodiesInFlightBytes
              + " is less than twice maxBodyBytes "
              + maxBodyBytes);
    }
  }

  /// {@return options with the default limits: bodies take at most a quarter of the heap}
  ///
  /// @param dataDirectory where logs and Parquet files live
  /// @param port where to listen on 127.0.0.1; 0 lets the system choose
  public static ServerOptions of(Path dataDirectory, int port) {
    long quarter = Runtime.getRuntime().maxMemory() / 4;
    return new ServerOptions(
        dataDirectory,
        port,
        DEFAULT_MAX_BODY_BYTES,
        Math.max(2L * DEFAULT_MAX_BODY_BYTES, Math.min(MOST_IN_FLIGHT_BYTES, quarter)));
  }
}
