package dev.tidemark.formats.leveldb;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.formats.Damage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Every case of LevelDB's own db/log_test.cc (google/leveldb), under its name.
class LogTest {
  private static final String EOF = "EOF";
  private static final int BLOCK = LogLayout.BLOCK_BYTES;
  private static final int HEADER = LogLayout.HEADER_BYTES;

  // Six records, of 10,000 b, 10,000 c, two blocks less a little, one byte, 13,716 and one block
  // less a
  // header: the last begins a block.
  private static final int[] SIZES = {
    10_000, 10_000, 2 * BLOCK - 1000, 1, 13_716, BLOCK - HEADER,
  };
  private static final long[] OFFSETS = {
    0,
    HEADER + 10_000,
    2 * (HEADER + 10_000),
    2 * (HEADER + 10_000) + (2 * BLOCK - 1000) + 3 * HEADER,
    2 * (HEADER + 10_000) + (2 * BLOCK - 1000) + 3 * HEADER + HEADER + 1,
    3 * BLOCK,
  };

  private ByteArrayOutputStream file = new ByteArrayOutputStream();
  private LogWriter writer = new LogWriter(file);
  private byte @Nullable [] changed;
  private boolean unreadable;
  private @Nullable LogReader reader;
  private final List<Damage> damage = new ArrayList<>();

  private void write(String record) throws IOException {
    writer.append(ByteBuffer.wrap(record.getBytes(US_ASCII)));
    writer.flush();
  }

  private byte[] bytes() {
    if (changed == null) {
      changed = file.toByteArray();
    }
    return changed;
  }

  private int written() {
    return file.size();
  }

  private void cut(int bytes) {
    changed = Arrays.copyOf(bytes(), bytes().length - bytes);
  }

  private void setByte(int at, int value) {
    bytes()[at] = (byte) value;
  }

  private void addToByte(int at, int delta) {
    bytes()[at] += (byte) delta;
  }

  private void fixChecksum(int at, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes(), at + 6, 1 + length);
    int masked = MaskedCrc.mask((int) crc.getValue());
    for (int octet = 0; octet < 4; octet++) {
      setByte(at + octet, masked >>> (8 * octet));
    }
  }

  private LogReader open(long from) {
    byte[] all = bytes();
    InputStream in =
        new InputStream() {
          private int at;

          @Override
          public int read() throws IOException {
            if (unreadable) {
              throw new IOException("the disk is broken");
            }
            return at < all.length ? all[at++] & 0xff : -1;
          }

          @Override
          public int read(byte[] target, int begin, int length) throws IOException {
            if (unreadable) {
              throw new IOException("the disk is broken");
            }
            int bytes = Math.min(length, all.length - at);
            System.arraycopy(all, at, target, begin, Math.max(0, bytes));
            at += Math.max(0, bytes);
            return bytes <= 0 && length > 0 ? -1 : bytes;
          }
        };
    reader = new LogReader(in, damage::add, from);
    return reader;
  }

  private String read() throws IOException {
    LogReader log = reader == null ? open(0) : reader;
    return log.next() ? US_ASCII.decode(log.payload()).toString() : EOF;
  }

  private long dropped() {
    return damage.stream()
        .filter(found -> found.kind() == Damage.Kind.CORRUPTION)
        .mapToLong(Damage::bytes)
        .sum();
  }

  private String message() {
    return damage.stream()
        .filter(found -> found.kind() == Damage.Kind.CORRUPTION)
        .map(Damage::reason)
        .reduce("", String::concat);
  }

  private long torn() {
    return damage.stream()
        .filter(found -> found.kind() == Damage.Kind.TORN_TAIL)
        .mapToLong(Damage::bytes)
        .sum();
  }

  private static String big(String part, int size) {
    return part.repeat(size / part.length() + 1).substring(0, size);
  }

  @Test
  void empty() throws IOException {
    assertThat(read()).isEqualTo(EOF);
  }

  @Test
  void readWrite() throws IOException {
    for (String record : List.of("foo", "bar", "", "xxxx")) {
      write(record);
    }
    for (String record : List.of("foo", "bar", "", "xxxx", EOF, EOF)) {
      assertThat(read()).isEqualTo(record);
    }
  }

  @Test
  void manyBlocks() throws IOException {
    for (int number = 0; number < 100_000; number++) {
      write(number + ".");
    }
    for (int number = 0; number < 100_000; number++) {
      assertThat(read()).isEqualTo(number + ".");
    }
    assertThat(read()).isEqualTo(EOF);
  }

  @Test
  void fragmentation() throws IOException {
    List<String> records = List.of("small", big("medium", 50_000), big("large", 100_000));
    for (String record : records) {
      write(record);
    }
    for (String record : records) {
      assertThat(read()).isEqualTo(record);
    }
    assertThat(read()).isEqualTo(EOF);
  }

  @Test
  void marginalTrailer() throws IOException {
    String foo = big("foo", BLOCK - 2 * HEADER);
    write(foo);
    assertThat(written()).isEqualTo(BLOCK - HEADER);
    write("");
    write("bar");
    for (String record : List.of(foo, "", "bar", EOF)) {
      assertThat(read()).isEqualTo(record);
    }
  }

  @Test
  void marginalTrailer2() throws IOException {
    String foo = big("foo", BLOCK - 2 * HEADER);
    write(foo);
    assertThat(written()).isEqualTo(BLOCK - HEADER);
    write("bar");
    for (String record : List.of(foo, "bar", EOF)) {
      assertThat(read()).isEqualTo(record);
    }
    assertThat(damage).isEmpty();
  }

  @Test
  void shortTrailer() throws IOException {
    String foo = big("foo", BLOCK - 2 * HEADER + 4);
    write(foo);
    assertThat(written()).isEqualTo(BLOCK - HEADER + 4);
    write("");
    write("bar");
    for (String record : List.of(foo, "", "bar", EOF)) {
      assertThat(read()).isEqualTo(record);
    }
  }

  @Test
  void alignedEof() throws IOException {
    String foo = big("foo", BLOCK - 2 * HEADER + 4);
    write(foo);
    assertThat(written()).isEqualTo(BLOCK - HEADER + 4);
    assertThat(read()).isEqualTo(foo);
    assertThat(read()).isEqualTo(EOF);
    assertThat(damage).isEmpty();
  }

  @Test
  void openForAppend() throws IOException {
    write("hello");
    writer = new LogWriter(file, file.size());
    write("world");
    for (String record : List.of("hello", "world", EOF)) {
      assertThat(read()).isEqualTo(record);
    }
  }

  @Test
  void randomRead() throws IOException {
    Random random = new Random(301);
    List<String> records = new ArrayList<>();
    for (int number = 0; number < 500; number++) {
      records.add(big(number + ".", 1 + random.nextInt(1 << random.nextInt(18))));
      write(records.getLast());
    }
    for (String record : records) {
      assertThat(read()).isEqualTo(record);
    }
    assertThat(read()).isEqualTo(EOF);
  }

  @Test
  void readError() throws IOException {
    write("foo");
    unreadable = true;
    // Where LevelDB takes this for the end of the log, the reader throws.
    assertThatThrownBy(this::read).isInstanceOf(IOException.class).hasMessage("the disk is broken");
    assertThat(read()).isEqualTo(EOF);
    assertThat(dropped()).isEqualTo(BLOCK);
    assertThat(message()).isEqualTo("read error: the disk is broken");
  }

  @Test
  void badRecordType() throws IOException {
    write("foo");
    addToByte(6, 100);
    fixChecksum(0, 3);
    assertThat(read()).isEqualTo(EOF);
    assertThat(dropped()).isEqualTo(3);
    assertThat(message()).isEqualTo("unknown record type 101");
  }

  @Test
  void truncatedTrailingRecordIsIgnored() throws IOException {
    write("foo");
    cut(4);
    assertThat(read()).isEqualTo(EOF);
    assertThat(dropped()).isZero();
    assertThat(torn()).isEqualTo(6);
  }

  @Test
  void badLength() throws IOException {
    write(big("bar", BLOCK - HEADER));
    write("foo");
    addToByte(4, 1);
    assertThat(read()).isEqualTo("foo");
    assertThat(dropped()).isEqualTo(BLOCK);
    assertThat(message()).isEqualTo("bad record length");
  }

  @Test
  void badLengthAtEndIsIgnored() throws IOException {
    write("foo");
    cut(1);
    assertThat(read()).isEqualTo(EOF);
    assertThat(dropped()).isZero();
    assertThat(torn()).isEqualTo(9);
  }

  @Test
  void checksumMismatch() throws IOException {
    write("foo");
    addToByte(0, 10);
    assertThat(read()).isEqualTo(EOF);
    assertThat(dropped()).isEqualTo(10);
    assertThat(message()).isEqualTo("checksum mismatch");
  }

  @Test
  void unexpectedMiddleType() throws IOException {
    write("foo");
    setByte(6, LogLayout.MIDDLE);
    fixChecksum(0, 3);
    assertThat(read()).isEqualTo(EOF);
    assertThat(dropped()).isEqualTo(3);
    assertThat(message()).startsWith("missing start");
  }

  @Test
  void unexpectedLastType() throws IOException {
    write("foo");
    setByte(6, LogLayout.LAST);
    fixChecksum(0, 3);
    assertThat(read()).isEqualTo(EOF);
    assertThat(dropped()).isEqualTo(3);
    assertThat(message()).startsWith("missing start");
  }

  @Test
  void unexpectedFullType() throws IOException {
    write("foo");
    write("bar");
    setByte(6, LogLayout.FIRST);
    fixChecksum(0, 3);
    assertThat(read()).isEqualTo("bar");
    assertThat(read()).isEqualTo(EOF);
    assertThat(dropped()).isEqualTo(3);
    assertThat(message()).startsWith("partial record without end");
  }

  @Test
  void unexpectedFirstType() throws IOException {
    write("foo");
    write(big("bar", 100_000));
    setByte(6, LogLayout.FIRST);
    fixChecksum(0, 3);
    assertThat(read()).isEqualTo(big("bar", 100_000));
    assertThat(read()).isEqualTo(EOF);
    assertThat(dropped()).isEqualTo(3);
    assertThat(message()).startsWith("partial record without end");
  }

  @Test
  void missingLastIsIgnored() throws IOException {
    write(big("bar", BLOCK));
    cut(14);
    assertThat(read()).isEqualTo(EOF);
    assertThat(dropped()).isZero();
    assertThat(torn()).isEqualTo(BLOCK);
  }

  @Test
  void partialLastIsIgnored() throws IOException {
    write(big("bar", BLOCK));
    cut(1);
    assertThat(read()).isEqualTo(EOF);
    assertThat(dropped()).isZero();
    assertThat(torn()).isEqualTo(BLOCK + 13);
  }

  @Test
  void skipIntoMultiRecord() throws IOException {
    write(big("foo", 3 * BLOCK));
    write("correct");
    open(BLOCK);
    assertThat(read()).isEqualTo("correct");
    assertThat(dropped()).isZero();
    assertThat(read()).isEqualTo(EOF);
    assertThat(damage).isEmpty();
  }

  @Test
  void errorJoinsRecords() throws IOException {
    // The last fragment of the one must not be taken for that of the other.
    write(big("foo", BLOCK));
    write(big("bar", BLOCK));
    write("correct");
    for (int at = BLOCK; at < 2 * BLOCK; at++) {
      setByte(at, 'x');
    }
    assertThat(read()).isEqualTo("correct");
    assertThat(read()).isEqualTo(EOF);
    assertThat(dropped()).isBetween(2L * BLOCK, 2L * BLOCK + 100);
  }

  private void writeSix() throws IOException {
    for (int number = 0; number < SIZES.length; number++) {
      write(String.valueOf((char) ('a' + number)).repeat(SIZES[number]));
    }
  }

  private void readsFrom(long from, int first) throws IOException {
    writeSix();
    LogReader log = open(from);
    for (int number = first; number < SIZES.length; number++) {
      assertThat(log.next()).isTrue();
      assertThat(log.payload().remaining()).isEqualTo(SIZES[number]);
      assertThat(log.offset()).isEqualTo(OFFSETS[number]);
      assertThat(log.payload().get(log.payload().position())).isEqualTo((byte) ('a' + number));
    }
    assertThat(log.next()).isFalse();
    assertThat(damage).isEmpty();
  }

  @Test
  void readStart() throws IOException {
    readsFrom(0, 0);
  }

  @Test
  void readSecondOneOff() throws IOException {
    readsFrom(1, 1);
  }

  @Test
  void readSecondTenThousand() throws IOException {
    readsFrom(10_000, 1);
  }

  @Test
  void readSecondStart() throws IOException {
    readsFrom(10_007, 1);
  }

  @Test
  void readThirdOneOff() throws IOException {
    readsFrom(10_008, 2);
  }

  @Test
  void readThirdStart() throws IOException {
    readsFrom(20_014, 2);
  }

  @Test
  void readFourthOneOff() throws IOException {
    readsFrom(20_015, 3);
  }

  @Test
  void readFourthFirstBlockTrailer() throws IOException {
    readsFrom(BLOCK - 4, 3);
  }

  @Test
  void readFourthMiddleBlock() throws IOException {
    readsFrom(BLOCK + 1, 3);
  }

  @Test
  void readFourthLastBlock() throws IOException {
    readsFrom(2 * BLOCK + 1, 3);
  }

  @Test
  void readFourthStart() throws IOException {
    readsFrom(66_571, 3);
  }

  @Test
  void readInitialOffsetIntoBlockPadding() throws IOException {
    readsFrom(3 * BLOCK - 3, 5);
  }

  @Test
  void readEnd() throws IOException {
    writeSix();
    open(written());
    assertThat(read()).isEqualTo(EOF);
  }

  @Test
  void readPastEnd() throws IOException {
    writeSix();
    open(written() + 5L);
    assertThat(read()).isEqualTo(EOF);
  }
}
