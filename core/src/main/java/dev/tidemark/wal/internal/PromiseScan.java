package dev.tidemark.wal.internal;

import java.io.IOException;

/// What the frames of a segment say from some place on, up to where they stop for now. It judges
/// nothing: in a live log more may stand there in a moment.
///
/// @param end where they stop, in bytes
/// @param promisedLsn the largest durable LSN in any of their headers, 0 if there is none
/// @param wholeLsn the last LSN of the last whole batch; only if payloads were looked at
/// @param tooNew whether they stop at one that this code must know and does not
record PromiseScan(long end, long promisedLsn, long wholeLsn, boolean tooNew) {

  /// Scans frames.
  ///
  /// @param frames of the segment; sees what stands there now
  /// @param offset where a frame begins or will begin, in bytes
  /// @param chain the header CRC of the frame before
  /// @param firstLsn the LSN of the next record there; no batch is open
  /// @param payloads whether to verify payloads, and stop at one that is not whole
  static PromiseScan of(FrameReader frames, long offset, int chain, long firstLsn, boolean payloads)
      throws IOException {
    frames.refresh();
    long at = offset;
    int previousCrc = chain;
    long nextLsn = firstLsn;
    long promisedLsn = 0;
    long wholeLsn = firstLsn - 1;
    boolean inBatch = false;
    while (true) {
      FrameReader.Found found = payloads ? frames.read(at) : frames.readHeader(at);
      FrameHeader frame = frames.header();
      if (found == FrameReader.Found.NOTHING
          || frame.previousCrc != previousCrc
          || frame.firstLsn != nextLsn) {
        return new PromiseScan(at, promisedLsn, wholeLsn, false);
      }
      promisedLsn = Math.max(promisedLsn, frame.durableLsn);
      if (frame.isTooNew()) {
        return new PromiseScan(at, promisedLsn, wholeLsn, true);
      }
      if (payloads && found != FrameReader.Found.FRAME) {
        return new PromiseScan(at, promisedLsn, wholeLsn, false);
      }
      if (frame.kind == FrameLayout.KIND_RECORDS) {
        inBatch = !frame.isLast();
      }
      at += frame.frameBytes();
      previousCrc = frame.headerCrc;
      nextLsn += frame.records;
      if (!inBatch) {
        wholeLsn = nextLsn - 1;
      }
    }
  }

  /// Looks behind the place where frames stop: what a header there promises must stand before it.
  ///
  /// @param frames of the segment
  /// @param end where they stop, in bytes
  /// @param limit where they must end at the latest, in bytes; the file may end long before
  /// @return the largest durable LSN in any header, 0 if there is none
  static long behind(FrameReader frames, long end, long limit) throws IOException {
    frames.refresh();
    long promisedLsn = 0;
    long last = Math.min(limit, frames.fileBytes()); // a header may name any limit
    for (long at = end; at < last; at += FrameLayout.ALIGNMENT) {
      if (frames.hasMagic(at) && frames.readHeader(at) == FrameReader.Found.HEADER_ONLY) {
        promisedLsn = Math.max(promisedLsn, frames.header().durableLsn);
      }
    }
    return promisedLsn;
  }
}
