package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.wal.Batch;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.storage.Host;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.lang.foreign.Arena;
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

  // Two of the first fill a frame to the byte.
  private static final byte[] HALF = new byte[FrameLayout.MAX_SHARED_PAYLOAD_BYTES / 2 - 4];
  private static final byte[] MORE = new byte[HALF.length + 1];

  private static Frame alone(byte[] record, int flags) {
    return new Frame(1, record.length + FrameLayout.LENGTH_BYTES, flags);
  }

  @Test
  void recordThatIsAByteTooLargeForTheOpenFrameHasItsOwn() throws Exception {
    try (Wal wal = Wal.open(storage, Host.system(), OPTIONS)) {
      Logs.awaitSpares(wal);
      storage.holdSyncs();
      List<CompletableFuture<Long>> all = new ArrayList<>();
      all.add(wal.appendAsync(MemorySegment.ofArray(RECORD)));
      storage.awaitHeldSyncs(1);
      for (byte[] record : List.of(HALF, MORE, HALF, HALF)) {
        all.add(wal.appendAsync(MemorySegment.ofArray(record)));
      }
      Arena arena = Arena.ofShared();
      MemorySegment gone = arena.allocate(8);
      arena.close();
      assertThatThrownBy(() -> wal.appendAsync(gone)).isInstanceOf(IllegalStateException.class);
      storage.releaseSyncs();
      all.forEach(CompletableFuture::join);
      wal.sync();
      int both = FrameLayout.FLAGS_ALONE;
      assertThat(framesBehind(1))
          .containsExactly(
              alone(HALF, both),
              alone(MORE, both),
              new Frame(2, FrameLayout.MAX_SHARED_PAYLOAD_BYTES, both),
              new Frame(1, FrameLayout.LENGTH_BYTES, both)); // void
    }
  }

  @Test
  void batchThatIsAByteTooLargeForAFrameIsOneOfSeveralParts() throws Exception {
    try (Wal wal = Wal.open(storage, Host.system(), OPTIONS)) {
      append(wal, new Batch().add(HALF).add(MORE));
      append(wal, new Batch().add(HALF).add(HALF));
      assertThat(framesBehind(0))
          .containsExactly(
              alone(HALF, FrameLayout.FLAG_FIRST),
              alone(MORE, FrameLayout.FLAG_LAST),
              new Frame(2, FrameLayout.MAX_SHARED_PAYLOAD_BYTES, FrameLayout.FLAGS_ALONE));
    }
  }

  @Test
  void batchLargerThanStagingTakesWhatWasReckonedForIt() throws Exception {
    WalOptions small = WalOptions.builder().segmentBytes(8 << 20).stagingBytes(512 << 10).build();
    Batch batch = new Batch();
    List<Frame> parts = new ArrayList<>();
    for (int n = 0; n < 5; n++) { // more than is handed to the disk at once
      batch.add(HALF).add(MORE).add(HALF).add(HALF);
      parts.add(alone(HALF, n == 0 ? FrameLayout.FLAG_FIRST : 0));
      parts.add(alone(MORE, 0));
      parts.add(new Frame(2, FrameLayout.MAX_SHARED_PAYLOAD_BYTES, 0));
    }
    batch.add(RECORD);
    parts.add(frame(1, FrameLayout.FLAG_LAST));
    long bytes = parts.stream().mapToLong(part -> FrameLayout.frameBytes(part.bytes)).sum();
    assertThat(LargeBatch.framedBytes(batch)).isEqualTo(bytes);
    try (Wal wal = Wal.open(storage, Host.system(), small)) {
      append(wal, batch);
      assertThat(framesBehind(0)).isEqualTo(parts);
      assertThat(wal.metrics().counts().payloadBytes()).isEqualTo(batch.payloadBytes());
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
