package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.wal.Batch;
import dev.tidemark.wal.internal.events.Progress;
import dev.tidemark.wal.storage.ForwardingFile;
import dev.tidemark.wal.storage.ForwardingStorage;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What of the newest segment is written again before anything is built on it; and which frame
/// proves what a segment without a header is.
class TailProofTest extends FramedSegment {
  TailProofTest() throws IOException {}

  private record Span(long from, long to) {}

  private List<Span> writtenAgain(TailScan scan, long promised) throws IOException {
    List<Span> written = new ArrayList<>();
    List<Boolean> syncs = new ArrayList<>();
    ForwardingStorage watched =
        new ForwardingStorage(disk) {
          @Override
          public StorageFile open(String name) throws IOException {
            return new ForwardingFile(super.open(name)) {
              @Override
              public void write(long offset, MemorySegment source, long from, long length)
                  throws IOException {
                assertThat(syncs).as("syncs before a write").isEmpty();
                written.add(new Span(offset, offset + length));
                super.write(offset, source, from, length);
              }

              @Override
              public void sync(boolean metadata) throws IOException {
                syncs.add(metadata);
                super.sync(metadata);
              }
            };
          }
        };
    byte[] before = disk.bytes(NAME);
    TailProof.make(watched, segment, scan, promised, Progress.none());
    assertThat(syncs).containsExactly(true);
    assertThat(disk.bytes(NAME)).isEqualTo(before);
    assertThat(disk.openFiles()).isZero();
    return written;
  }

  @Test
  void everythingBehindTheLastPromisedRecordIsWrittenAgain() throws IOException {
    records(11, 2, BOTH, 10);
    long two = end;
    empty(FrameLayout.KIND_MARK, 13, 12);
    records(13, 2, BOTH, 12);
    long four = end;
    empty(FrameLayout.KIND_MARK, 15, 14);
    TailScan scan = scan();
    assertThat(writtenAgain(scan, 10)).containsExactly(new Span(HEAD, end));
    assertThat(writtenAgain(scan, 11)).as("half a frame").containsExactly(new Span(HEAD, end));
    assertThat(writtenAgain(scan, 12)).containsExactly(new Span(two, end));
    assertThat(writtenAgain(scan, 13)).as("half a frame").containsExactly(new Span(two, end));
    assertThat(writtenAgain(scan, 14)).containsExactly(new Span(four, end));
    assertThat(writtenAgain(scan, 99)).containsExactly(new Span(four, end));
  }

  @Test
  void manyBytesAreWrittenAgainInPiecesOfAMebibyte() throws IOException {
    int mebibyte = 1 << 20;
    try (StorageFile file = disk.open(NAME)) {
      file.write(4L * mebibyte - 1, bytes(0));
    }
    segment = segment(0, 4L * mebibyte);
    chain = segment.chainStart();
    FrameWriter frames = writer();
    Batch batch = new Batch();
    batch.add(new byte[2 * mebibyte + 5]);
    frames.add(FIRST, batch, 0);
    frames.close(BOTH, 10);
    put(frames);
    assertThat(writtenAgain(scan(), 10))
        .containsExactly(
            new Span(HEAD, HEAD + mebibyte),
            new Span(HEAD + mebibyte, HEAD + 2 * mebibyte),
            new Span(HEAD + 2 * mebibyte, end));
  }

  @Test
  void fileThatChangesMeanwhileIsNotGoneOnWith() throws IOException {
    three();
    TailScan scan = scan();
    set(HEAD + 64, 99);
    assertThatThrownBy(() -> writtenAgain(scan, 10))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("changed while");
    assertThat(disk.openFiles()).isZero();
    disk.truncate(NAME, end - 64);
    assertThatThrownBy(() -> writtenAgain(scan, 10))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("became shorter");
  }

  // ---- the first frame

  private @Nullable FirstFrame first() throws IOException {
    try (StorageFile file = disk.openForRead(NAME)) {
      return FirstFrame.find(file, segment);
    }
  }

  @Test
  void firstFrameThatBeginsSomethingIsFoundWhereverItStands() throws IOException {
    assertThat(first()).isNull();
    records(11, 1, BOTH, 10);
    assertThat(first()).isEqualTo(new FirstFrame(11, true, false));
    set(HEAD + 64, 99); // its payload
    assertThat(first()).isNull();
    records(12, 1, 0, 10);
    records(13, 1, FrameLayout.FLAG_LAST, 10);
    assertThat(first()).as("parts of a batch").isNull();
    records(14, 1, FrameLayout.FLAG_FIRST, 10);
    assertThat(first()).isEqualTo(new FirstFrame(14, false, false));
  }

  @Test
  void firstFrameOfHolesIsToldFromOthers() throws IOException {
    FrameWriter frames = writer();
    frames.addWithoutRecords(FrameLayout.KIND_HOLE, 11, 10, MemorySegment.ofArray(new byte[24]));
    put(frames);
    assertThat(first()).isEqualTo(new FirstFrame(11, true, true));
  }
}
