package dev.tidemark.formats.prometheus;

import static dev.tidemark.formats.prometheus.Fragments.record;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.formats.ByteReader;
import dev.tidemark.formats.Damage;
import dev.tidemark.formats.Reading;
import dev.tidemark.formats.Sweep;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Every bit of small segments flipped, and every length.
///
/// The checksum covers neither the first byte of a fragment nor padding: what a flip there makes of
/// a record no reader can tell, so only the rest is held to showing nothing but what was written.
class SegmentSweepTest {
  private static final List<byte[]> RECORDS =
      List.of(
          record(30, 1),
          repeated("http_requests_total{code=200} ", 40),
          record(0, 0),
          record(200, 2),
          repeated("seconds ", 60));

  private static byte[] repeated(String text, int times) {
    return text.repeat(times).getBytes(US_ASCII);
  }

  // Some records in one page, without its padding, in several fragments each.
  private static byte[] segment(SegmentCompression compression) throws IOException {
    RecordCompressor compressor = new RecordCompressor(compression);
    Fragments segment = new Fragments();
    for (byte[] record : RECORDS) {
      RecordCompressor.Stored stored = compressor.compress(ByteBuffer.wrap(record));
      byte[] bytes = new byte[stored.bytes().remaining()];
      stored.bytes().get(0, bytes);
      int flag = stored.compression().flag();
      if (bytes.length < 20) {
        segment.add(SegmentLayout.FULL | flag, bytes);
      } else {
        segment.add(SegmentLayout.FIRST | flag, Arrays.copyOf(bytes, 9));
        segment.add(SegmentLayout.MIDDLE | flag, Arrays.copyOfRange(bytes, 9, 15));
        segment.add(SegmentLayout.LAST | flag, Arrays.copyOfRange(bytes, 15, bytes.length));
      }
    }
    return segment.bytes();
  }

  // Which bytes are the first of a fragment.
  private static BitSet heads(byte[] segment) throws IOException {
    BitSet heads = new BitSet();
    ByteReader reader = ByteReader.of(ByteBuffer.wrap(segment));
    while (reader.hasRemaining()) {
      heads.set(reader.offset());
      int _ = reader.octet("head");
      int length = reader.short16BigEndian("length");
      ByteBuffer _ = reader.bytes(4L + length, "data");
    }
    return heads;
  }

  // Which bytes are neither the first of a fragment nor its length.
  private static BitSet data(byte[] segment) throws IOException {
    BitSet data = new BitSet();
    data.set(0, segment.length);
    heads(segment).stream().forEach(head -> data.clear(head, head + 3));
    return data;
  }

  @ParameterizedTest
  @EnumSource
  void whateverBitIsFlippedNothingIsShownThatWasNotWritten(SegmentCompression compression)
      throws IOException {
    byte[] segment = segment(compression);
    BitSet heads = heads(segment);
    BitSet data = data(segment);
    for (Reading reading : Reading.values()) {
      Sweep.Outcome healthy = Fragments.read(segment, reading);
      assertThat(healthy.records()).hasSize(RECORDS.size());
      assertThat(healthy.complains()).isFalse();
      Sweep.Law law = Sweep.nothingWrong(healthy);
      Sweep.flips(
          segment,
          (file, damage) -> SegmentReader.of(file, reading, damage),
          (what, outcome) -> {
            assertThat(outcome.refusal()).as(what).isNull();
            int changed = Integer.parseInt(what.replaceAll(".*byte ([0-9]+) .*", "$1"));
            if (!heads.get(changed)) {
              law.check(what, outcome);
              assertThat(outcome.damage()).as(what).hasSize(1);
              // A crash cuts: it leaves no whole fragments behind, and none whose checksum holds
              // for just what is left.
              assertThat(outcome.damage().getFirst().kind())
                  .as(what)
                  .isEqualTo(Damage.Kind.CORRUPTION);
              if (reading == Reading.ALL_THAT_IS_WHOLE && data.get(changed)) {
                lostAtMostOne(what, outcome);
              }
            }
          });
    }
  }

  // Going on behind damage, a bit of a record's own bytes costs that record alone.
  private static void lostAtMostOne(String what, Sweep.Outcome outcome) {
    assertThat(outcome.records()).as(what).hasSize(RECORDS.size() - 1);
  }

  @ParameterizedTest
  @EnumSource
  void whereverTheFileEndsWhatIsWholeIsShownAndTheRestIsATornTail(SegmentCompression compression)
      throws IOException {
    byte[] segment = segment(compression);
    for (Reading reading : Reading.values()) {
      Sweep.Outcome healthy = Fragments.read(segment, reading);
      Sweep.cuts(
          segment,
          (file, damage) -> SegmentReader.of(file, reading, damage),
          (what, outcome) -> {
            int shown = outcome.records().size();
            assertThat(outcome.records()).as(what).isEqualTo(healthy.records().subList(0, shown));
            if (!outcome.complains()) {
              int length = Integer.parseInt(what.replaceAll("[^0-9]", ""));
              assertThat(shown).as(what).isEqualTo(endsBefore(length, segment));
            }
            assertThat(outcome.damage()).allMatch(one -> one.kind() == Damage.Kind.TORN_TAIL, what);
          });
    }
  }

  // How many records end in a fragment that begins before a place: with all of them shown, nothing
  // can be missing but zeros at the end.
  private static int endsBefore(int length, byte[] segment) {
    int ends = 0;
    int at = 0;
    while (at < length) {
      int kind = segment[at] & 7;
      ends += kind == SegmentLayout.FULL || kind == SegmentLayout.LAST ? 1 : 0;
      at += 7 + (ByteBuffer.wrap(segment).getShort(at + 1) & 0xffff);
    }
    return ends;
  }

  @Test
  void wholeSegmentsOfSeveralPagesAreCutAtEveryPlaceNearAPage() {
    byte[] segment =
        Fragments.written(
            SegmentCompression.NONE,
            List.of(record(20_000, 1), record(30_000, 2), record(70_000, 3), record(10, 4)));
    Sweep.Outcome healthy = Fragments.read(segment, Reading.AS_THE_SYSTEM);
    for (int page = 0; page <= segment.length / SegmentLayout.PAGE_BYTES; page++) {
      for (int near = -10; near <= 10; near++) {
        int length = page * SegmentLayout.PAGE_BYTES + near;
        if (length >= 0 && length <= segment.length) {
          Sweep.Outcome outcome =
              Fragments.read(Arrays.copyOf(segment, length), Reading.AS_THE_SYSTEM);
          int shown = outcome.records().size();
          assertThat(outcome.records()).isEqualTo(healthy.records().subList(0, shown));
          assertThat(outcome.damage()).allMatch(one -> one.kind() == Damage.Kind.TORN_TAIL);
          assertThat(shown == healthy.records().size() || length == 0 || outcome.complains())
              .as("cut to %d bytes", length)
              .isTrue();
        }
      }
    }
  }

  @Test
  void garbageIsNeverMoreThanDamage() {
    long seed = new Random().nextLong();
    System.out.println("SegmentSweepTest: seed " + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 500; round++) {
      ByteArrayOutputStream file = new ByteArrayOutputStream();
      while (file.size() < 50_000 && random.nextInt(6) != 0) {
        byte[] part = new byte[random.nextInt(random.nextBoolean() ? 40 : 20_000)];
        if (random.nextBoolean()) {
          random.nextBytes(part);
          file.writeBytes(part);
        } else {
          file.writeBytes(new Fragments().add(random.nextInt(32), part).bytes());
        }
      }
      for (Reading reading : Reading.values()) {
        assertThat(Fragments.read(file.toByteArray(), reading).refusal()).isNull();
      }
    }
  }
}
