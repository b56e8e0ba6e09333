package dev.tidemark.formats.banyandb;

import static dev.tidemark.formats.Reading.ALL_THAT_IS_WHOLE;
import static dev.tidemark.formats.Reading.AS_THE_SYSTEM;
import static dev.tidemark.formats.banyandb.Segments.bytes;
import static dev.tidemark.formats.banyandb.Segments.joined;
import static dev.tidemark.formats.banyandb.Segments.read;
import static dev.tidemark.formats.banyandb.Segments.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.formats.Damage;
import dev.tidemark.formats.Damage.Kind;
import dev.tidemark.formats.DamageListener;
import dev.tidemark.formats.Reading;
import dev.tidemark.formats.banyandb.Segments.Shown;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class LogReaderTest {
  private static final byte[] A = bytes(Segments.A);
  private static final byte[] B = bytes(Segments.B);

  // B's two batches, and where in A the parts are.
  private static final int B_BATCH = 45;
  private static final int ENTRY = 8;
  private static final int COUNT = 20;

  private static void assertShown(
      byte[] file, Reading reading, List<String> entries, Damage... damage) throws IOException {
    Shown shown = read(file, reading);
    assertThat(shown.entries()).isEqualTo(entries);
    assertThat(shown.damage()).containsExactly(damage);
  }

  private static Damage damage(Kind kind, long offset, long bytes, String reason) {
    return new Damage(kind, offset, bytes, reason);
  }

  @ParameterizedTest
  @EnumSource
  void whatBanyanDbWroteIsRead(Reading reading) throws IOException {
    assertShown(A, reading, List.of("s1@0=hello,0=hello,1=hello"));
    assertShown(B, reading, List.of("s0@0=value-0", "s1@1=value-1"));
    String a = "a".repeat(64);
    assertShown(
        bytes(Segments.C),
        reading,
        List.of("series-1@0=%s,1000000=%s,2000000=%s,3000000=%s".formatted(a, a, a, a)));
  }

  @ParameterizedTest
  @EnumSource
  void anEmptySegmentHoldsNothingAndNothingIsWrong(Reading reading) throws IOException {
    assertShown(new byte[0], reading, List.of());
  }

  @Test
  void theFirstRecordOfABatchBeginsAtTheBatchAndTheOthersAtTheirOwnLength() throws IOException {
    byte[] file = Segments.batch(2);
    try (LogReader reader =
        new LogReader(
            new ByteArrayInputStream(file),
            file.length,
            AS_THE_SYSTEM,
            DamageListener.ignoring())) {
      assertThatThrownBy(reader::payload).isInstanceOf(IllegalStateException.class);
      assertThat(reader.next()).isTrue();
      assertThat(reader.offset()).isZero();
      long second = reader.endOffset();
      assertThat(second).isEqualTo(8 + 8 + reader.payload().remaining());
      assertThat(reader.next()).isTrue();
      assertThat(reader.offset()).isEqualTo(second);
      assertThat(reader.endOffset()).isEqualTo(file.length);
      assertThat(reader.next()).isFalse();
      assertThat(reader.next()).isFalse();
      assertThatThrownBy(reader::entry).isInstanceOf(IllegalStateException.class);
    }
  }

  // ---- what a crash leaves

  @Test
  void ofABatchThatIsCutTheWholeEntriesAreShown() throws IOException {
    byte[] file = Arrays.copyOf(Segments.batch(3), Segments.batch(3).length - 1);
    List<String> two = List.of("s0@0=value-0,3=value-3", "s1@1=value-1,4=value-4");
    byte[] behind = joined(Segments.twenty(), file);
    Shown shown = read(behind, AS_THE_SYSTEM);
    assertThat(shown.entries()).hasSize(22).endsWith(two.get(0), two.get(1));
    assertThat(shown.damage())
        .singleElement()
        .matches(damage -> damage.kind() == Kind.TORN_TAIL)
        .matches(damage -> damage.offset() + damage.bytes() == behind.length);
    assertThat(read(behind, ALL_THAT_IS_WHOLE)).isEqualTo(shown);
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 9})
  void ofABatchAsLongAsTheWholeFileTheSystemReadsNothing(int cut) throws IOException {
    byte[] file = Arrays.copyOf(Segments.batch(3), Segments.batch(3).length - cut);
    int batch = file.length + cut - 8;
    assertShown(
        file,
        AS_THE_SYSTEM,
        List.of(),
        damage(
            Kind.TORN_TAIL,
            0,
            file.length,
            "a batch of %d bytes in a file of %d, of which BanyanDB reads nothing"
                .formatted(batch, file.length)));
    Shown all = read(file, ALL_THAT_IS_WHOLE);
    assertThat(all.entries()).hasSize(2);
    assertThat(all.damage()).singleElement().matches(damage -> damage.kind() == Kind.TORN_TAIL);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 8})
  void aBatchOfWhichOnlyTheLengthIsThereIsACut(int left) throws IOException {
    for (Reading reading : Reading.values()) {
      Shown shown = read(Arrays.copyOf(B, B_BATCH + left), reading);
      assertThat(shown.entries()).containsExactly("s0@0=value-0");
      assertThat(shown.damage())
          .singleElement()
          .extracting(Damage::kind, Damage::offset, Damage::bytes)
          .containsExactly(Kind.TORN_TAIL, (long) B_BATCH, (long) left);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {9, 15, 16, 17, 44})
  void anEntryThatIsCutIsACut(int left) throws IOException {
    for (Reading reading : Reading.values()) {
      Shown shown = read(Arrays.copyOf(B, B_BATCH + left), reading);
      assertThat(shown.entries()).containsExactly("s0@0=value-0");
      assertThat(shown.damage())
          .singleElement()
          .extracting(Damage::kind, Damage::offset, Damage::bytes)
          .containsExactly(Kind.TORN_TAIL, (long) B_BATCH, (long) left);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aFileThatEndsBetweenTwoEntriesOfABatchIsSaidToBeCut(Reading reading) throws IOException {
    byte[] whole = Segments.batch(2);
    int entryBytes = whole[8] + 8; // the two are equally long
    byte[] file = joined(B, Arrays.copyOf(whole, 8 + entryBytes));
    assertShown(
        file,
        reading,
        List.of("s0@0=value-0", "s1@1=value-1", "s0@0=value-0,2=value-2"),
        damage(
            Kind.TORN_TAIL,
            file.length,
            0,
            "the file ends behind an entry, before the batch does"));
  }

  // ---- lengths

  @Test
  void anAlteredLengthOfABatchThatIsBeyondTheFileHidesEverythingFromTheSystemAlone()
      throws IOException {
    byte[] file = with(B, 0, 1L << 62);
    assertShown(
        file,
        AS_THE_SYSTEM,
        List.of(),
        damage(
            Kind.OVERLOOKED,
            0,
            90,
            "a batch of 4611686018427387904 bytes in a file of 90, of which BanyanDB reads nothing"));
    assertShown(
        file,
        ALL_THAT_IS_WHOLE,
        List.of("s0@0=value-0", "s1@1=value-1"),
        damage(
            Kind.CORRUPTION,
            45,
            0,
            "a batch begins before the one before it ends, at byte 4611686018427387912"));
  }

  @Test
  void anAlteredLengthOfABatchWithinTheFileEndsTheSystemAtTheNextBatch() throws IOException {
    byte[] file = with(B, 0, 38);
    assertShown(
        file,
        AS_THE_SYSTEM,
        List.of("s0@0=value-0"),
        damage(
            Kind.CORRUPTION,
            45,
            45,
            "an entry of 37 bytes in which 1702194273 timestamps in 12589 bytes, at byte 37"));
    assertShown(
        file,
        ALL_THAT_IS_WHOLE,
        List.of("s0@0=value-0", "s1@1=value-1"),
        damage(Kind.CORRUPTION, 45, 0, "a batch begins before the one before it ends, at byte 46"));
  }

  @Test
  void aBatchThatIsLongerThanItSaysIsReadToTheEndOfTheFile() throws IOException {
    byte[] file = with(B, B_BATCH, 36);
    for (Reading reading : Reading.values()) {
      assertShown(
          file,
          reading,
          List.of("s0@0=value-0", "s1@1=value-1"),
          damage(
              Kind.OVERLOOKED,
              45,
              0,
              "a batch that ends at byte 89 holds an entry that ends at 90"));
    }
  }

  @Test
  void anAlteredLengthOfAnEntryThatIsBeyondTheFileEndsTheSystemWithoutAWord() throws IOException {
    byte[] file = with(B, ENTRY, 1L << 40);
    String reason = "an entry of 1099511627776 bytes, of which only 74 are there";
    assertShown(file, AS_THE_SYSTEM, List.of(), damage(Kind.OVERLOOKED, 0, 90, reason));
    assertShown(
        file, ALL_THAT_IS_WHOLE, List.of("s1@1=value-1"), damage(Kind.OVERLOOKED, 0, 45, reason));
  }

  @Test
  void aNegativeLengthIsALargeOne() throws IOException {
    String reason = "an entry of 18446744073709551615 bytes, of which only 74 are there";
    assertShown(
        with(B, ENTRY, -1), AS_THE_SYSTEM, List.of(), damage(Kind.OVERLOOKED, 0, 90, reason));
    assertThat(read(with(B, 0, -1), ALL_THAT_IS_WHOLE).entries()).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 8, 9, 16, 24, 25, 4096})
  void zerosBehindTheLastBatchAreReported(int zeros) throws IOException {
    byte[] file = joined(B, new byte[zeros]);
    for (Reading reading : Reading.values()) {
      Shown shown = read(file, reading);
      assertThat(shown.entries()).hasSize(2);
      assertThat(shown.damage())
          .singleElement()
          .extracting(Damage::kind, Damage::offset, Damage::bytes)
          .containsExactly(
              zeros < 8 ? Kind.TORN_TAIL : Kind.CORRUPTION, (long) B.length, (long) zeros);
    }
  }

  // ---- entries

  @Test
  void anEntryWhoseCountIsNotThatOfItsValuesIsRefusedAndTheNextIsShown() throws IOException {
    byte[] file = joined(A, B);
    file[COUNT] = 2;
    Shown system = read(file, AS_THE_SYSTEM);
    assertThat(system.entries()).isEmpty();
    assertThat(system.damage())
        .containsExactly(
            damage(
                Kind.CORRUPTION,
                0,
                156,
                "an entry of 50 bytes in which values do not match the series' count of 2,"
                    + " at byte 14"));
    Shown all = read(file, ALL_THAT_IS_WHOLE);
    assertThat(all.entries()).containsExactly("s0@0=value-0", "s1@1=value-1");
    assertThat(all.damage()).singleElement().matches(damage -> damage.bytes() == A.length);
  }

  @Test
  void anEntryWithMoreTimestampsThanItsBitsIsRefusedBeforeMemoryIsTaken() throws IOException {
    byte[] file = A.clone();
    file[COUNT + 3] = 0x7f;
    assertThat(read(file, AS_THE_SYSTEM).damage())
        .singleElement()
        .matches(damage -> damage.reason().contains("2130706435 timestamps in 17 bytes"));
  }

  @Test
  void valuesThatUnpackToMoreThanTheirBlockCanHoldAreRefusedBeforeMemoryIsTaken()
      throws IOException {
    byte[] file = joined(A, new byte[3]);
    int block = file.length - 3 - 23;
    file[0] = (byte) (file[0] + 3);
    file[ENTRY] = (byte) (file[ENTRY] + 3);
    System.arraycopy(bytes("a08d0650"), 0, file, block, 4);
    assertThat(read(file, AS_THE_SYSTEM).damage())
        .singleElement()
        .matches(
            damage ->
                damage
                    .reason()
                    .contains("values of 100000 bytes, of which there are 3, in a Snappy block"));
  }

  @Test
  void aBlockThatIsNotSnappysIsRefused() throws IOException {
    byte[] file = A.clone();
    file[44] = (byte) 0xfe; // a copy from before the beginning
    assertThat(read(file, AS_THE_SYSTEM).damage())
        .singleElement()
        .matches(damage -> damage.reason().contains("values are no Snappy block"));
  }

  @Test
  void aWrongBitInAValueIsFoundByNobody() throws IOException {
    byte[] file = A.clone();
    file[file.length - 1] ^= 1;
    assertShown(file, AS_THE_SYSTEM, List.of("s1@0=hello,0=hello,1=helln"));
  }

  // ---- going on

  @Test
  void aBadEntryWithinABatchCostsItselfAlone() throws IOException {
    byte[] file = Segments.batch(4);
    int entryBytes = file[ENTRY] + 8;
    file[ENTRY + entryBytes + 8 + 2 + 2] = 9; // the second one's count
    Shown all = read(file, ALL_THAT_IS_WHOLE);
    assertThat(all.entries())
        .containsExactly(
            "s0@0=value-0,4=value-4", "s2@2=value-2,6=value-6", "s3@3=value-3,7=value-7");
    assertThat(all.damage())
        .singleElement()
        .extracting(Damage::offset, Damage::bytes)
        .containsExactly(8L + entryBytes, (long) entryBytes);
  }

  @Test
  void behindGarbageTheNextBatchIsFound() throws IOException {
    byte[] garbage = new byte[1000];
    Arrays.fill(garbage, (byte) 0xa5);
    Shown all = read(joined(B, garbage, A), ALL_THAT_IS_WHOLE);
    assertThat(all.entries())
        .containsExactly("s0@0=value-0", "s1@1=value-1", "s1@0=hello,0=hello,1=hello");
    assertThat(all.damage())
        .singleElement()
        .extracting(Damage::kind, Damage::offset, Damage::bytes)
        .containsExactly(Kind.OVERLOOKED, 90L, 1000L);
  }

  @Test
  void ofASegmentThatWasStoredAsAValueNothingIsShownWhereTheLengthLeadsOn() throws IOException {
    byte[] literal = joined(bytes("5c f05b 5a00"), B); // 92 bytes, a literal of 92, one value of 90
    byte[] entry =
        joined(bytes("0100 73 02000000 0800 17979cfe362a0000"), literal); // not 2 of them
    byte[] lengths = with(with(new byte[16], 0, entry.length + 8), 8, entry.length);
    byte[] file = joined(lengths, entry, A);
    Shown all = read(file, ALL_THAT_IS_WHOLE);
    assertThat(all.entries()).containsExactly("s1@0=hello,0=hello,1=hello");
    assertThat(all.damage())
        .singleElement()
        .extracting(Damage::offset, Damage::bytes)
        .containsExactly(0L, entry.length + 16L);
    // Where it leads nowhere, what looks like an entry is taken for one.
    byte[] astray = with(with(file, 0, 30), 8, 1L << 40);
    assertThat(read(astray, ALL_THAT_IS_WHOLE).entries())
        .containsExactly("s0@0=value-0", "s1@1=value-1", "s1@0=hello,0=hello,1=hello");
  }

  @Test
  void aFileThatBecomesShorterWhileItIsReadIsCut() throws IOException {
    for (Reading reading : Reading.values()) {
      Shown shown = new Shown(new ArrayList<>(), new ArrayList<>());
      try (LogReader reader =
          new LogReader(
              new ByteArrayInputStream(Arrays.copyOf(B, 80)), 90, reading, shown.damage()::add)) {
        while (reader.next()) {
          shown.entries().add(Segments.text(reader.entry()));
        }
      }
      assertThat(shown.entries()).containsExactly("s0@0=value-0");
      assertThat(shown.damage())
          .singleElement()
          .extracting(Damage::kind, Damage::bytes)
          .containsExactly(Kind.TORN_TAIL, 35L);
    }
  }
}
