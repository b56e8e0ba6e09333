package dev.tidemark.wal.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidemark.wal.internal.Child;
import dev.tidemark.wal.kernel.Trace.Call;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a log asks of the kernel, and in which order, as `strace` sees it.
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class SystemCallTest {
  private static final int LONE_APPENDS = 200;
  private static final int THREADS = 8;
  private static final int APPENDS_OF_EACH = 50;

  @TempDir Path directory;

  private List<Call> trace(String... arguments) throws IOException, InterruptedException {
    String missing = Trace.missing();
    if (!missing.isEmpty()) {
      System.out.println(
          "SKIPPED, so not proven: which system calls a log makes, and in which order. " + missing);
    }
    assumeTrue(missing.isEmpty(), "programs can be traced");
    Path file = directory.resolve("trace");
    try (Child child = Child.of(Trace.command(file), TracedProgram.class, arguments)) {
      while (child.words() != null) {
        // It says it to the trace.
      }
      assertThat(child.exitCode()).isZero();
    }
    return Trace.read(file);
  }

  @ParameterizedTest
  @ValueSource(strings = {"fdatasync", "fsync"})
  void aLoneWriterSyncsOnceForEachAppendBehindItsBytesAndBeforeItsAck(String policy)
      throws Exception {
    Path log = directory.resolve("log");
    List<Call> calls = trace("append", log.toString(), policy, "1", "" + LONE_APPENDS);
    List<Call> work = work(calls);
    List<String> order = work.stream().map(SystemCallTest::shortly).toList();
    List<String> expected = new ArrayList<>();
    for (int lsn = 1; lsn <= LONE_APPENDS; lsn++) {
      expected.add("pwrite64 0000000000000001.wal");
      expected.add(policy + " 0000000000000001.wal");
      expected.add("ack " + lsn);
    }
    assertThat(order).containsExactlyElementsOf(expected);
    for (int i = 1; i < work.size(); i++) {
      assertThat(work.get(i).begun()).isGreaterThan(work.get(i - 1).ended());
    }
    assertThat(groups(calls)).isEqualTo(LONE_APPENDS);
  }

  @Test
  void manyWritersShareSyncsAndNoneIsAcknowledgedBeforeTheOneBehindItsBytes() throws Exception {
    Path log = directory.resolve("log");
    List<Call> calls =
        trace("append", log.toString(), "fdatasync", "" + THREADS, "" + APPENDS_OF_EACH);
    List<Call> work = work(calls);
    List<Call> syncs = work.stream().filter(Call::isSync).toList();
    assertThat(syncs).hasSize((int) groups(calls));
    List<Call> writes = work.stream().filter(call -> call.is("pwrite64")).toList();
    int acks = 0;
    for (Call call : work) {
      String said = call.said().orElse("");
      if (said.startsWith("ack ")) {
        long lsn = Long.parseLong(said.substring(4));
        Call write = writes.stream().filter(some -> holds(some, lsn)).findFirst().orElseThrow();
        assertThat(syncs)
            .as("a sync behind %s and before the ack of LSN %s", write, lsn)
            .anyMatch(sync -> sync.begun() > write.ended() && sync.ended() < call.begun());
        acks++;
      }
    }
    assertThat(acks).isEqualTo(THREADS * APPENDS_OF_EACH);
    assertThat(syncs.size()).isLessThanOrEqualTo(acks);
    System.out.printf(
        "%,d acknowledged appends of %d threads, %,d syncs%n", acks, THREADS, syncs.size());
  }

  @Test
  void namesAreDurableBeforeAnythingRestsOnThem() throws Exception {
    Path log = directory.resolve("log");
    Map<String, Integer> kinds = new NameOrder(log, trace("names", log.toString())).check();
    System.out.println("names that were changed: " + kinds);
    assertThat(kinds)
        .containsKeys(
            "directory",
            "manifest.tmp to manifest",
            "N.wal.tmp to N.wal",
            "N.wal to N.wal",
            "N.wal to N.gone",
            "subscriptions.tmp to subscriptions",
            "checkpoint-N-N.tmp to checkpoint-N-N");
    assertThat(kinds.get("activated")).isGreaterThanOrEqualTo(8);
  }

  // What was done to segments, and acknowledged, between `begin` and `end`.
  private static List<Call> work(List<Call> calls) {
    List<Call> work = new ArrayList<>();
    boolean begun = false;
    for (Call call : calls) {
      String said = call.said().orElse("");
      if (said.startsWith("end ")) {
        return work;
      }
      boolean ofTheLog = call.isWrite() || call.is("fsync", "fdatasync", "sync_file_range");
      if (begun && (!said.isEmpty() || ofTheLog)) {
        work.add(call);
      }
      begun |= said.equals("begin");
    }
    throw new AssertionError("the program did not come to its end");
  }

  private static long groups(List<Call> calls) {
    String end = calls.stream().flatMap(c -> c.said().stream()).toList().getLast();
    assertThat(end).startsWith("end ");
    return Long.parseLong(end.substring(4));
  }

  private static String shortly(Call call) {
    return call.said().orElseGet(() -> call.name() + " " + Path.of(call.path()).getFileName());
  }

  // A frame names its first LSN and how many records it has.
  private static boolean holds(Call write, long lsn) {
    long first = write.number(8, 8);
    return first <= lsn && lsn < first + write.number(16, 4);
  }
}
