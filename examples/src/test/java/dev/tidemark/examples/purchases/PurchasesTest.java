package dev.tidemark.examples.purchases;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.examples.Program;
import java.nio.file.Path;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class PurchasesTest {
  private static final int COUNT = 4000;

  @TempDir Path directory;

  @Test
  void bothDepartmentsSeeEveryPurchaseOnceAndWhatBothHaveIsPruned() throws Exception {
    long pieces = 0;
    long cents = 0;
    for (int run = 1; run <= 2; run++) {
      Program.Ended ended = Program.run(directory, Purchases.class, Integer.toString(COUNT));
      assertThat(ended.status()).as(ended.text()).isZero();
      pieces += pieces();
      cents += cents();
      assertThat(ended.lines())
          .as("sums over all runs, each purchase counted once")
          .contains("warehouse: " + pieces + " pieces sent", "finance: " + cents + " cents booked");
      Matcher kept = match("log: (\\d+) segments from LSN (\\d+), kept for finance", ended.text());
      Matcher pruned = match("log: (\\d+) segments from LSN (\\d+), pruned", ended.text());
      assertThat(Long.parseLong(pruned.group(1))).isLessThan(Long.parseLong(kept.group(1)));
      assertThat(Long.parseLong(kept.group(2))).isLessThanOrEqualTo(crash(run) + 1);
      assertThat(Long.parseLong(pruned.group(2))).isGreaterThan(crash(run) + 1);
    }
  }

  private static long crash(int run) {
    return (run - 1L) * COUNT + COUNT / 2;
  }

  private static long pieces() {
    Random random = new Random(COUNT);
    long sum = 0;
    for (int i = 0; i < COUNT; i++) {
      int _ = random.nextInt(5);
      sum += 1 + random.nextInt(3);
      int _ = random.nextInt(900);
    }
    return sum;
  }

  private static long cents() {
    Random random = new Random(COUNT);
    long sum = 0;
    for (int i = 0; i < COUNT; i++) {
      int _ = random.nextInt(5);
      long quantity = 1L + random.nextInt(3);
      sum += quantity * (100 + random.nextInt(900));
    }
    return sum;
  }

  private static Matcher match(String pattern, String text) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    assertThat(matcher.find()).as(text).isTrue();
    return matcher;
  }
}
