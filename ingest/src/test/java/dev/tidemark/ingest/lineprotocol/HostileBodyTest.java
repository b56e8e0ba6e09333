package dev.tidemark.ingest.lineprotocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Bodies nobody meant to send.
class HostileBodyTest {
  private static final byte[] TELLING =
      "\n\r\\\"=, #ieE.+-u09tT\0\u00ff".getBytes(StandardCharsets.ISO_8859_1);

  private final LineParser parser = new LineParser();
  private int points;
  private int lastEnd;

  @Test
  void mutatedBodiesNeverThrowAndAreCountedConsistently() {
    long seed = System.nanoTime();
    System.out.println("HostileBodyTest seed " + seed);
    Random random = new Random(seed);
    RandomRows source = new RandomRows(random);
    byte[] body = new byte[0];
    for (int i = 0; i < 200_000; i++) {
      if (i % 50 == 0) {
        body = body(source);
      }
      byte[] mutated = body.clone();
      int mutations = 1 + random.nextInt(4);
      for (int m = 0; m < mutations; m++) {
        mutate(mutated, random);
      }
      check(mutated, mutated.length, "seed " + seed + ", body " + i);
    }
  }

  @Test
  void truncatedBodiesNeverThrowAndAreCountedConsistently() {
    long seed = System.nanoTime();
    System.out.println("HostileBodyTest seed " + seed);
    RandomRows source = new RandomRows(new Random(seed));
    for (int i = 0; i < 50; i++) {
      byte[] body = body(source);
      for (int length = 0; length <= body.length; length++) {
        check(body, length, "seed " + seed + ", body " + i + " cut to " + length);
      }
    }
  }

  private static byte[] body(RandomRows source) {
    StringBuilder body = new StringBuilder();
    for (int i = 0; i < 4; i++) {
      body.append(RandomRows.line(source.row())).append('\n');
    }
    return body.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void mutate(byte[] body, Random random) {
    int at = random.nextInt(body.length);
    switch (random.nextInt(4)) {
      case 0 -> body[at] = (byte) random.nextInt(256);
      case 1 -> body[at] ^= (byte) (1 << random.nextInt(8));
      case 2 -> {
        int length = random.nextInt(Math.min(16, body.length - at));
        int from = random.nextInt(body.length - length);
        System.arraycopy(body, from, body, at, length);
      }
      default -> body[at] = TELLING[random.nextInt(TELLING.length)];
    }
  }

  private void check(byte[] body, int length, String what) {
    points = 0;
    lastEnd = 0;
    ParseResult result;
    try {
      result = parser.parse(body, 0, length, Precision.NANOSECONDS, 0, p -> take(p, length));
    } catch (RuntimeException e) {
      throw new AssertionError(what, e);
    }
    int newlines = 0;
    for (int i = 0; i < length; i++) {
      newlines += body[i] == '\n' ? 1 : 0;
    }
    assertThat(result.accepted()).as(what).isEqualTo(points);
    assertThat(result.accepted() + result.rejected()).as(what).isLessThanOrEqualTo(newlines + 1);
    assertThat(result.errors()).as(what).hasSize(Math.min(result.rejected(), 10));
    int line = 0;
    for (LineError error : result.errors()) {
      assertThat(error.line()).as(what).isGreaterThan(line).isLessThanOrEqualTo(newlines + 1);
      assertThat(error.column()).as(what).isPositive().isLessThanOrEqualTo(length + 1);
      line = error.line();
    }
  }

  // A good line, alone, is good again and the same.
  private void take(Point point, int length) {
    points++;
    assertThat(point.offset()).isGreaterThanOrEqualTo(lastEnd);
    assertThat(point.endOffset()).isGreaterThan(point.offset()).isLessThanOrEqualTo(length);
    lastEnd = point.endOffset();
    Parsed.Row row = Parsed.Row.of(point);
    if (points == 1) {
      byte[] alone =
          Arrays.copyOfRange(point.measurement().array(), point.offset(), point.endOffset());
      assertThat(Parsed.of(alone, Precision.NANOSECONDS).rows().getFirst().fields())
          .isEqualTo(row.fields());
    }
  }
}
