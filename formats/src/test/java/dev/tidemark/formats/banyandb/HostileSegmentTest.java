package dev.tidemark.formats.banyandb;

import static dev.tidemark.formats.Reading.ALL_THAT_IS_WHOLE;
import static dev.tidemark.formats.Reading.AS_THE_SYSTEM;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.tidemark.formats.Damage;
import dev.tidemark.formats.Damage.Kind;
import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.Reading;
import dev.tidemark.formats.banyandb.Segments.Shown;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Segments that were made to hurt.
class HostileSegmentTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /// As long a file as is asked for, and no memory for it.
  private static final class Endless extends InputStream {
    private final ByteBuffer beginning;

    Endless(byte[] beginning) {
      this.beginning = ByteBuffer.wrap(beginning);
    }

    @Override
    public int read() {
      return beginning.hasRemaining() ? beginning.get() & 0xff : 1;
    }

    @Override
    public int read(byte[] target, int from, int count) {
      for (int i = from; i < from + count; i++) {
        target[i] = (byte) read();
      }
      return count;
    }
  }

  @Test
  void aLengthWithinAHugeFileTakesNoMemoryBeforeItsEntryIsPlausible() throws IOException {
    byte[] lengths = new byte[16];
    ByteBuffer.wrap(lengths).order(ByteOrder.LITTLE_ENDIAN).putLong(1L << 39).putLong(1L << 30);
    List<Damage> damage = new ArrayList<>();
    long before = THREADS.getCurrentThreadAllocatedBytes();
    try (LogReader reader =
        new LogReader(new Endless(lengths), 1L << 40, AS_THE_SYSTEM, damage::add)) {
      assertThat(reader.next()).isFalse();
    }
    assertThat(THREADS.getCurrentThreadAllocatedBytes() - before)
        .isLessThan(16 << 20); // with the classes it loads
    assertThat(damage).singleElement().matches(found -> found.kind() == Kind.CORRUPTION);
  }

  @Test
  void bytesThatLookLikeEntriesEverywhereDoNotTakeTheSquareOfTheFile() throws IOException {
    // Every 40 bytes something begins that shows only at its end, 60,000 bytes later, to be no
    // entry.
    ByteBuffer file = ByteBuffer.allocate(2 << 20).order(ByteOrder.LITTLE_ENDIAN);
    int value = 60_000;
    while (file.remaining() >= 40) {
      file.putLong(0).putLong(22 + value).putShort((short) 0).putInt(1).putShort((short) 8);
      file.putLong(0).put((byte) (value | 0x80)).put((byte) ((value >> 7) | 0x80));
      file.put((byte) (value >> 14)).put((byte) (61 << 2)).putShort((short) (value - 1));
      file.putShort((short) (value - 3));
    }
    long before = THREADS.getCurrentThreadAllocatedBytes();
    Shown shown = Segments.read(file.array(), ALL_THAT_IS_WHOLE);
    long taken = THREADS.getCurrentThreadAllocatedBytes() - before;
    assertThat(shown.entries()).isEmpty();
    assertThat(shown.damage()).singleElement().matches(damage -> damage.bytes() == file.capacity());
    // What is decoded in vain is copied and unpacked. Without the limit this would be 6 GB.
    long mistaken =
        WholeEntriesWalk.MISTAKEN_BYTES
            + (long) WholeEntriesWalk.MISTAKEN_PER_BYTE * file.capacity();
    assertThat(taken).isBetween(mistaken, 4 * mistaken);
  }

  @ParameterizedTest
  @EnumSource
  void noiseIsReadToItsEnd(Reading reading) throws IOException {
    long seed = Long.getLong("tidemark.seed", new Random().nextLong());
    System.out.println("HostileSegmentTest, seed " + seed);
    byte[] noise = new byte[4 << 20];
    new Random(seed).nextBytes(noise);
    Shown shown = Segments.read(noise, reading);
    assertThat(shown.damage())
        .as("seed %d", seed)
        .singleElement()
        .matches(damage -> damage.offset() == 0 && damage.bytes() == noise.length);
  }

  @Test
  void payloadsOfNoiseAreRefusedWithTheTypedExceptionAlone() {
    long seed = Long.getLong("tidemark.seed", new Random().nextLong());
    System.out.println("HostileSegmentTest, seed " + seed);
    Random random = new Random(seed);
    byte[] healthy = Arrays.copyOfRange(Segments.bytes(Segments.A), 16, 66);
    int decoded = 0;
    for (int round = 0; round < 100_000; round++) {
      byte[] payload = Arrays.copyOf(healthy, random.nextInt(healthy.length + 1));
      for (int i = random.nextInt(4); i > 0 && payload.length > 0; i--) {
        payload[random.nextInt(payload.length)] = (byte) random.nextInt();
      }
      try {
        decoded += LogEntry.decode(ByteBuffer.wrap(payload)).count() > 0 ? 1 : 0;
      } catch (FormatException refused) {
        assertThat(refused.offset()).as("seed %d", seed).isBetween(0L, 100L);
      }
    }
    assertThat(decoded).isPositive();
  }
}
