package dev.tidemark.wal.internal;

import dev.tidemark.wal.WalFindings;
import dev.tidemark.wal.WalFindings.State;
import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Says what each file is to its log.
///
/// @param files what is there
/// @param plan which of them are linked, null if that is not known
/// @param tail where the newest ends, null if that is not known
record LogFiles(
    Storage storage,
    Inventory files,
    @Nullable SalvagePlan plan,
    SegmentWalk.@Nullable Found tail) {

  List<WalFindings.File> list() throws IOException {
    Map<Long, Integer> linked = new HashMap<>();
    List<SegmentHeader> segments = plan == null ? List.of() : plan.segments();
    for (int i = 0; i < segments.size(); i++) {
      linked.put(segments.get(i).number(), i);
    }
    TreeSet<Long> numbers = new TreeSet<>(files.valid().keySet());
    numbers.addAll(files.invalid().keySet());
    List<WalFindings.File> list = new ArrayList<>();
    for (long number : numbers) {
      Integer index = linked.get(number);
      String name = files.fileName(number);
      long bytes;
      try (StorageFile file = storage.openForRead(name)) {
        bytes = file.size();
      }
      list.add(
          index == null ? unlinked(name, number, bytes) : linked(name, bytes, segments, index));
    }
    return list;
  }

  private WalFindings.File linked(
      String name, long bytes, List<SegmentHeader> segments, int index) {
    SegmentHeader header = segments.get(index);
    boolean newest = index == segments.size() - 1;
    boolean damaged = files.invalid().containsKey(header.number());
    State state =
        damaged
            ? State.DAMAGED
            : files.gone().contains(header.number())
                ? State.REMOVED
                : newest ? State.ACTIVE : State.SEALED;
    SegmentWalk.Found end = tail;
    long lastLsn = end == null ? -1 : end.lastLsn();
    long frames = end == null ? 0 : end.end();
    if (!newest) {
      lastLsn = segments.get(index + 1).previousLastLsn();
      frames = segments.get(index + 1).previousEnd();
    }
    return new WalFindings.File(
        name, state, bytes, header.firstLsn(), lastLsn, frames, header.activatedMillis());
  }

  private WalFindings.File unlinked(String name, long number, long bytes) {
    SegmentHeader header = files.valid().get(number);
    if (header != null) {
      State state = plan == null ? State.SEALED : State.DEAD;
      long first = header.firstLsn();
      return new WalFindings.File(name, state, bytes, first, -1, 0, header.activatedMillis());
    }
    boolean zeros = files.invalid().get(number) instanceof SegmentHeader.Found.Zeros;
    boolean behind = plan == null || number > plan.segments().getLast().number();
    State state = !zeros ? State.DAMAGED : behind ? State.SPARE : State.DEAD;
    return new WalFindings.File(name, state, bytes, 0, -1, 0, 0);
  }
}
