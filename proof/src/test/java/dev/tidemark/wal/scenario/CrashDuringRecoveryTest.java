package dev.tidemark.wal.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.testkit.disk.Faults;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.host.FakeHost;
import dev.tidemark.wal.Batch;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.internal.Logs;
import dev.tidemark.wal.internal.Remains;
import dev.tidemark.wal.scenario.Moments.Moment;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Scenario 20: the machine stops while a log is recovered, at each step, and again while that is
/// recovered.
@Timeout(120)
class CrashDuringRecoveryTest {

  // Logs that leave a recovery something to do, each with the records it must come to.
  private static Map<SimulatedDisk, List<String>> logs() throws IOException {
    Map<SimulatedDisk, List<String>> logs = new LinkedHashMap<>();
    Remains clean = Remains.of(wal -> Logs.append(wal, 1, 10));
    logs.put(clean.storage, Logs.expected(1, 10));
    Remains torn = Remains.of(wal -> Logs.append(wal, 1, 10));
    torn.spoilPayload(torn.newest(), torn.frames(torn.newest()).getLast());
    logs.put(torn.storage, Logs.expected(1, 9));
    Remains gap = Remains.of(Remains.NEVER_SYNCED, wal -> Logs.append(wal, 1, 10));
    gap.zero(gap.newest(), gap.frames(gap.newest()).get(4));
    logs.put(gap.storage, Logs.expected(1, 4));
    Remains unnamed = clean.work(Logs.SMALL, wal -> {});
    unnamed.storage.replace("manifest", clean.storage.bytes("manifest"));
    logs.put(unnamed.storage, Logs.expected(1, 10)); // its newest segment is to be adopted
    logs.put(truncated(), Logs.expected(15, 20));
    logs.put(afterAFailedSync(), Logs.expected(1, 4));
    return logs;
  }

  private static SimulatedDisk truncated() throws IOException {
    return Remains.of(
            wal -> {
              Logs.append(wal, 1, 12);
              wal.rotate();
              Logs.append(wal, 13, 18);
              wal.subscribe("reader", 15).close();
              wal.checkpoint(14, target -> target.write(new byte[100]));
              wal.append(new Batch().add(Logs.record(19)).add(Logs.record(20)));
              wal.truncateBefore(15);
            })
        .storage;
  }

  private static SimulatedDisk afterAFailedSync() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    Wal wal = Scene.open(disk);
    Logs.append(wal, 1, 3);
    Logs.awaitSpares(wal);
    disk.faults().failedSyncsForget();
    disk.faults().fail(Faults.Operation.SYNC, 1, new IOException("EIO"));
    assertThatThrownBy(() -> wal.append(Logs.record(4))).isInstanceOf(IOException.class);
    assertThatThrownBy(wal::close).isInstanceOf(IOException.class);
    return Scene.killed(disk);
  }

  private static List<Moment> recovered(SimulatedDisk left, List<String> records, boolean exact)
      throws IOException {
    Moments moments = new Moments(left);
    try (Wal wal = Wal.open(moments.storage(), new FakeHost(3), Logs.SMALL)) {
      moments.end();
      if (exact) {
        assertThat(Logs.read(wal)).isEqualTo(records);
      } else { // a power cut takes what no sync had proven, and nothing else
        assertThat(Logs.read(wal)).isIn(records, records.subList(0, records.size() - 1));
      }
    }
    return moments.all();
  }

  // By turns a kill, a power cut, and one that leaves a part.
  private static Moment crashed(Moment moment, int turn) {
    SimulatedDisk left = moment.crashes(1).get(turn % 3);
    return new Moment(moment.operation(), left, moment.acknowledged());
  }

  @Test
  void recoveryComesToTheSameRecordsFromAnyStepOfARecoveryOfARecovery() throws IOException {
    int crashes = 0;
    int[] turn = {0};
    for (Map.Entry<SimulatedDisk, List<String>> log : logs().entrySet()) {
      List<String> records = log.getValue();
      List<Moment> first = recovered(Scene.killed(log.getKey()), records, true);
      assertThat(first).isNotEmpty();
      for (Moment moment : first) {
        List<SimulatedDisk> left = moment.crashes(1);
        List<Moment> second = new ArrayList<>();
        for (int i = 0; i < left.size(); i++) {
          second.addAll(recovered(left.get(i), records, i == 0));
        }
        second.replaceAll(each -> crashed(each, ++turn[0]));
        for (Moment again : second) {
          recovered(again.disk(), records, false);
          crashes++;
        }
      }
    }
    assertThat(crashes).isGreaterThan(500);
  }

  @Test
  void recoveryThatAnyCallFailsIsDoneAgainToTheSameRecords() throws IOException {
    int failed = 0;
    for (Map.Entry<SimulatedDisk, List<String>> log : logs().entrySet()) {
      for (Faults.Operation call : Faults.Operation.values()) {
        for (int n = 1; n <= 30; n++) {
          SimulatedDisk left = Scene.killed(log.getKey());
          left.faults().failedSyncsForget();
          left.faults().fail(call, n, new IOException("EIO"));
          try {
            Scene.open(left).close();
            break; // it was not met, or the spares were the ones to meet it
          } catch (IOException e) {
            failed++;
          }
          left.faults().clear();
          recovered(left, log.getValue(), true);
        }
      }
    }
    assertThat(failed).isGreaterThan(50);
  }
}
