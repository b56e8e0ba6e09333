package dev.tidemark.server;

import dev.tidemark.ingest.BadLinesException;
import dev.tidemark.ingest.IngestMetrics;
import dev.tidemark.ingest.SinkFailedException;
import dev.tidemark.ingest.UnavailableException;
import dev.tidemark.ingest.WriteRequest;
import dev.tidemark.ingest.WriteResult;
import dev.tidemark.ingest.budget.DiskBudget;
import dev.tidemark.ingest.budget.DiskUse;
import dev.tidemark.ingest.budget.MemoryBudget;
import dev.tidemark.wal.Histogram;
import dev.tidemark.wal.WalMetrics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/// Points that keep what they are given and answer as they are told. Lines are counted, not parsed.
final class FakePoints implements Points {
  final List<Kept> kept = new CopyOnWriteArrayList<>();
  volatile Writing writing = request -> new WriteResult(1, 0, List.of());
  volatile Flushing flushing = () -> 0;
  volatile String failure = "";
  volatile String refusal = "";
  final AtomicInteger unavailable = new AtomicInteger();
  volatile boolean closed;
  private final MemoryBudget memory;

  FakePoints(long memoryBytes) {
    memory = new MemoryBudget(memoryBytes);
  }

  /// What a request was when it arrived.
  record Kept(WriteRequest request, String body) {}

  interface Writing {
    WriteResult write(WriteRequest request) throws BadLinesException, UnavailableException;
  }

  interface Flushing {
    long flush() throws SinkFailedException, UnavailableException;
  }

  @Override
  public WriteResult write(WriteRequest request) throws BadLinesException, UnavailableException {
    String body =
        new String(request.body(), request.offset(), request.length(), StandardCharsets.UTF_8);
    WriteResult result = writing.write(request);
    kept.add(new Kept(request, body));
    return result;
  }

  @Override
  public long flush() throws SinkFailedException, UnavailableException {
    return flushing.flush();
  }

  @Override
  public IngestMetrics metrics() {
    WalMetrics log = log();
    return new IngestMetrics(
        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, log, log);
  }

  private static WalMetrics log() {
    Histogram times = Histogram.of(1_000_000, 2_000_000, 2_000_000_000);
    return new WalMetrics(
        new WalMetrics.Lsns(3, 4, 5, 7),
        new WalMetrics.Counts(1, 2, 3, 4, 5),
        new WalMetrics.Latencies(times, times, times, times),
        new WalMetrics.Groups(Histogram.of(1, 2), Histogram.of(64, 4096)),
        new WalMetrics.Files(2, 1, true, 192 << 20),
        false,
        true);
  }

  @Override
  public MemoryBudget memory() {
    return memory;
  }

  @Override
  public DiskUse disk() {
    try {
      return DiskUse.of(Path.of("unused"), DiskBudget.ofBytes(1000), 0);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  @Override
  public String failure() {
    return failure.isEmpty() ? refusal : failure;
  }

  @Override
  public String refusal() {
    return refusal;
  }

  @Override
  public void countUnavailable() {
    unavailable.incrementAndGet();
  }

  @Override
  public void close() throws IOException {
    closed = true;
  }
}
