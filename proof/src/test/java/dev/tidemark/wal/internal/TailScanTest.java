package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.wal.Batch;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a scan of the newest segment finds, and where it stops, where frames stand that a writer
/// would not have put there.
class TailScanTest extends FramedSegment {
  TailScanTest() throws IOException {}

  private void isWhereTheThreeEnd(TailScan scan, long threeEnd) {
    assertThat(scan.end()).isEqualTo(threeEnd);
    assertThat(scan.lastLsn()).isEqualTo(13);
    assertThat(scan.isClean()).isFalse();
    assertThat(scan.sealed()).isFalse();
  }

  @Test
  void framesAreFollowedToTheirEnd() throws IOException {
    three();
    long recordsEnd = end;
    empty(FrameLayout.KIND_MARK, 14, 13);
    TailScan scan = scan();
    assertThat(scan)
        .isEqualTo(new TailScan(end, recordsEnd, chain, 13, 13, 13, 0, false, false, end, 0, true));
    assertThat(scan.isClean()).isTrue();
  }

  @Test
  void segmentWithoutAFrameIsEmpty() throws IOException {
    TailScan scan = scan();
    assertThat(scan)
        .isEqualTo(new TailScan(HEAD, HEAD, chain, 10, 10, 10, 0, false, true, HEAD, 0, true));
  }

  @Test
  void segmentWithAHeaderAndNoPayloadIsNotEmpty() throws IOException {
    records(11, 1, BOTH, 10);
    set(HEAD + 64, 99);
    assertThat(scan().empty()).isFalse();
    assertThat(scan().highestLsn()).isEqualTo(11);
  }

  @Test
  void holesAtTheHeadLeaveASegmentEmpty() throws IOException {
    FrameWriter frames = writer();
    frames.addWithoutRecords(FrameLayout.KIND_HOLE, 11, 10, MemorySegment.ofArray(new byte[24]));
    put(frames);
    TailScan scan = scan();
    assertThat(scan.empty()).isTrue();
    assertThat(scan.end()).isEqualTo(end);
  }

  @Test
  void frameThatNamesAnotherBeforeItIsNotFollowed() throws IOException {
    three();
    long threeEnd = end;
    chain ^= 1;
    records(14, 1, BOTH, 13);
    TailScan scan = scan();
    assertThat(scan.end()).isEqualTo(threeEnd);
    assertThat(scan.promisedLsn()).isEqualTo(13);
    assertThat(scan.highestLsn()).isEqualTo(14);
    assertThat(scan.lowestBehindLsn()).isEqualTo(14);
    isWhereTheThreeEnd(scan, threeEnd);
  }

  @ParameterizedTest
  @ValueSource(longs = {12, 13, 15})
  void frameWhoseLsnIsNotTheNextIsNotFollowed(long lsn) throws IOException {
    three();
    long threeEnd = end;
    records(lsn, 1, BOTH, 10);
    isWhereTheThreeEnd(scan(), threeEnd);
  }

  @Test
  void nothingBehindASealIsFollowed() throws IOException {
    three();
    empty(FrameLayout.KIND_SEAL, 14, 13);
    assertThat(scan().sealed()).isTrue();
    long sealEnd = end;
    records(14, 1, BOTH, 13);
    TailScan scan = scan();
    assertThat(scan.end()).isEqualTo(sealEnd);
    assertThat(scan.lastLsn()).isEqualTo(13);
    assertThat(scan.sealed()).isTrue();
  }

  @Test
  void batchWithoutItsLastPartIsNotThere() throws IOException {
    three();
    long threeEnd = end;
    int threeChain = chain;
    records(14, 1, FrameLayout.FLAG_FIRST, 13);
    records(15, 1, 0, 13);
    TailScan scan = scan();
    isWhereTheThreeEnd(scan, threeEnd);
    assertThat(scan.recordsEnd()).isEqualTo(threeEnd);
    assertThat(scan.chain()).isEqualTo(threeChain);
    assertThat(scan.highestLsn()).isEqualTo(15);
    assertThat(scan.lowestBehindLsn()).isEqualTo(14);
    records(16, 2, FrameLayout.FLAG_LAST, 13);
    assertThat(scan().lastLsn()).isEqualTo(17);
    assertThat(scan().recordsEnd()).isEqualTo(end);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, FrameLayout.FLAG_LAST})
  void partOfABatchWithoutTheOneBeforeIsNotFollowed(int flags) throws IOException {
    three();
    long threeEnd = end;
    records(14, 1, flags, 13);
    isWhereTheThreeEnd(scan(), threeEnd);
  }

  @ParameterizedTest
  @ValueSource(ints = {FrameLayout.FLAG_FIRST, BOTH})
  void nothingBeginsInsideABatch(int flags) throws IOException {
    three();
    long threeEnd = end;
    records(14, 1, FrameLayout.FLAG_FIRST, 13);
    records(15, 1, flags, 13);
    records(16, 1, FrameLayout.FLAG_LAST, 13);
    isWhereTheThreeEnd(scan(), threeEnd);
  }

  @ParameterizedTest
  @ValueSource(ints = {FrameLayout.KIND_MARK, FrameLayout.KIND_SEAL})
  void noMarkOrSealStandsInsideABatch(int kind) throws IOException {
    three();
    long threeEnd = end;
    records(14, 1, FrameLayout.FLAG_FIRST, 13);
    empty(kind, 15, 13);
    records(15, 1, FrameLayout.FLAG_LAST, 13);
    isWhereTheThreeEnd(scan(), threeEnd);
  }

  @Test
  void smallestAndLargestLsnBehindTheEndAreThoseOfRecordsInAnyOrder() throws IOException {
    three();
    end += 192;
    records(16, 3, BOTH, 13);
    records(15, 1, BOTH, 13);
    records(17, 1, BOTH, 13);
    empty(FrameLayout.KIND_MARK, 14, 13);
    TailScan scan = scan();
    assertThat(scan.lowestBehindLsn()).isEqualTo(15);
    assertThat(scan.highestLsn()).isEqualTo(18);
    assertThat(scan.promisedLsn()).isEqualTo(13);
    assertThat(scan.dirtyEnd()).isEqualTo(end);
    assertThat(scan.zerosAtEnd()).isTrue();
  }

  @Test
  void everyByteBehindTheEndIsDirtInAFileWithoutAnEarlierLife() throws IOException {
    three();
    set(end + 640 + 5, 1);
    assertThat(scan().dirtyEnd()).isEqualTo(end + 640 + 64);
    set(LIMIT + 63, 1); // the zeros of the last write may stand there
    assertThat(scan().dirtyEnd()).isEqualTo(LIMIT + 64);
    set(LIMIT + 64, 1); // the copy of the header stands there
    assertThat(scan().dirtyEnd()).isEqualTo(LIMIT + 64);
  }

  @Test
  void onlyItsOwnFramesAndWhatStandsAtTheEndAreDirtInARecycledFile() throws IOException {
    recycle();
    three();
    set(end + 640 + 5, 1);
    assertThat(scan().isClean()).isTrue();
    set(end + 64, 1);
    assertThat(scan().isClean()).isTrue();
    assertThat(scan().zerosAtEnd()).isTrue();
    set(end + 63, 1);
    assertThat(scan().dirtyEnd()).isEqualTo(end + 64);
    assertThat(scan().zerosAtEnd()).isFalse();
    set(end + 63, 0);
    end += 640;
    records(14, 10, BOTH, 13);
    assertThat(scan().dirtyEnd()).isEqualTo(end);
  }

  @Test
  void dirtOfAFrameThatSaysItIsLongerThanTheSegmentEndsWithTheSegment() throws IOException {
    recycle();
    three();
    end = LIMIT - 64;
    FrameWriter frames = writer();
    Batch batch = new Batch();
    batch.add(new byte[10]);
    frames.add(14, batch, 0);
    frames.close(BOTH, 13);
    try (StorageFile file = disk.open(NAME)) {
      file.write(end, frames.closedFrames(), 0, 64);
    }
    assertThat(scan().dirtyEnd()).isEqualTo(LIMIT);
    assertThat(scan().highestLsn()).isEqualTo(14);
  }

  @Test
  void whatIsMissingOfAFileThatWasCutIsCountedAndDirty() throws IOException {
    three();
    disk.truncate(NAME, 2000);
    TailScan scan = scan();
    assertThat(scan.missingBytes()).isEqualTo(BYTES - 2000);
    assertThat(scan.dirtyEnd()).isEqualTo(LIMIT);
    assertThat(scan.zerosAtEnd()).isTrue();
    disk.truncate(NAME, end + 63);
    assertThat(scan().zerosAtEnd()).isFalse();
    assertThat(scan().lastLsn()).isEqualTo(13);
  }

  @Test
  void bytesOfAFileThatIsLongerThanItWasAreNoDirt() throws IOException {
    three();
    set(5000, 1);
    assertThat(scan().isClean()).isTrue();
    assertThat(scan().missingBytes()).isZero();
  }
}
