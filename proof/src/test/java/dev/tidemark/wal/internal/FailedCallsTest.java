package dev.tidemark.wal.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.Faults;
import dev.tidemark.testkit.disk.Faults.Operation;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.host.SimulatedHost;
import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.internal.InterruptedCallsTest.Call;
import dev.tidemark.wal.internal.InterruptedCallsTest.Stage;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Each public call while each call to the storage within it fails, once and for ever, until there
/// is none left: it answers, or throws what its contract says; nothing that was durable is lost, no
/// file and no thread is left, and the log opens again when the disk is well.
@Timeout(120)
class FailedCallsTest {
  // What may be gone then was asked to go.
  private static final Set<Call> REMOVING = Set.of(Call.TRUNCATE, Call.REMOVE_SEGMENT);

  @ParameterizedTest
  @EnumSource
  void losesNothingThatWasDurableAndLeavesNothingOpen(Call call) throws Exception {
    long runs = 0;
    for (Operation operation : Operation.values()) {
      for (boolean forEver : new boolean[] {false, true}) {
        boolean reached = true;
        for (int n = 1; reached; n++, runs++) {
          reached = run(call, operation, forEver, n);
        }
      }
    }
    System.out.printf("FailedCallsTest %s: %,d runs%n", call, runs);
  }

  private static boolean run(Call call, Operation operation, boolean forEver, int n)
      throws Exception {
    String what = call + ", " + operation + " " + n + (forEver ? " and all after" : "");
    SimulatedDisk disk = new SimulatedDisk();
    SimulatedHost machine = new SimulatedHost(n);
    if (n % 2 == 0) {
      machine.callersDoNotWrite();
    }
    try {
      boolean reached =
          machine.run(
              () -> play(call, new Stage(disk, machine, call.options), operation, forEver, n));
      assertThat(disk.openFiles()).as("files left open").isZero();
      return reached;
    } catch (Exception | AssertionError e) {
      throw new AssertionError(what + ": " + e, e);
    }
  }

  private static boolean play(Call call, Stage stage, Operation operation, boolean forEver, int n)
      throws Exception {
    call.before.make(stage);
    boolean elsewhere = !stage.crashed.fileNames().isEmpty();
    Faults faults = (elsewhere ? stage.crashed : stage.files).faults();
    long met = faults.met(operation);
    IOException error = new IOException("input/output error: " + operation);
    if (forEver) {
      faults.failForEver(operation, n, error);
    } else {
      faults.fail(operation, n, error);
    }
    try {
      call.body.make(stage);
    } catch (CorruptWalException e) {
      throw new AssertionError("no byte is damaged", e);
    } catch (IOException _) {
      // as it may
    }
    stage.machine.rest(Duration.ofSeconds(2)); // what goes on behind meets it, too
    boolean reached = faults.met(operation) >= met + n;
    faults.clear();
    stage.leave();
    check(call, stage);
    assertThat(stage.crashed.openFiles()).as("files open").isZero();
    return reached;
  }

  private static void check(Call call, Stage stage) throws IOException {
    List<String> durable = Logs.expected(1, InterruptedCallsTest.BEFORE);
    List<String> found = stage.read(stage.wal().read());
    if (REMOVING.contains(call)) {
      assertThat(found).containsSubsequence(durable.subList(3, durable.size()));
    } else {
      assertThat(found).startsWith(durable.toArray(String[]::new));
    }
    long last = stage.wal().append("more".getBytes(UTF_8));
    stage.leave();
    assertThat(stage.read(stage.wal().read(last))).containsExactly(last + ":more");
    stage.leave();
  }
}
