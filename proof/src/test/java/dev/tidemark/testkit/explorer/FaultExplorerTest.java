package dev.tidemark.testkit.explorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.wal.SyncPolicy;
import dev.tidemark.wal.storage.ForwardingFile;
import dev.tidemark.wal.storage.ForwardingStorage;
import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every call to the storage fails in turn, in every way: the log ends, tells everybody, and shows
/// what it owes when it is opened again.
@Timeout(600)
class FaultExplorerTest {
  private static final List<Call> EVERYTHING =
      List.of(
          Call.APPEND_SMALL,
          Call.ACKNOWLEDGE,
          Call.APPEND_BATCH,
          Call.ROTATE,
          Call.APPEND_BATCH,
          Call.CHECKPOINT,
          Call.APPEND_LARGE,
          Call.ACKNOWLEDGE,
          Call.REST,
          Call.TRUNCATE,
          Call.CLOSE,
          Call.APPEND_MEDIUM,
          Call.ROTATE,
          Call.TRUNCATE,
          Call.SYNC,
          Call.CHECKPOINT);

  static List<SyncPolicy> policies() {
    return ExplorerTest.policies();
  }

  @ParameterizedTest
  @MethodSource("policies")
  void everyCallToTheStorageFailsInTurn(SyncPolicy sync) {
    FaultExplorer explorer = new FaultExplorer(ExplorerTest.small(sync), 1);
    for (Call call : Call.values()) {
      if (call != Call.REOPEN) {
        List<Call> calls = new ArrayList<>(List.of(Call.APPEND_MEDIUM, call));
        explorer.explore(calls);
      }
    }
    explorer.explore(EVERYTHING);
    tell(sync + ", new", explorer);
  }

  @ParameterizedTest
  @MethodSource("policies")
  void everyCallToTheStorageOfALogWithAPastFailsInTurn(SyncPolicy sync) {
    FaultExplorer explorer = new FaultExplorer(ExplorerTest.small(sync), 1);
    explorer.after(ExplorerTest.LIFE);
    for (Call call : Call.values()) {
      if (call != Call.REOPEN) {
        explorer.explore(List.of(call, Call.ROTATE, Call.TRUNCATE));
      }
    }
    tell(sync + ", aged", explorer);
  }

  private static void tell(String name, FaultExplorer explorer) {
    System.out.printf(
        "fault explorer, %s: %,d runs, in %,d of them the log failed%n",
        name, explorer.runs(), explorer.failures());
    assertThat(explorer.failures()).isGreaterThan(100);
  }

  @Test
  void syncThatIsTriedAgainIsFoundAndToldOfTheShortestSequence() {
    FaultExplorer explorer =
        new FaultExplorer(ExplorerTest.small(SyncPolicy.fdatasync()), 1)
            .through(FaultExplorerTest::tryingAgain);
    List<Call> calls = List.of(Call.SYNC, Call.APPEND_SMALL, Call.ROTATE, Call.CHECKPOINT);
    assertThatThrownBy(() -> explorer.explore(calls))
        .isInstanceOf(AssertionError.class)
        .hasMessageMatching("(?s).*calls \\[\\w+(, \\w+)?\\].*"); // of the four
  }

  private static Storage tryingAgain(Storage storage) {
    return new ForwardingStorage(storage) {
      @Override
      public StorageFile open(String name) throws IOException {
        return new ForwardingFile(super.open(name)) {
          @Override
          public void sync(boolean metadata) throws IOException {
            try {
              super.sync(metadata);
            } catch (IOException e) {
              super.sync(metadata); // which says that all is well
            }
          }
        };
      }
    };
  }
}
