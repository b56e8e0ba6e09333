package dev.tidemark.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPInputStream;

/// What was sent and what became of it. Every row carries a number of its own, because the input
/// repeats itself. Safe for any number of threads: every method holds the ledger's monitor.
final class Ledger {
  private static final int MAX_BODY_LINES = 20;

  private final List<String> lines;
  private final List<Body> bodies = new ArrayList<>();
  private final Deque<Body> unsent = new ArrayDeque<>();
  private int acknowledged;
  private int inDoubt;

  /// What became of a body.
  enum State {
    UNSENT,
    ACKNOWLEDGED,
    IN_DOUBT
  }

  /// Some lines sent together. Guarded by the ledger.
  static final class Body {
    final int from;
    final int to;
    private State state = State.UNSENT;

    private Body(int from, int to) {
      this.from = from;
      this.to = to;
    }
  }

  /// Cuts lines into bodies of random sizes.
  Ledger(List<String> lines, Random random) {
    this.lines = lines;
    for (int from = 0; from < lines.size(); ) {
      int to = Math.min(lines.size(), from + 1 + random.nextInt(MAX_BODY_LINES));
      Body body = new Body(from, to);
      bodies.add(body);
      unsent.add(body);
      from = to;
    }
  }

  /// {@return the points of the Numenta Anomaly Benchmark: all of them if the folder that
  /// `TIDEMARK_TEST_DATA` names is there, else some thousand}
  static List<String> benchmark() throws IOException {
    String folder = System.getenv("TIDEMARK_TEST_DATA");
    if (folder != null) {
      Path all = Path.of(folder, "data", "metrics", "nab-cloudwatch-traffic.lp");
      if (Files.exists(all)) {
        return Files.readAllLines(all);
      }
    }
    System.out.println("TIDEMARK_TEST_DATA has no points: 6,000 of them stand in for 83,404");
    try (InputStream file = Ledger.class.getResourceAsStream("/nab-cloudwatch-traffic-6000.lp.gz");
        BufferedReader reader =
            new BufferedReader(
                new InputStreamReader(new GZIPInputStream(file), StandardCharsets.UTF_8))) {
      return reader.lines().filter(line -> !line.startsWith("#")).toList();
    }
  }

  /// {@return the points of the benchmark, again and again}
  ///
  /// @param count how many
  static List<String> benchmark(int count) throws IOException {
    List<String> once = benchmark();
    List<String> lines = new ArrayList<>(count);
    while (lines.size() < count) {
      lines.add(once.get(lines.size() % once.size()));
    }
    return lines;
  }

  /// {@return many points of the same shape, all of one hour}
  ///
  /// @param count how many
  static List<String> endless(int count) {
    List<String> lines = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      lines.add("nab,group=g,series=s value=" + i + ".5 " + (1_700_000_000_000_000_000L + i));
    }
    return lines;
  }

  /// {@return a line of the input}
  ///
  /// @param number which, counted from 0
  String line(int number) {
    return lines.get(number);
  }

  /// {@return the text of a body: its lines, each with its number as one more field}
  String text(Body body) {
    StringBuilder text = new StringBuilder();
    for (int number = body.from; number < body.to; number++) {
      String line = lines.get(number);
      int time = line.lastIndexOf(' ');
      text.append(line, 0, time).append(",number=").append(number).append('i');
      text.append(line, time, line.length()).append('\n');
    }
    return text.toString();
  }

  /// {@return a body to send, or null if there is none left}
  synchronized Body take() {
    return unsent.poll();
  }

  /// Notes that a body was refused before anything was done with it.
  synchronized void refused(Body body) {
    unsent.addFirst(body);
  }

  /// Sends no more than was sent by now.
  synchronized void discardUnsent() {
    unsent.clear();
  }

  synchronized void acknowledged(Body body) {
    body.state = State.ACKNOWLEDGED;
    acknowledged++;
  }

  synchronized void inDoubt(Body body) {
    body.state = State.IN_DOUBT;
    inDoubt++;
  }

  synchronized int acknowledgedBodies() {
    return acknowledged;
  }

  synchronized int inDoubtBodies() {
    return inDoubt;
  }

  int lineCount() {
    return lines.size();
  }

  /// {@return how many bodies in doubt turned out to be stored}
  synchronized long inDoubtButStored(int[] stored) {
    return bodies.stream()
        .filter(body -> body.state == State.IN_DOUBT && stored[body.from] > 0)
        .count();
  }

  /// Compares with what is stored.
  ///
  /// @param stored how often each line is there
  /// @return what is wrong, empty if nothing is
  synchronized List<String> faults(int[] stored) {
    List<String> faults = new ArrayList<>();
    for (Body body : bodies) {
      int wanted = body.state == State.ACKNOWLEDGED ? 1 : 0;
      if (body.state == State.IN_DOUBT) {
        wanted = stored[body.from] == 0 ? 0 : 1;
      }
      for (int number = body.from; number < body.to; number++) {
        if (stored[number] != wanted) {
          faults.add(
              body.state
                  + " line "
                  + number
                  + " of body "
                  + body.from
                  + ".."
                  + (body.to - 1)
                  + " is there "
                  + stored[number]
                  + " times and not "
                  + wanted);
        }
      }
    }
    return faults;
  }
}
