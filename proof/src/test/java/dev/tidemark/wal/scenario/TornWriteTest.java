package dev.tidemark.wal.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.host.FakeHost;
import dev.tidemark.wal.Batch;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.SyncPolicy;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.internal.Logs;
import dev.tidemark.wal.internal.Remains;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Scenario 1: of the last write only a beginning reached the disk, cut at any byte.
@Timeout(120)
class TornWriteTest {
  private static final WalOptions LARGE =
      WalOptions.builder().segmentBytes(1 << 20).stagingBytes(4 << 20).build();

  /// The newest segment before and after the write that is torn, and the log around it.
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Write(
      SimulatedDisk left, String name, byte[] before, byte[] after, List<byte[]> shown) {
    int from() {
      return Arrays.mismatch(before, after);
    }

    int to() {
      int at = before.length;
      while (before[at - 1] == after[at - 1]) {
        at--;
      }
      return at;
    }

    List<Integer> everyByte() {
      List<Integer> cuts = new ArrayList<>();
      for (int cut = from(); cut <= to(); cut++) {
        cuts.add(cut);
      }
      return cuts;
    }

    Remains cutAt(int cut) {
      byte[] bytes = after.clone();
      System.arraycopy(before, cut, bytes, cut, bytes.length - cut);
      SimulatedDisk torn = Scene.killed(left);
      torn.replace(name, bytes);
      return new Remains(torn);
    }
  }

  private static List<byte[]> records(Wal wal) throws IOException {
    List<byte[]> records = new ArrayList<>();
    try (Cursor cursor = wal.read()) {
      while (cursor.next()) {
        records.add(cursor.bytes());
      }
    }
    return records;
  }

  private static Write write(WalOptions options, Remains.Work first, Remains.Work last)
      throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    try (Wal wal = Wal.open(disk, new FakeHost(7), options)) {
      first.on(wal);
      Logs.awaitSpares(wal);
      String name = new Remains(disk).newest();
      byte[] before = disk.bytes(name);
      wal.sync();
      List<byte[]> shown = records(wal);
      last.on(wal);
      return new Write(Scene.killed(disk), name, before, disk.bytes(name), shown);
    }
  }

  /// What was there before stays; the torn group is there as a whole or not at all, and is there
  /// for good once enough of its bytes are.
  private static void survives(Write write, WalOptions options, int records, List<Integer> cuts)
      throws IOException {
    int before = write.shown.size();
    boolean whole = records == 0;
    for (int i = 0; i < cuts.size(); i++) {
      int cut = cuts.get(i);
      Remains log = write.cutAt(cut);
      int there;
      SimulatedDisk later;
      try (Wal wal = log.open(options)) {
        List<byte[]> found = records(wal);
        there = found.size();
        assertThat(there)
            .as("cut at %s", cut)
            .isIn(whole ? before + records : before, before + records);
        whole = there == before + records;
        assertThat(Arrays.deepEquals(found.subList(0, before).toArray(), write.shown.toArray()))
            .isTrue();
        assertThat(wal.appendDurable(Logs.record(0))).isGreaterThan(wal.recovery().lastLsn());
        later = Scene.powerCut(log.storage);
      }
      if (i % 16 == 0 || i > cuts.size() - 3) {
        try (Wal wal = new Remains(later).open(options)) {
          assertThat(records(wal)).as("cut at %s, and again", cut).hasSize(there + 1);
        }
      }
    }
    assertThat(whole).isTrue();
  }

  @Test
  void recordCutAtAnyByteIsThereOrNotUnderEveryPolicy() throws IOException {
    for (SyncPolicy policy : Scene.POLICIES) {
      WalOptions options = Logs.small(policy);
      Write write = write(options, wal -> Logs.append(wal, 1, 3), wal -> wal.append(new byte[200]));
      survives(write, options, 1, write.everyByte());
    }
  }

  @Test
  void onlyRecordOfTheLogCutAtAnyByteIsThereOrNot() throws IOException {
    Write write = write(Logs.SMALL, wal -> {}, wal -> Logs.append(wal, 1, 1));
    survives(write, Logs.SMALL, 1, write.everyByte());
  }

  @Test
  void emptyRecordCutAtAnyByteIsThereOrNot() throws IOException {
    Write write = write(Logs.SMALL, wal -> Logs.append(wal, 1, 1), wal -> wal.append(new byte[0]));
    survives(write, Logs.SMALL, 1, write.everyByte());
  }

  @Test
  void batchCutAtAnyByteIsWholeOrNeverWas() throws IOException {
    Batch batch = new Batch();
    for (int i = 0; i < 5; i++) {
      batch.add(Logs.record(100 + i));
    }
    Write write = write(Logs.SMALL, wal -> Logs.append(wal, 1, 2), wal -> wal.append(batch));
    survives(write, Logs.SMALL, 5, write.everyByte());
  }

  @Test
  void batchOfSeveralFramesCutAtOrBesideEachFrameIsWholeOrNeverWas() throws IOException {
    Batch batch = new Batch();
    byte[] record = new byte[50_000];
    Arrays.fill(record, (byte) 9);
    for (int i = 0; i < 12; i++) {
      batch.add(record);
    }
    Write write = write(LARGE, wal -> Logs.append(wal, 1, 2), wal -> wal.append(batch));
    List<Integer> cuts = new ArrayList<>();
    Remains all = new Remains(write.left);
    List<Remains.Frame> frames = all.frames(write.name);
    assertThat(frames).hasSize(5); // two records, and a batch of three frames
    for (Remains.Frame frame : frames.subList(2, 5)) {
      for (int beside : new int[] {0, 1, 63, 64, 65, 4096, 100_000}) {
        cuts.add((int) frame.offset() + beside);
      }
      cuts.add((int) frame.end() - 1);
    }
    cuts.add(write.to());
    survives(write, LARGE, 12, cuts);
  }

  @Test
  void groupOfSeveralRecordsInAFileThatHadAnotherLifeCutAtAnyByteIsThereOrNot() throws Exception {
    SimulatedDisk disk = new SimulatedDisk();
    Batch batch = new Batch().add(new byte[30]).add(Logs.record(5));
    Write write;
    try (Wal wal = Wal.open(disk, new FakeHost(7), Logs.SMALL)) {
      Scene.reachRecycled(wal, disk);
      wal.append(Logs.record(1));
      String name = new Remains(disk).newest();
      byte[] before = disk.bytes(name);
      List<byte[]> shown = records(wal);
      wal.append(batch);
      write = new Write(Scene.killed(disk), name, before, disk.bytes(name), shown);
    }
    survives(write, Logs.SMALL, 2, write.everyByte());
  }

  @Test
  void sealCutAtAnyByteTakesNoRecordWithIt() throws IOException {
    Write write = write(Logs.SMALL, wal -> Logs.append(wal, 1, 3), Wal::close);
    survives(write, Logs.SMALL, 0, write.everyByte());
  }

  @Test
  void markCutAtAnyByteTakesNoRecordWithIt() throws IOException {
    WalOptions options = Logs.small(Scene.ASYNC);
    SimulatedDisk disk = new SimulatedDisk();
    Write write;
    try (Wal wal = Wal.open(disk, new FakeHost(7), options)) {
      Logs.append(wal, 1, 3);
      Logs.awaitSpares(wal);
      String name = new Remains(disk).newest();
      byte[] before = disk.bytes(name);
      wal.sync();
      Scene.awaitMark(disk);
      write = new Write(Scene.killed(disk), name, before, disk.bytes(name), records(wal));
    }
    survives(write, options, 0, write.everyByte());
  }
}
