package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.wal.Batch;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.storage.Host;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// How a group becomes frames: as few as there can be, none larger than the format allows records
/// to share.
@Timeout(60)
class FrameSizesTest {
  private static final int RECORDS = 600;
  private static final int FRAMED = 1024; // 256 of them fill a frame to the byte
  private static final byte[] RECORD = new byte[FRAMED - FrameLayout.LENGTH_BYTES];
  private static final int MOST = FrameLayout.MAX_SHARED_PAYLOAD_BYTES / FRAMED;
  private static final WalOptions OPTIONS =
      WalOptions.builder().segmentBytes(8 << 20).stagingBytes(4 << 20).build();

  private final SimulatedDisk storage = new SimulatedDisk();

  private record Frame(int records, int bytes, int flags) {}

  private List<Frame> framesBehind(long lsn) throws IOException {
    SegmentHeader.Found found = Chain.readHeader(storage, 1);
    SegmentHeader segment = ((SegmentHeader.Found.Valid) found).header();
    List<Frame> frames = new ArrayList<>();
    try (StorageFile file = storage.openForRead(SegmentHeader.fileName(1))) {
      FrameReader reader = new FrameReader(file, segment);
      long offset = SegmentHeader.BYTES;
      while (reader.read(offset) == FrameReader.Found.FRAME) {
        FrameHeader frame = reader.header();
        if (frame.records > 0 && frame.firstLsn > lsn) {
          frames.add(new Frame(frame.records, frame.rawBytes, frame.flags));
        }
        offset += frame.frameBytes();
      }
    }
    return frames;
  }

  private static Frame frame(int records, int flags) {
    return new Frame(records, records * FRAMED, flags);
  }

  @Test
  void groupIsSplitIntoFramesThatAreFull() throws Exception {
    try (Wal wal = Wal.open(storage, Host.system(), OPTIONS)) {
      Logs.awaitSpares(wal); // so that the sync that is held is the first group's
      storage.holdSyncs();
      List<CompletableFuture<Long>> all = new ArrayList<>();
      all.add(wal.appendAsync(MemorySegment.ofArray(RECORD)));
      storage.awaitHeldSyncs(1); // what comes now is one group
      for (int n = 0; n < RECORDS; n++) {
        all.add(wal.appendAsync(MemorySegment.ofArray(RECORD)));
      }
      storage.releaseSyncs();
      all.forEach(CompletableFuture::join);
      int both = FrameLayout.FLAGS_ALONE;
      assertThat(framesBehind(1))
          .containsExactly(frame(MOST, both), frame(MOST, both), frame(RECORDS - 2 * MOST, both));
    }
  }

  @Test
  void batchThatFitsAFrameHasOneOfItsOwnIfTheOpenOneIsTooFull() throws Exception {
    Batch batch = new Batch();
    for (int n = 0; n < MOST; n++) {
      batch.add(RECORD);
    }
    try (Wal wal = Wal.open(storage, Host.system(), OPTIONS)) {
      Logs.awaitSpares(wal); // so that the sync that is held is the first group's
      storage.holdSyncs();
      CompletableFuture<Long> first = wal.appendAsync(MemorySegment.ofArray(RECORD));
      storage.awaitHeldSyncs(1);
      CompletableFuture<Long> before = wal.appendAsync(MemorySegment.ofArray(RECORD));
      Thread appending = Thread.ofPlatform().start(() -> append(wal, batch));
      while (wal.lastLsn() < MOST + 2) {
        Thread.onSpinWait();
      }
      storage.releaseSyncs();
      first.join();
      before.join();
      appending.join();
      int both = FrameLayout.FLAGS_ALONE;
      List<Frame> frames = framesBehind(1);
      assertThat(frames).containsExactly(frame(1, both), frame(MOST, both));
    }
  }

  @Test
  void batchLargerThanAFrameIsOneOfSeveralParts() throws Exception {
    Batch batch = new Batch();
    for (int n = 0; n < RECORDS; n++) {
      batch.add(RECORD);
    }
    try (Wal wal = Wal.open(storage, Host.system(), OPTIONS)) {
      append(wal, batch);
      assertThat(framesBehind(0))
          .containsExactly(
              frame(MOST, FrameLayout.FLAG_FIRST),
              frame(MOST, 0),
              frame(RECORDS - 2 * MOST, FrameLayout.FLAG_LAST));
    }
  }

  private static void append(Wal wal, Batch batch) {
    try {
      wal.append(batch);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
