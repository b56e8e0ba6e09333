package dev.tidemark.wal.internal;

import java.nio.charset.StandardCharsets;

/// Where one subscription stands. Its fields are guarded by its [Subscriptions], but for `acked`,
/// which may be read by any thread.
final class Standing {
  final String name;
  final byte[] nameBytes;
  final int block;
  final int slot;

  /// The last durable ack, or the LSN before its start.
  volatile long acked;

  /// The last ack asked for; at least `acked`.
  long wanted;

  /// What of that is being written.
  long written;

  /// Whether somebody has it open.
  boolean open;

  /// Whether it is on its way in or out: it holds the mark and cannot be opened.
  boolean changing;

  Standing(String name, int block, int slot, long acked) {
    this.name = name;
    nameBytes = name.getBytes(StandardCharsets.UTF_8);
    this.block = block;
    this.slot = slot;
    this.acked = acked;
    wanted = acked;
    written = acked;
  }

  /// {@return the smallest LSN it needs}
  long needs() {
    return acked + 1;
  }
}
