package dev.tidemark.formats.banyandb;

import static dev.tidemark.formats.Reading.AS_THE_SYSTEM;
import static dev.tidemark.formats.banyandb.Segments.T;
import static dev.tidemark.formats.banyandb.Segments.buffer;
import static dev.tidemark.formats.banyandb.Segments.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.formats.DamageListener;
import dev.tidemark.formats.banyandb.Segments.Shown;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class LogWriterTest {
  private final ByteArrayOutputStream file = new ByteArrayOutputStream();

  @Test
  void batchesAreThoseThatBanyanDbWritesByteForByte() throws IOException {
    try (LogWriter writer = new LogWriter(file, 0)) {
      writer.add(buffer("s1"), T, buffer("hello"));
      writer.add(buffer("s1"), T, buffer("hello"));
      writer.add(buffer("s1"), T + 1, buffer("hello"));
    }
    assertThat(file.toByteArray()).isEqualTo(bytes(Segments.A));
    file.reset();
    try (LogWriter writer = new LogWriter(file, 0, 0)) {
      writer.add(buffer("s0"), T, buffer("value-0"));
      writer.add(buffer("s1"), T + 1, buffer("value-1"));
    }
    assertThat(file.toByteArray()).isEqualTo(bytes(Segments.B));
  }

  @Test
  void whatIsCompressedDiffersAtMostInItsBlock() throws IOException {
    try (LogWriter writer = new LogWriter(file, 0)) {
      for (int i = 0; i < 4; i++) {
        writer.add(buffer("series-1"), T + i * 1_000_000L, buffer("a".repeat(64)));
      }
    }
    byte[] golden = bytes(Segments.C);
    int block = 16 + 2 + 8 + 4 + 2 + 33;
    assertThat(file.toByteArray()).hasSizeLessThan(120);
    assertThat(Arrays.copyOfRange(file.toByteArray(), 16, block))
        .isEqualTo(Arrays.copyOfRange(golden, 16, block));
    assertThat(Segments.read(file.toByteArray(), AS_THE_SYSTEM))
        .isEqualTo(Segments.read(golden, AS_THE_SYSTEM));
  }

  @Test
  void seriesStandInTheOrderInWhichTheyCame() throws IOException {
    try (LogWriter writer = new LogWriter(file, 0)) {
      for (String series : new String[] {"z", "a", "m", "a", "z"}) {
        writer.add(buffer(series), T, buffer(""));
      }
    }
    assertThat(Segments.read(file.toByteArray(), AS_THE_SYSTEM).entries())
        .containsExactly("z@0=,0=", "a@0=,0=", "m@0=");
  }

  @Test
  void aBatchIsWrittenOnceMoreThanTheBufferWaits() throws IOException {
    try (LogWriter writer = new LogWriter(file, 0, 30)) {
      writer.add(buffer("s"), T, buffer("123456")); // 1 + 8 + 6
      writer.add(buffer("s"), T, buffer("123456"));
      assertThat(file.size()).isZero();
      writer.add(buffer("s"), T, buffer(""));
      assertThat(file.size()).isEqualTo((int) writer.size()).isPositive();
    }
    assertThat(Segments.read(file.toByteArray(), AS_THE_SYSTEM).entries())
        .containsExactly("s@0=123456,0=123456,0=");
  }

  @Test
  void whatTheLengthsCannotSayIsRefusedAndNothingIsWritten() throws IOException {
    try (LogWriter writer = new LogWriter(file, 0)) {
      ByteBuffer most = ByteBuffer.allocate(65_535);
      ByteBuffer tooMuch = ByteBuffer.allocate(65_536);
      assertThatThrownBy(() -> writer.add(buffer("s"), T, tooMuch))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("a value of 65536 bytes; BanyanDB holds 65535");
      assertThatThrownBy(() -> writer.add(tooMuch, T, buffer("")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("a series' name of 65536 bytes; BanyanDB holds 65535");
      writer.add(most, T, most);
    }
    Shown shown = Segments.read(file.toByteArray(), AS_THE_SYSTEM);
    assertThat(shown.entries()).hasSize(1);
    assertThat(shown.damage()).isEmpty();
  }

  @Test
  void aBatchIsSplitBeforeASeriesHasMoreTimestampsThanTheirLengthCanSay() throws IOException {
    try (LogWriter writer = new LogWriter(file, 0, 2 << 20)) {
      for (int i = 0; i < 9000; i++) {
        writer.add(buffer("s"), T + i, buffer("0123456789"));
      }
    }
    int count = 0;
    int entries = 0;
    try (LogReader reader =
        new LogReader(
            new ByteArrayInputStream(file.toByteArray()),
            file.size(),
            AS_THE_SYSTEM,
            damage -> assertThat(damage).isNull())) {
      while (reader.next()) {
        for (int i = 0; i < reader.entry().count(); i++) {
          assertThat(reader.entry().timestampNanos(i)).isEqualTo(T + count++);
        }
        entries++;
      }
    }
    assertThat(count).isEqualTo(9000);
    assertThat(entries).isEqualTo(2);
  }

  @Test
  void entriesThatWereReadAreWrittenAsTheyWere() throws IOException {
    byte[] source = Segments.batch(3);
    try (LogReader reader =
            new LogReader(
                new ByteArrayInputStream(source),
                source.length,
                AS_THE_SYSTEM,
                DamageListener.ignoring());
        LogWriter writer = new LogWriter(file, 0)) {
      writer.add(buffer("first"), T, buffer(""));
      while (reader.next()) {
        writer.append(reader.payload());
      }
      assertThat(writer.size()).isEqualTo(file.size());
    }
    Shown shown = Segments.read(file.toByteArray(), AS_THE_SYSTEM);
    assertThat(shown.damage()).isEmpty();
    assertThat(shown.entries().getFirst()).isEqualTo("first@0=");
    assertThat(shown.entries().subList(1, 4))
        .isEqualTo(Segments.read(source, AS_THE_SYSTEM).entries());
  }

  @Test
  void whatIsNoEntryIsNotWritten() throws IOException {
    try (LogWriter writer = new LogWriter(file, 0)) {
      assertThatThrownBy(() -> writer.append(buffer("hello")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("not an entry of BanyanDB's: a series has");
    }
    assertThat(file.size()).isZero();
  }

  @Test
  void theSizeIsThatOfTheFileOnceEverythingIsFlushed() throws IOException {
    try (LogWriter writer = new LogWriter(file, 100)) {
      writer.add(buffer("s1"), T, buffer("hello"));
      writer.add(buffer("s1"), T, buffer("hello"));
      writer.add(buffer("s1"), T + 1, buffer("hello"));
      assertThat(writer.size()).isEqualTo(166);
      assertThat(file.size()).isZero();
      writer.flush();
      assertThat(writer.size()).isEqualTo(166);
      assertThat(file.size()).isEqualTo(66);
    }
  }

  @Test
  void behindAFailedWriteNothingIsWritten() throws IOException {
    boolean[] broken = {true};
    OutputStream disk =
        new OutputStream() {
          @Override
          public void write(int octet) throws IOException {
            if (broken[0]) {
              throw new IOException("no space");
            }
            file.write(octet);
          }
        };
    LogWriter writer = new LogWriter(disk, 0, 0);
    assertThatThrownBy(() -> writer.add(buffer("s"), T, buffer("v"))).hasMessage("no space");
    broken[0] = false;
    assertThatThrownBy(() -> writer.add(buffer("s"), T, buffer("v")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("an earlier write failed");
    assertThatThrownBy(writer::flush).isInstanceOf(IOException.class);
    writer.close();
    assertThat(file.size()).isZero();
  }
}
