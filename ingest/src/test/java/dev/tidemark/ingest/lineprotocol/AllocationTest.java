package dev.tidemark.ingest.lineprotocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class AllocationTest {
  @Test
  void valuesOfAWarmParserCostNoObjects() {
    String lines =
        new String(RealPointsTest.sample(), StandardCharsets.UTF_8)
            + "cpu,a\\ b=c\\,d f=25.033333333333335,i=-9i,u=9u,b=true,s=\"x\\\"y\",t=\"\" 1\n"
            + "bad v=\n";
    byte[] body = lines.repeat(20).getBytes(StandardCharsets.UTF_8);
    LineParser parser = new LineParser();
    long[] sum = new long[1];
    PointSink sink =
        p -> sum[0] += p.timeNanos() + p.fieldKey(0).length() + p.measurement().hashCode();
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 20; i++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      ParseResult result = parser.parse(body, 0, body.length, Precision.NANOSECONDS, 0, sink);
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
      assertThat(result.accepted()).isGreaterThan(5_000);
    }
    // The list of ten errors and the result; a single byte per point would be more.
    assertThat(least).isLessThan(4_096);
  }
}
