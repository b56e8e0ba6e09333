package dev.tidemark.formats.arc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.formats.Sweep.Outcome;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LogWriterTest {
  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.parse("2026-01-01T00:00:00Z"));

  @Test
  void recordsOfAllSizesAreReadAsTheyWereWritten() throws IOException {
    long seed = new Random().nextLong();
    System.out.printf("records of Arc's, seed %d%n", seed);
    Random random = new Random(seed);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    List<String> written = new ArrayList<>();
    try (LogWriter writer = new LogWriter(file, CLOCK)) {
      for (int size : new int[] {1, 65_504, 65_503, 65_505, 65_536, 300_000, 17, 65_488, 5}) {
        byte[] payload = new byte[size];
        random.nextBytes(payload);
        ByteBuffer bytes = ByteBuffer.wrap(payload);
        writer.append(bytes);
        assertThat(bytes.remaining()).isEqualTo(size);
        written.add(HexFormat.of().formatHex(payload));
      }
      writer.flush();
      assertThat(file.size()).isEqualTo(writer.size());
    }
    Outcome outcome = ArcFiles.allThatIsWhole(file.toByteArray());
    assertThat(outcome.records()).as("seed %d", seed).isEqualTo(written);
    assertThat(outcome.complains()).isFalse();
  }

  @Test
  void aFileIsGoneOnWithBehindItsEnd() throws IOException {
    byte[] begun = ArcFiles.vectors();
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes(begun);
    try (LogWriter writer = new LogWriter(file, CLOCK, begun.length)) {
      writer.append(-1, ByteBuffer.wrap(ArcFiles.parse(ArcFiles.RAW)));
      assertThat(writer.size()).isEqualTo(begun.length + 59);
    }
    assertThat(ArcFiles.asArc(file.toByteArray()).records())
        .containsExactly(ArcFiles.ENVELOPED, ArcFiles.RAW, ArcFiles.ROW, ArcFiles.RAW);
  }

  @Test
  void emptyAndOversizePayloadsAreRefusedAndNothingIsWritten() throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    LogWriter writer = new LogWriter(file, CLOCK);
    // As large as it says, without the memory.
    ByteBuffer large = ByteBuffer.allocate((100 << 20) + 1);
    for (ByteBuffer payload : List.of(ByteBuffer.allocate(0), large)) {
      assertThatThrownBy(() -> writer.append(payload))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(payload.remaining() + " bytes");
    }
    writer.close();
    assertThat(file.toByteArray()).isEqualTo(ArcFiles.parse(ArcFiles.HEADER));
    assertThatThrownBy(() -> new LogWriter(file, CLOCK, 6))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void afterAFailedWriteNothingIsEverWrittenAgain() throws IOException {
    List<byte[]> arrived = new ArrayList<>();
    boolean[] broken = {true};
    OutputStream failing =
        new OutputStream() {
          @Override
          public void write(int octet) throws IOException {
            throw new AssertionError();
          }

          @Override
          public void write(byte[] bytes, int from, int length) throws IOException {
            if (broken[0]) {
              throw new IOException("no space left");
            }
            arrived.add(Arrays.copyOfRange(bytes, from, from + length));
          }
        };
    LogWriter writer = new LogWriter(failing, CLOCK);
    writer.append(ByteBuffer.allocate(1));
    assertThatThrownBy(writer::flush).hasMessage("no space left");
    broken[0] = false;
    assertThatThrownBy(writer::flush).hasMessageContaining("failed before");
    assertThatThrownBy(() -> writer.append(ByteBuffer.allocate(1)))
        .hasMessageContaining("failed before");
    writer.close();
    assertThat(arrived).isEmpty();
  }
}
