package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.wal.Hole;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Looking up the holes of a log.
class HolesTest {
  private static AcceptedHole hole(long segment, long fromByte, long toByte) {
    return new AcceptedHole(segment, 1, 1, fromByte, toByte, 0, Hole.Reason.DAMAGED);
  }

  @Test
  void ofTwoHolesAtOneByteTheLargerIsFound() {
    Holes holes = new Holes(List.of(hole(2, 256, 320), hole(2, 256, 448)), Set.of());
    assertThat(holes.at(2, 256)).isEqualTo(hole(2, 256, 448));
    assertThat(holes.at(2, 320)).isNull();
    assertThat(holes.at(1, 256)).isNull();
  }

  @Test
  void holeThatCoversAnotherIsKnownAndTheOtherIsNotAdded() {
    Holes holes = new Holes(List.of(hole(2, 256, 512)), Set.of());
    assertThat(holes.reachesOver(2, 320, 448)).isTrue();
    assertThat(holes.reachesOver(2, 320, 513)).isFalse();
    assertThat(holes.reachesOver(2, 255, 300)).isFalse();
    assertThat(holes.and(List.of(hole(2, 320, 448), hole(3, 320, 448))).accepted())
        .containsExactly(hole(2, 256, 512), hole(3, 320, 448));
  }

  @Test
  void missingSegmentIsNoHoleAtItsFirstByte() {
    Holes holes = new Holes(List.of(AcceptedHole.missing(2, 5, 9)), Set.of(2L));
    assertThat(holes.isMissing(2)).isTrue();
    assertThat(holes.covers(2)).isTrue();
    assertThat(holes.at(2, 0)).isNull();
    assertThat(holes.replacesList(2)).isFalse();
  }

  // A reader takes a list that has changed for a reason to look again, not for damage.
  @Test
  void twoReadingsOfTheSameListAreEqual() {
    List<AcceptedHole> list = List.of(hole(2, 256, 512), hole(2, 256, 320), hole(7, 64, 128));
    List<AcceptedHole> other = new ArrayList<>(list);
    Collections.reverse(other);
    Holes holes = new Holes(list, Set.of(3L));
    assertThat(holes)
        .isEqualTo(new Holes(other, Set.of(3L)))
        .hasSameHashCodeAs(new Holes(other, Set.of(3L)))
        .isNotEqualTo(new Holes(list, Set.of()))
        .isNotEqualTo(new Holes(list.subList(0, 2), Set.of(3L)));
  }

  @Test
  void lookupsAnswerWhatALookAtEveryHoleWould() {
    long seed = System.nanoTime();
    System.out.println("lookups of holes, seed " + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      List<AcceptedHole> all = new ArrayList<>();
      for (int left = random.nextInt(30); left > 0; left--) {
        long from = 64L * random.nextInt(20);
        all.add(hole(1L + random.nextInt(3), from, from + 64L * random.nextInt(6)));
      }
      Holes holes = new Holes(all, Set.of());
      for (int i = 0; i < 100; i++) {
        long segment = 1L + random.nextInt(4);
        long from = 64L * random.nextInt(20);
        long to = from + 64L * random.nextInt(4);
        assertThat(holes.reachesOver(segment, from, to))
            .isEqualTo(
                all.stream()
                    .anyMatch(
                        hole ->
                            hole.segment() == segment
                                && hole.fromByte() <= from
                                && hole.toByte() >= to));
        long largest =
            all.stream()
                .filter(hole -> hole.segment() == segment && hole.fromByte() == from)
                .mapToLong(AcceptedHole::toByte)
                .max()
                .orElse(0);
        AcceptedHole found = holes.at(segment, from);
        assertThat(found == null ? 0L : found.toByte()).isEqualTo(largest);
      }
    }
  }
}
