package dev.tidemark.wal.internal;

import dev.tidemark.wal.RecoveryReport.RaisedAck;
import dev.tidemark.wal.storage.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// The subscriptions as opening the log found them.
///
/// @param blocks the newest whole copy of each block in use
/// @param promisedLsn the largest LSN that was acknowledged, hence durable; 0 if none
/// @param raised those whose ack is below the low-water mark, though retention did not overtake
///   them: it was lost to damage, and the mark shows that there was a later one
record FoundSubscriptions(
    List<SubscriptionBlock> blocks, long promisedLsn, List<RaisedAck> raised) {

  /// Of a new log.
  static final FoundSubscriptions NONE = new FoundSubscriptions(List.of(), 0, List.of());

  FoundSubscriptions {
    blocks = List.copyOf(blocks);
    raised = List.copyOf(raised);
  }

  /// Reads them without changing anything.
  ///
  /// @throws dev.tidemark.wal.CorruptWalException as [SubscriptionFile#read]
  static FoundSubscriptions read(Storage storage, Manifest log) throws IOException {
    List<SubscriptionBlock> blocks = SubscriptionFile.read(storage, log);
    long promised = 0;
    List<RaisedAck> raised = new ArrayList<>();
    for (SubscriptionBlock block : blocks) {
      for (SubscriptionBlock.Slot slot : block.slots()) {
        if (slot != null) {
          promised = Math.max(promised, slot.acked());
          if (isRaised(slot.acked(), log)) {
            raised.add(new RaisedAck(slot.name(), slot.acked(), log.lowWaterLsn() - 1));
          }
        }
      }
    }
    return new FoundSubscriptions(blocks, promised, raised);
  }

  /// {@return whether an ack is older than any that the low-water mark was moved by}
  static boolean isRaised(long acked, Manifest log) {
    return acked + 1 < log.lowWaterLsn() && acked + 1 >= log.holders().overtakenLsn();
  }
}
