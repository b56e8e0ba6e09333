package dev.tidemark.formats.arc;

import static dev.tidemark.formats.Damage.Kind.CORRUPTION;
import static dev.tidemark.formats.Damage.Kind.OVERLOOKED;
import static dev.tidemark.formats.Damage.Kind.TORN_TAIL;
import static dev.tidemark.formats.arc.ArcFiles.ENVELOPED;
import static dev.tidemark.formats.arc.ArcFiles.RAW;
import static dev.tidemark.formats.arc.ArcFiles.ROW;
import static dev.tidemark.formats.arc.ArcFiles.allThatIsWhole;
import static dev.tidemark.formats.arc.ArcFiles.asArc;
import static dev.tidemark.formats.arc.ArcFiles.begun;
import static dev.tidemark.formats.arc.ArcFiles.crc;
import static dev.tidemark.formats.arc.ArcFiles.parse;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.formats.Damage;
import dev.tidemark.formats.Sweep.Outcome;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class LogReaderTest {
  private static final byte[] RAW_BYTES = parse(RAW);
  private static final int RECORD = 16 + RAW_BYTES.length;

  private static Damage only(Outcome outcome) {
    assertThat(outcome.refusal()).isNull();
    assertThat(outcome.damage()).hasSize(1);
    return outcome.damage().getFirst();
  }

  private static void assertDamage(
      Outcome outcome, Damage.Kind kind, long offset, long bytes, String reason) {
    Damage damage = only(outcome);
    assertThat(damage.reason()).contains(reason);
    assertThat(damage).isEqualTo(new Damage(kind, offset, bytes, damage.reason()));
  }

  @Test
  void aHealthyFileIsShownWithoutComplaint() {
    for (Outcome outcome : List.of(asArc(ArcFiles.vectors()), allThatIsWhole(ArcFiles.vectors()))) {
      assertThat(outcome.records()).containsExactly(ENVELOPED, RAW, ROW);
      assertThat(outcome.complains()).isFalse();
    }
  }

  @Test
  void aFileOfItsHeaderAloneAndAnEmptyOneAreEmptyLogs() {
    assertThat(asArc(begun().file())).isEqualTo(new Outcome(List.of(), List.of(), null));
    assertThat(asArc(new byte[0])).isEqualTo(new Outcome(List.of(), List.of(), null));
  }

  @Test
  void aHeaderOfTheFileThatIsCutShortIsATornTail() {
    Outcome outcome = asArc(parse("415243570001"));
    assertThat(outcome.records()).isEmpty();
    assertDamage(outcome, TORN_TAIL, 0, 6, "within its header");
  }

  @Test
  void aFileThatDoesNotBeginWithTheMagicIsRefusedAsArcLeavesItAlone() {
    Outcome outcome = asArc(parse("41524358000101" + "00000000"));
    assertThat(outcome.refusal()).contains("does not begin with ARCW");
  }

  @Test
  void anotherVersionIsReportedAndReadOnAsArcDoes() {
    Outcome outcome = asArc(new Bytes("41524357000201").record(RAW_BYTES));
    assertThat(outcome.records()).containsExactly(RAW);
    assertDamage(outcome, CORRUPTION, 4, 2, "WAL version mismatch: 2");
  }

  @Test
  void anotherTypeOfChecksumsIsToldAlthoughArcOverlooksIt() {
    Outcome outcome = asArc(new Bytes("41524357000102").record(RAW_BYTES));
    assertThat(outcome.records()).containsExactly(RAW);
    assertDamage(outcome, OVERLOOKED, 6, 1, "type 2");
  }

  @Test
  void oneToFifteenBytesAtTheEndAreATornTail() {
    for (int left = 1; left < 16; left++) {
      byte[] two = begun().record(RAW_BYTES).record(RAW_BYTES).file();
      Outcome outcome = asArc(Arrays.copyOf(two, 7 + RECORD + left));
      assertThat(outcome.records()).containsExactly(RAW);
      assertDamage(outcome, TORN_TAIL, 7 + RECORD, left, "within a header");
    }
  }

  @Test
  void aPayloadThatIsCutShortIsATornTail() {
    for (int left = 16; left < RECORD; left++) {
      byte[] two = begun().record(RAW_BYTES).record(RAW_BYTES).file();
      byte[] cut = Arrays.copyOf(two, 7 + RECORD + left);
      for (Outcome outcome : List.of(asArc(cut), allThatIsWhole(cut))) {
        assertThat(outcome.records()).containsExactly(RAW);
        assertDamage(outcome, TORN_TAIL, 7 + RECORD, left, "failed to read payload");
      }
    }
  }

  @Test
  void zerosToTheEndAreATornTail() {
    for (int zeros : new int[] {16, 17, 31, 32, 4096, 100_000}) {
      byte[] file = begun().record(RAW_BYTES).zeros(zeros).file();
      assertThat(asArc(file).damage()).allMatch(damage -> damage.kind() == TORN_TAIL).isNotEmpty();
      Outcome outcome = allThatIsWhole(file);
      assertThat(outcome.records()).containsExactly(RAW);
      assertDamage(outcome, TORN_TAIL, 7 + RECORD, zeros, "zeros");
    }
  }

  @Test
  void zerosWithARecordBehindThemAreCorruption() {
    byte[] file = begun().zeros(64).record(RAW_BYTES).file();
    for (Outcome outcome : List.of(asArc(file), allThatIsWhole(file))) {
      assertThat(outcome.records()).containsExactly(RAW);
      assertDamage(outcome, CORRUPTION, 7, 64, "zeros");
    }
  }

  @Test
  void aWrongChecksumCostsOneRecord() {
    byte[] file =
        begun()
            .record(RAW_BYTES)
            .framed(RAW_BYTES.length, ~crc(RAW_BYTES), RAW_BYTES)
            .record(parse(ROW))
            .file();
    for (Outcome outcome : List.of(asArc(file), allThatIsWhole(file))) {
      assertThat(outcome.records()).containsExactly(RAW, ROW);
      assertDamage(outcome, CORRUPTION, 7 + RECORD, RECORD, "checksum mismatch");
    }
  }

  @Test
  void aFullLengthRecordAtTheEndWithAWrongChecksumIsCorruption() {
    byte[] file = begun().framed(RAW_BYTES.length, ~crc(RAW_BYTES), RAW_BYTES).file();
    for (Outcome outcome : List.of(asArc(file), allThatIsWhole(file))) {
      assertDamage(outcome, CORRUPTION, 7, RECORD, "checksum mismatch");
    }
  }

  @Test
  void behindALengthThatIsTooSmallArcLosesTheRecordsThatTheSearchFinds() {
    byte[] file =
        begun().framed(RAW_BYTES.length - 5, crc(RAW_BYTES), RAW_BYTES).record(parse(ROW)).file();
    Outcome arc = asArc(file);
    assertThat(arc.records()).isEmpty();
    assertThat(arc.complains()).isTrue();
    Outcome all = allThatIsWhole(file);
    assertThat(all.records()).containsExactly(ROW);
    assertDamage(all, CORRUPTION, 7, RECORD, "checksum mismatch");
  }

  @Test
  void aLengthBehindTheEndWithWholeRecordsBeforeItIsCorruptionAndNoTornTail() {
    byte[] file =
        begun().framed(1000, crc(RAW_BYTES), RAW_BYTES).record(parse(ROW)).record(RAW_BYTES).file();
    Outcome arc = asArc(file);
    assertThat(arc.records()).isEmpty();
    assertDamage(arc, CORRUPTION, 7, file.length - 7, "whole records among them");
    Outcome all = allThatIsWhole(file);
    assertThat(all.records()).containsExactly(ROW, RAW);
    assertDamage(all, CORRUPTION, 7, RECORD, "failed to read payload");
  }

  @Test
  void aLengthAboveTheLimitIsPassedWithItsHeaderAloneAndTheRunIsToldOnce() {
    byte[] payload = new byte[48];
    Arrays.fill(payload, (byte) 0xff);
    byte[] file = begun().framed((100 << 20) + 1, 0, payload).record(RAW_BYTES).file();
    for (Outcome outcome : List.of(asArc(file), allThatIsWhole(file))) {
      assertThat(outcome.records()).containsExactly(RAW);
      assertDamage(outcome, CORRUPTION, 7, 64, "exceeds maximum allowed size: 104857601 bytes");
    }
  }

  @Test
  void behindALengthAboveTheLimitArcLooksEverySixteenBytesAndTheSearchEveryByte() {
    byte[] payload = new byte[49];
    Arrays.fill(payload, (byte) 0xff);
    byte[] file = begun().framed(-1, 0, payload).record(RAW_BYTES).file();
    assertThat(asArc(file).records()).isEmpty();
    Outcome all = allThatIsWhole(file);
    assertThat(all.records()).containsExactly(RAW);
    assertDamage(all, CORRUPTION, 7, 65, "exceeds maximum allowed size: 4294967295 bytes");
  }

  @Test
  void aPayloadOfUnknownFormIsSkippedByArcAndIsWholeAllTheSame() {
    byte[] unknown = {7, 7, 7};
    byte[] file = begun().record(unknown).record(RAW_BYTES).file();
    Outcome arc = asArc(file);
    assertThat(arc.records()).containsExactly(RAW);
    assertDamage(arc, CORRUPTION, 7, 19, "unrecognized WAL entry format");
    Outcome all = allThatIsWhole(file);
    assertThat(all.records()).containsExactly("070707", RAW);
    assertThat(all.complains()).isFalse();
  }

  @Test
  void anEmptyPayloadIsCorruption() {
    byte[] file = begun().framed(0, 0, new byte[0]).record(RAW_BYTES).file();
    for (Outcome outcome : List.of(asArc(file), allThatIsWhole(file))) {
      assertThat(outcome.records()).containsExactly(RAW);
      assertDamage(outcome, CORRUPTION, 7, 16, "no payload");
    }
  }

  @Test
  void aRecordInsideAPayloadIsNotTakenForOneWhereTheLengthIsRight() {
    byte[] inner = new Bytes("").record(RAW_BYTES);
    byte[] file = begun().framed(inner.length, 1, inner).record(parse(ROW)).file();
    assertThat(allThatIsWhole(file).records()).containsExactly(ROW);
  }

  /// A file with whatever header.
  private record Bytes(String header) {
    byte[] record(byte[] payload) {
      byte[] whole = begun().record(payload).file();
      byte[] behind = Arrays.copyOfRange(whole, 7, whole.length);
      return HexFormat.of().parseHex(header + HexFormat.of().formatHex(behind));
    }
  }

  @Test
  void aRecordOfAnImpossibleTimeBehindABadOneIsFoundWhereArcFindsIt() {
    byte[] first = parse(RAW);
    byte[] second = parse(ROW);
    byte[] file =
        begun().framed(first.length, crc(first) + 1, first).record(second).record(first).file();
    file[7 + 16 + first.length + 4] = 0x7f; // the time of the second: far behind the year 2200
    for (Outcome outcome : List.of(asArc(file), allThatIsWhole(file))) {
      assertThat(outcome.records()).containsExactly(ROW, RAW);
      assertThat(outcome.damage())
          .containsExactly(new Damage(CORRUPTION, 7, 16 + first.length, "checksum mismatch"));
    }
  }
}
