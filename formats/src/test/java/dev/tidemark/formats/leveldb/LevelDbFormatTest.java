package dev.tidemark.formats.leveldb;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.formats.Damage;
import dev.tidemark.formats.LogFormat;
import dev.tidemark.formats.LogFormat.Likeness;
import dev.tidemark.formats.Reading;
import dev.tidemark.formats.RecordReader;
import dev.tidemark.formats.SequenceRange;
import dev.tidemark.formats.ValueCount;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LevelDbFormatTest {
  private static final LogFormat LOGS = new LevelDbFormat();
  private static final LogFormat MANIFESTS = new ManifestFormat();

  @TempDir private Path directory;

  private Path log(long number, long sequence) throws IOException {
    Path file = directory.resolve(FileName.log(number));
    BatchWriter batch = new BatchWriter();
    batch.put(ByteBuffer.wrap(new byte[] {1}), ByteBuffer.wrap(new byte[] {2}));
    batch.delete(ByteBuffer.wrap(new byte[] {1}));
    write(file, batch.payload(sequence));
    return file;
  }

  private Path manifest(VersionEdit... edits) throws IOException {
    Path file = directory.resolve("MANIFEST-000002");
    ByteBuffer[] records = new ByteBuffer[edits.length];
    for (int number = 0; number < edits.length; number++) {
      records[number] = edits[number].encode();
    }
    write(file, records);
    Files.writeString(directory.resolve("CURRENT"), "MANIFEST-000002\n");
    return file;
  }

  private static void write(Path file, ByteBuffer... records) throws IOException {
    try (LogWriter writer = new LogWriter(Files.newOutputStream(file))) {
      for (ByteBuffer record : records) {
        writer.append(record);
      }
    }
  }

  private static VersionEdit.Builder first() {
    return VersionEdit.builder().comparator("leveldb.BytewiseComparator");
  }

  private List<String> files() throws IOException {
    return LOGS.files(directory).stream().map(file -> file.getFileName().toString()).toList();
  }

  @Test
  void aLogIsKnownByItsFirstBatch() throws IOException {
    Path renamed = Files.move(log(3, 1), directory.resolve("something"));
    assertThat(LOGS.likeness(renamed)).isEqualTo(Likeness.CONTENT);
    assertThat(MANIFESTS.likeness(renamed)).isEqualTo(Likeness.NONE);
  }

  @Test
  void aLogWhoseFirstRecordIsLongIsKnownByItsBeginning() throws IOException {
    Path file = directory.resolve("something");
    BatchWriter batch = new BatchWriter();
    batch.put(ByteBuffer.wrap(new byte[] {1}), ByteBuffer.allocate(2 << 20));
    write(file, batch.payload(1));
    assertThat(LOGS.likeness(file)).isEqualTo(Likeness.CONTENT);
    assertThat(MANIFESTS.likeness(file)).isEqualTo(Likeness.NONE);
    write(file, ByteBuffer.allocate(2 << 20));
    assertThat(LOGS.likeness(file)).isEqualTo(Likeness.NONE);
    write(file, batch.payload(1));
    byte[] damaged = Files.readAllBytes(file);
    damaged[200] ^= 1;
    assertThat(LOGS.likeness(Files.write(file, damaged))).isEqualTo(Likeness.NONE);
  }

  @Test
  void aManifestWhoseFirstEditIsLongIsKnownByItsBeginning() throws IOException {
    Path file = directory.resolve("something");
    ByteBuffer key = ByteBuffer.allocate(30_000);
    VersionEdit.Builder edit = first();
    for (int table = 0; table < 40; table++) {
      edit.add(new VersionEdit.NewFile(1, table, 3, key, key));
    }
    write(file, edit.build().encode());
    assertThat(MANIFESTS.likeness(file)).isEqualTo(Likeness.CONTENT);
    assertThat(LOGS.likeness(file)).isEqualTo(Likeness.NONE);
  }

  @Test
  void aManifestIsKnownByItsFirstEdit() throws IOException {
    Path manifest = manifest(first().logNumber(3).build());
    assertThat(MANIFESTS.likeness(manifest)).isEqualTo(Likeness.CONTENT);
    assertThat(LOGS.likeness(manifest)).isEqualTo(Likeness.NONE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0123456789", "some text that is longer than a header"})
  void aFileWithoutAWholeRecordIsKnownByItsNameAlone(String content) throws IOException {
    Path named = Files.writeString(directory.resolve("000003.log"), content);
    Path other = Files.writeString(directory.resolve("notes.txt"), content);
    assertThat(LOGS.likeness(named)).isEqualTo(Likeness.NAME);
    assertThat(LOGS.likeness(other)).isEqualTo(Likeness.NONE);
  }

  @Test
  void recordsThatAreNoBatchesAreNotLevelDbs() throws IOException {
    Path file = directory.resolve("000003.log");
    write(file, ByteBuffer.wrap("a record of somebody else".getBytes(US_ASCII)));
    assertThat(LOGS.likeness(file)).isEqualTo(Likeness.NONE);
  }

  @Test
  void aDirectoryIsKnownByItsManifest() throws IOException {
    manifest(first().build());
    assertThat(LOGS.likeness(directory)).isEqualTo(Likeness.CONTENT);
  }

  @Test
  void aDirectoryOfRocksDbsIsNot() throws IOException {
    manifest(first().build());
    Files.writeString(directory.resolve("IDENTITY"), "an id");
    assertThat(LOGS.likeness(directory)).isEqualTo(Likeness.NAME);
  }

  @Test
  void aDirectoryOfLogsAloneIsKnownByTheFirst() throws IOException {
    log(12, 1);
    assertThat(LOGS.likeness(directory)).isEqualTo(Likeness.CONTENT);
    assertThat(files()).containsExactly("000012.log");
  }

  @Test
  void ofADirectoryThoseLogsAreReadThatLevelDbReplaysInOrder() throws IOException {
    manifest(first().build(), VersionEdit.builder().logNumber(1000).previousLogNumber(7).build());
    for (long number : new long[] {3, 7, 999, 1000, 20_000_000, 1001}) {
      log(number, number);
    }
    Files.createDirectory(directory.resolve("002000.log"));
    assertThat(files()).containsExactly("000007.log", "001000.log", "001001.log", "20000000.log");
  }

  @Test
  void whereTheManifestIsDamagedAllLogsAreRead() throws IOException {
    Path manifest = manifest(first().build(), VersionEdit.builder().logNumber(9).build());
    byte[] bytes = Files.readAllBytes(manifest);
    bytes[bytes.length - 1] ^= 1;
    Files.write(manifest, bytes);
    log(3, 1);
    assertThat(files()).containsExactly("000003.log");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "\n", "MANIFEST-000009\n", "../x/MANIFEST-000002\n", "\0", "MANIFEST-"})
  void whereCurrentNamesNoManifestAllLogsAreRead(String current) throws IOException {
    manifest(first().logNumber(9).build());
    Files.writeString(directory.resolve("CURRENT"), current);
    log(3, 1);
    assertThat(files()).containsExactly("000003.log");
    assertThat(MANIFESTS.files(directory)).isEmpty();
  }

  @Test
  void recordsAreTakenApartAndNumbered() throws IOException {
    Path file = log(3, 77);
    List<Damage> damage = new ArrayList<>();
    try (RecordReader reader = LOGS.open(file, Reading.AS_THE_SYSTEM, damage::add)) {
      assertThat(reader.next()).isTrue();
      assertThat(LOGS.sequences(reader.payload())).contains(new SequenceRange(77, 78));
      ValueCount values = new ValueCount();
      LOGS.describe(reader.payload(), values);
      assertThat(values.values()).isEqualTo(3 + 2 + 3 + 2);
      assertThat(reader.next()).isFalse();
    }
    assertThat(LOGS.sequences(ByteBuffer.allocate(3))).isEmpty();
    assertThat(damage).isEmpty();
  }

  /// The log of a store that works: its last block is filled with zeros, and one record goes over
  /// them, the next behind them, after the reader has seen the zeros.
  @Test
  void whatIsWrittenBehindZerosMeanwhileIsNotReadWithoutWhatIsWrittenOverThem() throws IOException {
    Path file = log(3, 1);
    long size = Files.size(file);
    byte[] filled = Arrays.copyOf(Files.readAllBytes(file), LogLayout.BLOCK_BYTES);
    Files.write(file, filled);
    List<Damage> damage = new ArrayList<>();
    try (RecordReader reader = LOGS.open(file, Reading.AS_THE_SYSTEM, damage::add);
        FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
        LogWriter writer = new LogWriter(Channels.newOutputStream(channel.position(size)), size)) {
      assertThat(reader.next()).isTrue();
      BatchWriter batch = new BatchWriter();
      batch.put(ByteBuffer.wrap(new byte[] {1}), ByteBuffer.allocate(40_000));
      writer.append(batch.payload(3));
      writer.append(batch.payload(4));
      writer.flush();
      assertThat(reader.next()).isFalse();
    }
    assertThat(damage).isEmpty();
  }

  @Test
  void editsAreTakenApart() throws IOException {
    ByteBuffer key = ByteBuffer.allocate(8);
    VersionEdit edit =
        first()
            .logNumber(1)
            .previousLogNumber(2)
            .nextFileNumber(3)
            .lastSequence(4)
            .add(new VersionEdit.CompactPointer(1, key))
            .add(new VersionEdit.DeletedFile(1, 2))
            .add(new VersionEdit.NewFile(1, 2, 3, key, key))
            .build();
    ValueCount values = new ValueCount();
    MANIFESTS.describe(edit.encode(), values);
    assertThat(values.values()).isEqualTo(5 + (2 + 2) + (2 + 2) + (2 + 5));
  }
}
