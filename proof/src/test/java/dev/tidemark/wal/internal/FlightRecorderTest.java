package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.testkit.disk.Faults;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.wal.Batch;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalFailedException;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.internal.jfr.AppendEvent;
import dev.tidemark.wal.internal.jfr.CheckpointEvent;
import dev.tidemark.wal.internal.jfr.GroupEvent;
import dev.tidemark.wal.internal.jfr.RecoverEvent;
import dev.tidemark.wal.internal.jfr.RotateEvent;
import dev.tidemark.wal.internal.jfr.SyncEvent;
import dev.tidemark.wal.internal.jfr.TruncateEvent;
import dev.tidemark.wal.storage.Host;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What Java Flight Recorder is told of a log.
@Timeout(120)
class FlightRecorderTest {
  private static final List<String> NAMES =
      List.of("Append", "Group", "Sync", "Rotate", "Recover", "Truncate", "Checkpoint", "Fail");

  private final SimulatedDisk storage = new SimulatedDisk();
  @TempDir private Path directory;

  private interface Work {
    void run() throws Exception;
  }

  private List<RecordedEvent> recorded(boolean all, Work work) throws Exception {
    Path file = directory.resolve("recording.jfr");
    try (Recording recording = new Recording()) {
      for (String name : NAMES) {
        if (all) {
          recording.enable("dev.tidemark." + name).withoutThreshold();
        }
      }
      recording.start();
      work.run();
      recording.stop();
      recording.dump(file);
    }
    return RecordingFile.readAllEvents(file).stream()
        .filter(event -> event.getEventType().getName().startsWith("dev.tidemark."))
        .sorted(
            Comparator.comparing(RecordedEvent::getEndTime)) // threads have buffers of their own
        .toList();
  }

  private static List<RecordedEvent> of(List<RecordedEvent> all, String name) {
    return all.stream()
        .filter(event -> event.getEventType().getName().equals("dev.tidemark." + name))
        .toList();
  }

  @Test
  void eventsOfALogsLifeAreReadBack() throws Exception {
    List<RecordedEvent> all =
        recorded(
            true,
            () -> {
              try (Wal wal = Logs.open(storage)) {
                wal.append(Logs.record(1));
                wal.append(new Batch().add(new byte[10]).add(new byte[20]));
                wal.rotate();
                wal.truncateBefore(3);
              }
            });
    assertThat(all)
        .allSatisfy(
            event -> {
              assertThat(event.getString("log")).isEqualTo(storage.description());
              assertThat(event.getEventType().getCategoryNames()).containsExactly("Tidemark");
            });
    assertThat(of(all, "Recover")).singleElement().returns("CREATED", e -> e.getString("verdict"));
    List<RecordedEvent> appends = of(all, "Append");
    assertThat(appends).extracting(e -> e.getLong("lsn")).containsExactly(1L, 3L);
    assertThat(appends).extracting(e -> e.getInt("records")).containsExactly(1, 2);
    assertThat(appends).extracting(e -> e.getLong("payloadBytes")).containsExactly(8L, 30L);
    assertThat(of(all, "Group")).extracting(e -> e.getLong("lastLsn")).containsExactly(1L, 3L);
    assertThat(of(all, "Sync")).extracting(e -> e.getLong("durableLsn")).contains(1L, 3L);
    RecordedEvent rotation = of(all, "Rotate").getFirst();
    assertThat(rotation.getLong("to")).isGreaterThan(rotation.getLong("from"));
    assertThat(rotation.getLong("firstLsn")).isEqualTo(4);
    assertThat(rotation.getLong("fileBytes")).isEqualTo(4096);
    assertThat(of(all, "Truncate"))
        .singleElement()
        .returns(3L, e -> e.getLong("lowWaterLsn"))
        .returns(0, e -> e.getInt("removed"));
  }

  @Test
  void checkpointAndSalvageAreReadBack() throws Exception {
    Remains log = SalvageTest.threeSegments();
    log.spoilPayload(SegmentHeader.fileName(2), log.frames(SegmentHeader.fileName(2)).get(4));
    List<RecordedEvent> all =
        recorded(
            true,
            () -> {
              try (Wal wal = log.open(SalvageTest.SKIP)) {
                wal.checkpoint(12, target -> target.write(new byte[1000]));
              }
            });
    assertThat(of(all, "Recover"))
        .singleElement()
        .returns("SALVAGED", e -> e.getString("verdict"))
        .returns(1, e -> e.getInt("holes"))
        .returns(1L, e -> e.getLong("lostLsns"));
    assertThat(of(all, "Checkpoint"))
        .singleElement()
        .returns(12L, e -> e.getLong("lsn"))
        .returns(1000L, e -> e.getLong("bytes"))
        .returns(true, e -> e.getBoolean("verified"));
  }

  @Test
  void failureIsReadBackWithItsCause() throws Exception {
    List<RecordedEvent> all =
        recorded(
            true,
            () -> {
              Wal wal = Logs.open(storage);
              Logs.awaitSpares(wal);
              storage.faults().fail(Faults.Operation.SYNC, 1, new IOException("planned"));
              assertThatThrownBy(() -> wal.append(Logs.record(1)))
                  .isInstanceOf(WalFailedException.class);
              assertThatThrownBy(wal::close).isInstanceOf(WalFailedException.class);
            });
    assertThat(of(all, "Fail"))
        .singleElement()
        .extracting(event -> event.getString("cause"))
        .asString()
        .contains("planned");
  }

  @Test
  void fastAppendsAndSyncsAreNotRecordedUnlessAskedFor() throws Exception {
    List<RecordedEvent> all =
        recorded(
            false,
            () -> {
              WalOptions options = WalOptions.builder().segmentBytes(1 << 20).build();
              try (Wal wal = Wal.open(storage, Host.system(), options)) {
                Logs.append(wal, 1, 2000);
              }
            });
    assertThat(of(all, "Append").size() + of(all, "Sync").size()).isLessThan(400);
    assertThat(of(all, "Recover")).hasSize(1);
  }

  @Test
  void withoutARecordingNoEventIsMade() {
    assertThat(AppendEvent.begun()).isNull();
    assertThat(GroupEvent.begun()).isNull();
    assertThat(SyncEvent.begun()).isNull();
    assertThat(RotateEvent.begun()).isNull();
    assertThat(RecoverEvent.begun()).isNull();
    assertThat(TruncateEvent.begun()).isNull();
    assertThat(CheckpointEvent.begun()).isNull();
  }
}
