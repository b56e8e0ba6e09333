package dev.tidemark.ingest;

import dev.tidemark.ingest.lineprotocol.ParseResult;
import java.util.concurrent.atomic.LongAdder;

/// Counts what becomes of bodies. Safe for use by any number of threads.
final class WriteCounters {
  final LongAdder accepted = new LongAdder();
  final LongAdder refused = new LongAdder();
  final LongAdder unavailable = new LongAdder();
  final LongAdder points = new LongAdder();
  final LongAdder linesRejected = new LongAdder();
  final LongAdder bytes = new LongAdder();

  void stored(long bodyBytes, ParseResult result) {
    accepted.increment();
    points.add(result.accepted());
    linesRejected.add(result.rejected());
    bytes.add(bodyBytes);
  }

  void refused(int rejected) {
    refused.increment();
    linesRejected.add(rejected);
  }

  void unavailable() {
    unavailable.increment();
  }
}
