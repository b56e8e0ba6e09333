package dev.tidemark.formats.rocksdb;

import static dev.tidemark.formats.Damage.Kind.CORRUPTION;
import static dev.tidemark.formats.Damage.Kind.OVERLOOKED;
import static dev.tidemark.formats.Damage.Kind.TORN_TAIL;
import static dev.tidemark.formats.leveldb.LogLayout.BLOCK_BYTES;
import static dev.tidemark.formats.rocksdb.RecoveryMode.ABSOLUTE_CONSISTENCY;
import static dev.tidemark.formats.rocksdb.RecoveryMode.POINT_IN_TIME_RECOVERY;
import static dev.tidemark.formats.rocksdb.RecoveryMode.SKIP_ANY_CORRUPTED_RECORDS;
import static dev.tidemark.formats.rocksdb.RecoveryMode.TOLERATE_CORRUPTED_TAIL_RECORDS;
import static dev.tidemark.formats.rocksdb.WalFile.big;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.formats.DamageListener;
import dev.tidemark.formats.leveldb.LogLayout;
import dev.tidemark.formats.rocksdb.WalFile.Read;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The cases of RocksDB's own db/log_test.cc (facebook/rocksdb) that it has in common with
/// LevelDB's or added, under their names, each with and without log numbers. Those about following
/// a log that grows (ClearEof…, TailLog…) have no counterpart: a reader here reads a file once.
class LogTest {
  private static final List<String> NONE = List.of();

  private static WalFile begin(boolean recycle) {
    return recycle ? WalFile.numbered() : WalFile.plain();
  }

  private static int header(boolean recycle) {
    return recycle ? WalLayout.NUMBERED_HEADER_BYTES : LogLayout.HEADER_BYTES;
  }

  private static int type(boolean recycle, int type) {
    return recycle ? type + WalLayout.NUMBERED : type;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(US_ASCII);
  }

  private static byte[] shrunk(WalFile file, int bytes) {
    return Arrays.copyOf(file.file(), file.size() - bytes);
  }

  private static Read read(byte[] file) throws IOException {
    return WalFile.read(file, TOLERATE_CORRUPTED_TAIL_RECORDS);
  }

  private static void assertClean(Read read, String... records) {
    assertThat(read.records()).containsExactly(records);
    assertThat(read.damage()).isEmpty();
  }

  private static void assertDropped(Read read, long bytes, String reason) {
    assertThat(read.bytes(CORRUPTION)).isEqualTo(bytes);
    assertThat(read.reasons(CORRUPTION)).anyMatch(text -> text.contains(reason));
  }

  // Ignored by RocksDB, and told here as what a crash leaves.
  private static void assertIgnored(Read read) {
    assertThat(read.records()).isEmpty();
    assertThat(read.reasons(CORRUPTION)).isEmpty();
    assertThat(read.reasons(TORN_TAIL)).hasSize(1);
  }

  // Under the modes in which a record that is cut short is damage, with RocksDB's words.
  private static void assertNotIgnored(byte[] file, String reason) throws IOException {
    for (RecoveryMode mode : List.of(ABSOLUTE_CONSISTENCY, POINT_IN_TIME_RECOVERY)) {
      Read read = WalFile.read(file, mode);
      assertThat(read.records()).isEmpty();
      assertThat(read.bytes(TORN_TAIL)).isPositive();
      assertThat(read.reasons(TORN_TAIL)).anyMatch(text -> text.startsWith(reason));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void empty(boolean recycle) throws IOException {
    assertClean(read(begin(recycle).file()));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void readWrite(boolean recycle) throws IOException {
    WalFile file = begin(recycle).record("foo").record("bar").record("").record("xxxx");
    assertClean(read(file.file()), "foo", "bar", "", "xxxx");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void manyBlocks(boolean recycle) throws IOException {
    WalFile file = begin(recycle);
    List<String> written = new ArrayList<>();
    for (int number = 0; number < 100_000; number++) {
      written.add(Integer.toString(number));
      file.record(written.getLast());
    }
    Read read = read(file.file());
    assertThat(read.records()).isEqualTo(written);
    assertThat(read.damage()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void fragmentation(boolean recycle) throws IOException {
    WalFile file = begin(recycle).record("small").record(big("medium", 50_000));
    file.record(big("large", 100_000));
    assertClean(read(file.file()), "small", big("medium", 50_000), big("large", 100_000));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void marginalTrailer(boolean recycle) throws IOException {
    String foo = big("foo", BLOCK_BYTES - 2 * header(recycle));
    WalFile file = begin(recycle).record(foo);
    assertThat(file.size()).isEqualTo(BLOCK_BYTES - header(recycle));
    assertClean(read(file.record("").record("bar").file()), foo, "", "bar");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void marginalTrailer2(boolean recycle) throws IOException {
    String foo = big("foo", BLOCK_BYTES - 2 * header(recycle));
    assertClean(read(begin(recycle).record(foo).record("bar").file()), foo, "bar");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void shortTrailer(boolean recycle) throws IOException {
    String foo = big("foo", BLOCK_BYTES - 2 * header(recycle) + 4);
    WalFile file = begin(recycle).record(foo);
    assertThat(file.size()).isEqualTo(BLOCK_BYTES - header(recycle) + 4);
    assertClean(read(file.record("").record("bar").file()), foo, "", "bar");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void alignedEof(boolean recycle) throws IOException {
    String foo = big("foo", BLOCK_BYTES - 2 * header(recycle) + 4);
    assertThat(read(begin(recycle).record(foo).file()).records()).containsExactly(foo);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void randomRead(boolean recycle) throws IOException {
    long seed = new Random().nextLong();
    System.out.printf("records for RocksDB's reader, seed %d%n", seed);
    Random random = new Random(seed);
    WalFile file = begin(recycle);
    List<String> written = new ArrayList<>();
    for (int record = 0; record < 500; record++) {
      written.add(big(record + ".", random.nextInt(1 << random.nextInt(18))));
      file.record(written.getLast());
    }
    Read read = read(file.file());
    assertThat(read.records()).as("seed %d", seed).isEqualTo(written);
    assertThat(read.damage()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void readError(boolean recycle) throws IOException {
    byte[] file = begin(recycle).record("foo").file();
    InputStream failing =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("the disk is broken after " + file.length);
          }

          @Override
          public int read(byte[] bytes, int from, int length) throws IOException {
            return read();
          }
        };
    try (LogReader reader =
        new LogReader(
            failing, OptionalLong.empty(), POINT_IN_TIME_RECOVERY, DamageListener.ignoring())) {
      assertThatThrownBy(reader::next).hasMessageContaining("the disk is broken");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void badRecordType(boolean recycle) throws IOException {
    Read read = read(begin(recycle).fragment(100, ascii("foo")).file());
    assertThat(read.records()).isEmpty();
    assertDropped(read, 3, "unknown record type");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void ignorableRecordType(boolean recycle) throws IOException {
    WalFile file = begin(recycle).record("before");
    file.fragment(WalLayout.IGNORABLE + 100, ascii("foo")).record("after");
    assertClean(read(file.file()), "before", "after");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void truncatedTrailingRecordIsIgnored(boolean recycle) throws IOException {
    assertIgnored(read(shrunk(begin(recycle).record("foo"), 4)));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void truncatedTrailingRecordIsNotIgnored(boolean recycle) throws IOException {
    // Not even of a header is all left.
    assertNotIgnored(shrunk(begin(recycle).record("foo"), 4), "truncated header");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void badLength(boolean recycle) throws IOException {
    WalFile file = begin(recycle).record(big("bar", BLOCK_BYTES - header(recycle)));
    byte[] changed = file.record("foo").file();
    changed[LogLayout.LENGTH_AT]++;
    Read read = read(changed);
    if (recycle) {
      // Something of this log follows, and RocksDB does not look.
      assertThat(read.records()).isEmpty();
      assertThat(read.reasons(OVERLOOKED)).hasSize(1);
      read = WalFile.read(changed, SKIP_ANY_CORRUPTED_RECORDS);
    }
    assertThat(read.records()).containsExactly("foo");
    assertDropped(read, BLOCK_BYTES, "bad record length");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void badLengthAtEndIsIgnored(boolean recycle) throws IOException {
    assertIgnored(read(shrunk(begin(recycle).record("foo"), 1)));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void badLengthAtEndIsNotIgnored(boolean recycle) throws IOException {
    assertNotIgnored(shrunk(begin(recycle).record("foo"), 1), "truncated record body");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void checksumMismatch(boolean recycle) throws IOException {
    byte[] changed = begin(recycle).record("foooooo").file();
    changed[0] ^= 14;
    if (recycle) {
      assertIgnored(read(changed));
    } else {
      Read read = read(changed);
      assertThat(read.records()).isEmpty();
      assertDropped(read, 14, "checksum mismatch");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void unexpectedMiddleType(boolean recycle) throws IOException {
    Read read = read(begin(recycle).fragment(type(recycle, 3), ascii("foo")).file());
    assertThat(read.records()).isEmpty();
    assertDropped(read, 3, "missing start");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void unexpectedLastType(boolean recycle) throws IOException {
    Read read = read(begin(recycle).fragment(type(recycle, 4), ascii("foo")).file());
    assertThat(read.records()).isEmpty();
    assertDropped(read, 3, "missing start");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void unexpectedFullType(boolean recycle) throws IOException {
    WalFile file = begin(recycle).fragment(type(recycle, 2), ascii("foo")).record("bar");
    Read read = read(file.file());
    assertThat(read.records()).containsExactly("bar");
    assertDropped(read, 3, "partial record without end");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void unexpectedFirstType(boolean recycle) throws IOException {
    WalFile file = begin(recycle).fragment(type(recycle, 2), ascii("foo"));
    Read read = read(file.record(big("bar", 100_000)).file());
    assertThat(read.records()).containsExactly(big("bar", 100_000));
    assertDropped(read, 3, "partial record without end");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void missingLastIsIgnored(boolean recycle) throws IOException {
    WalFile file = begin(recycle).record(big("bar", BLOCK_BYTES));
    assertIgnored(read(Arrays.copyOf(file.file(), BLOCK_BYTES)));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void missingLastIsNotIgnored(boolean recycle) throws IOException {
    WalFile file = begin(recycle).record(big("bar", BLOCK_BYTES));
    byte[] cut = Arrays.copyOf(file.file(), BLOCK_BYTES);
    assertNotIgnored(cut, "error reading trailing data due to encountering EOF");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void partialLastIsIgnored(boolean recycle) throws IOException {
    assertIgnored(read(shrunk(begin(recycle).record(big("bar", BLOCK_BYTES)), 1)));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void partialLastIsNotIgnored(boolean recycle) throws IOException {
    byte[] cut = shrunk(begin(recycle).record(big("bar", BLOCK_BYTES)), 1);
    assertNotIgnored(cut, "truncated record body");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void errorJoinsRecords(boolean recycle) throws IOException {
    WalFile file = begin(recycle).record(big("foo", BLOCK_BYTES)).record(big("bar", BLOCK_BYTES));
    byte[] wiped = file.record("correct").file();
    Arrays.fill(wiped, BLOCK_BYTES, 2 * BLOCK_BYTES, (byte) 'x');
    Read read = read(wiped);
    if (recycle) {
      assertThat(read.records()).isEmpty();
      assertThat(read.reasons(OVERLOOKED)).hasSize(1);
      read = WalFile.read(wiped, SKIP_ANY_CORRUPTED_RECORDS);
    }
    assertThat(read.records()).containsExactly("correct");
    assertThat(read.bytes(CORRUPTION)).isBetween(2L * BLOCK_BYTES - 100, 2L * BLOCK_BYTES + 100);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void recycle(int more) throws IOException {
    byte[] old =
        WalFile.numbered()
            .record("foo")
            .record("bar")
            .record("baz")
            .record("bif")
            .record("blitz")
            .record(big("more", more * 50_000))
            .file();
    byte[] again = WalFile.numbered(124).record("foooo").record("bar").file();
    System.arraycopy(again, 0, old, 0, again.length);
    for (RecoveryMode mode : RecoveryMode.values()) {
      Read read = WalFile.read(old, 124, mode);
      assertThat(read.records()).containsExactly("foooo", "bar");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void recycleWithTimestampSize(boolean recycle) throws IOException {
    byte[] sizes = {2, 0, 0, 0, 8, 0};
    int type = recycle ? WalLayout.NUMBERED_TIMESTAMP_SIZES : WalLayout.TIMESTAMP_SIZES;
    assertClean(read(begin(recycle).fragment(type, sizes).record("foo").file()), "foo");
    byte[] twice = begin(recycle).fragment(type, sizes).fragment(type, sizes).file();
    assertDropped(read(twice), 6, "contains update to recorded column family");
    byte[] zero = begin(recycle).fragment(type, new byte[6]).file();
    assertDropped(read(zero), 6, "contains zero timestamp size");
    byte[] cut = begin(recycle).fragment(type, new byte[5]).file();
    assertDropped(read(cut), 5, "could not decode user-defined timestamp size record");
  }

  // ---- CompressionLogTest

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void compressionEmpty(boolean recycle) throws IOException {
    assertThat(read(begin(recycle).compressed().file()).records()).isEqualTo(NONE);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void compressionReadWrite(boolean recycle) throws IOException {
    WalFile file = begin(recycle).compressed().record("foo").record("bar").record("");
    assertClean(read(file.record("xxxx").file()), "foo", "bar", "", "xxxx");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void compressionManyBlocks(boolean recycle) throws IOException {
    Random random = new Random(301);
    WalFile file = begin(recycle).compressed();
    List<String> written = new ArrayList<>();
    for (int record = 0; record < 300; record++) {
      byte[] bytes = new byte[random.nextInt(1000)];
      for (int at = 0; at < bytes.length; at++) {
        bytes[at] = (byte) (' ' + random.nextInt(95));
      }
      written.add(new String(bytes, US_ASCII));
      file.record(bytes);
    }
    Read read = read(file.file());
    assertThat(read.records()).isEqualTo(written);
    assertThat(read.damage()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void compressionFragmentation(boolean recycle) throws IOException {
    Random random = new Random(301);
    WalFile file = begin(recycle).compressed();
    byte[] noise = new byte[100_000];
    for (int at = 0; at < noise.length; at++) {
      noise[at] = (byte) (' ' + random.nextInt(95));
    }
    file.record("small").record(noise).record(big("large", 1_000_000));
    assertThat(file.size()).isGreaterThan(2 * BLOCK_BYTES);
    assertClean(read(file.file()), "small", new String(noise, US_ASCII), big("large", 1_000_000));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void compressionChecksumMismatch(boolean recycle) throws IOException {
    byte[] changed = begin(recycle).compressed().record("foooooo").file();
    changed[changed.length - 1] ^= 1;
    Read read = read(changed);
    assertThat(read.records()).isEmpty();
    if (recycle) {
      assertIgnored(read);
    } else {
      assertDropped(read, changed.length - 11, "checksum mismatch");
    }
  }
}
