package dev.tidemark.formats;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

class FileWindowTest {
  private static byte[] file(int length, Random random) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  /// Gives a few bytes at a time.
  private static InputStream slowly(byte[] file, Random random) {
    return new ByteArrayInputStream(file) {
      @Override
      public synchronized int read(byte[] target, int from, int count) {
        return super.read(target, from, Math.min(count, 1 + random.nextInt(100_000)));
      }
    };
  }

  @Test
  void whateverIsAskedForAndPassedComesAsItIsInTheFile() throws IOException {
    long seed = Long.getLong("tidemark.seed", new Random().nextLong());
    System.out.println("FileWindowTest, seed " + seed);
    Random random = new Random(seed);
    byte[] file = file(1 << 20, random);
    ByteBuffer all = ByteBuffer.wrap(file);
    for (long length : new long[] {file.length, Long.MAX_VALUE}) {
      try (FileWindow window = new FileWindow(slowly(file, random), length)) {
        int at = 0;
        while (at < file.length) {
          int count = 1 + random.nextInt(1 << (1 + random.nextInt(18)));
          boolean there = at + count <= file.length;
          assertThat(window.has(count)).isEqualTo(there);
          int found = there ? count : file.length - at;
          assertThat(window.has(found)).isTrue();
          assertThat(window.bytes(0, found)).isEqualTo(all.slice(at, found));
          CRC32 crc = new CRC32();
          crc.update(file, at, found);
          assertThat(window.checksum(new CRC32(), 0, found)).isEqualTo((int) crc.getValue());
          if (found >= 9) {
            assertThat(window.int64BigEndian(1)).isEqualTo(all.getLong(at + 1));
            assertThat(window.int64LittleEndian(1))
                .isEqualTo(all.duplicate().order(ByteOrder.LITTLE_ENDIAN).getLong(at + 1));
            assertThat(window.int32BigEndian(5)).isEqualTo(all.getInt(at + 5));
            assertThat(window.octet(8)).isEqualTo(file[at + 8] & 0xff);
          }
          int passed = random.nextInt(found + 1);
          window.pass(passed);
          at += passed;
          assertThat(window.offset()).isEqualTo(at);
        }
        assertThat(window.has(1)).isFalse();
        assertThat(window.remaining()).isZero();
        assertThat(window.fileBytes()).isEqualTo(file.length);
      }
    }
  }

  @Test
  void aPromiseOfGigabytesTakesNoMemory() throws IOException {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    for (long count : new long[] {1 << 30, Integer.MAX_VALUE, Long.MAX_VALUE}) {
      for (long length : new long[] {100, Long.MAX_VALUE}) {
        long before = threads.getCurrentThreadAllocatedBytes();
        try (FileWindow window = new FileWindow(new ByteArrayInputStream(new byte[100]), length)) {
          assertThat(window.has(count)).isFalse();
          assertThat(window.has(100)).isTrue();
        }
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(1 << 20);
      }
    }
  }

  @Test
  void aFileIsAsLongAsItWasSaidToBeOrShorter() throws IOException {
    try (FileWindow window = new FileWindow(new ByteArrayInputStream(new byte[100]), 60)) {
      assertThat(window.has(61)).isFalse();
      assertThat(window.has(60)).isTrue();
      assertThat(window.available()).isEqualTo(60);
    }
    try (FileWindow window = new FileWindow(new ByteArrayInputStream(new byte[100]), 120)) {
      window.has(20);
      window.pass(20);
      assertThat(window.remaining()).isEqualTo(100);
      assertThat(window.has(81)).isFalse();
      assertThat(window.remaining()).isEqualTo(80);
      assertThat(window.fileBytes()).isEqualTo(100);
    }
  }
}
