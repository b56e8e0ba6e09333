package dev.tidemark.server;

import dev.tidemark.ingest.BadLinesException;
import dev.tidemark.ingest.Ingest;
import dev.tidemark.ingest.IngestMetrics;
import dev.tidemark.ingest.SinkFailedException;
import dev.tidemark.ingest.UnavailableException;
import dev.tidemark.ingest.WriteRequest;
import dev.tidemark.ingest.WriteResult;
import dev.tidemark.ingest.budget.DiskUse;
import dev.tidemark.ingest.budget.MemoryBudget;
import java.io.IOException;

/// Where requests put their points: what the server uses of [Ingest], with its contracts, so that a
/// test can be the other side.
interface Points extends AutoCloseable {

  /// As [Ingest#write].
  WriteResult write(WriteRequest request) throws BadLinesException, UnavailableException;

  /// As [Ingest#flush].
  long flush() throws SinkFailedException, UnavailableException;

  /// As [Ingest#metrics].
  IngestMetrics metrics();

  /// As [Ingest#memory].
  MemoryBudget memory();

  /// As [Ingest#disk].
  DiskUse disk();

  /// As [Ingest#failure].
  String failure();

  /// As [Ingest#refusal].
  String refusal();

  /// As [Ingest#countUnavailable].
  void countUnavailable();

  /// As [Ingest#close].
  @Override
  void close() throws IOException;

  /// {@return the real ones}
  static Points of(Ingest ingest) {
    return new Points() {
      @Override
      public WriteResult write(WriteRequest request)
          throws BadLinesException, UnavailableException {
        return ingest.write(request);
      }

      @Override
      public long flush() throws SinkFailedException, UnavailableException {
        return ingest.flush();
      }

      @Override
      public IngestMetrics metrics() {
        return ingest.metrics();
      }

      @Override
      public MemoryBudget memory() {
        return ingest.memory();
      }

      @Override
      public DiskUse disk() {
        return ingest.disk();
      }

      @Override
      public String failure() {
        return ingest.failure();
      }

      @Override
      public String refusal() {
        return ingest.refusal();
      }

      @Override
      public void countUnavailable() {
        ingest.countUnavailable();
      }

      @Override
      public void close() throws IOException {
        ingest.close();
      }
    };
  }
}
