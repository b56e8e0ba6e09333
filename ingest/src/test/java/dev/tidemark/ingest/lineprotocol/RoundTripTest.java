package dev.tidemark.ingest.lineprotocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RoundTripTest {
  @Test
  void whatIsWrittenIsRead() {
    long seed = System.nanoTime();
    System.out.println("RoundTripTest seed " + seed);
    Random random = new Random(seed);
    RandomRows source = new RandomRows(random);
    for (int round = 0; round < 200; round++) {
      List<Parsed.Row> rows = new ArrayList<>();
      StringBuilder body = new StringBuilder();
      for (int i = 0; i < 100; i++) {
        Parsed.Row row = source.row();
        rows.add(row);
        body.append(RandomRows.line(row)).append(random.nextBoolean() ? "\n" : "\r\n");
      }
      byte[] bytes = body.toString().getBytes(StandardCharsets.UTF_8);
      Parsed parsed = Parsed.of(bytes, Precision.NANOSECONDS);
      assertThat(parsed.result().errors()).as("seed " + seed).isEmpty();
      assertThat(parsed.rows()).as("seed " + seed).isEqualTo(rows);
    }
  }
}
