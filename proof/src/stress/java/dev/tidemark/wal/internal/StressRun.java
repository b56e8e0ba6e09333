package dev.tidemark.wal.internal;

import java.util.TreeMap;
import org.openjdk.jcstress.JCStress;
import org.openjdk.jcstress.Options;
import org.openjdk.jcstress.infra.Status;
import org.openjdk.jcstress.infra.collectors.DiskReadCollector;

/// Runs the stress tests with the options of the command line, and says how many samples there
/// were. Fails if any was forbidden.
public final class StressRun {
  private StressRun() {}

  /// Runs.
  ///
  /// @param args as the harness takes them
  public static void main(String[] args) throws Exception {
    Options options = new Options(args);
    if (!options.parse()) {
      System.exit(64);
    }
    try {
      new JCStress(options).run();
    } catch (AssertionError e) {
      System.out.println(e.getMessage()); // counted below, too
    }
    TreeMap<String, Long> samples = new TreeMap<>();
    long[] bad = new long[2]; // forbidden samples; runs that ended in any other bad way
    DiskReadCollector results =
        new DiskReadCollector(
            options.getResultFile(),
            result -> {
              samples.merge(result.getName(), result.getTotalCount(), Long::sum);
              var grading = result.grading();
              bad[0] += grading.isPassed ? 0 : 1;
              bad[1] += result.status() == Status.NORMAL ? 0 : 1;
            });
    results.dump();
    results.close();
    samples.forEach((test, count) -> System.out.printf("%,15d samples of %s%n", count, test));
    System.out.printf(
        "%,d samples of %d stress tests, %d runs with a forbidden one, %d that did not end well%n",
        samples.values().stream().mapToLong(Long::longValue).sum(), samples.size(), bad[0], bad[1]);
    if (bad[0] + bad[1] > 0) {
      System.exit(1);
    }
  }
}
