package dev.tidemark.testkit.explorer;

import static dev.tidemark.testkit.explorer.Call.APPEND_BATCH;
import static dev.tidemark.testkit.explorer.Call.APPEND_LARGE;
import static dev.tidemark.testkit.explorer.Call.APPEND_SMALL;
import static dev.tidemark.testkit.explorer.Call.CLOSE;
import static dev.tidemark.testkit.explorer.Call.REST;
import static dev.tidemark.testkit.explorer.Call.ROTATE;
import static dev.tidemark.testkit.explorer.Call.SYNC;
import static dev.tidemark.testkit.explorer.Call.TRUNCATE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.wal.SyncPolicy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// The few sequences, faults and crowds in which most of the log's code runs, each the same in
/// every run and over in a moment. What [ExplorerTest], [FaultExplorerTest] and [CrowdExplorerTest]
/// try is far more; these are for whoever changes the log and wants to know at once, as mutation
/// testing does some thousand times.
@Timeout(120)
class ShortSequencesTest {
  private static final List<List<Call>> OF_A_NEW_LOG = List.of(List.of(ROTATE), List.of(REST));

  private static final List<List<Call>> OF_AN_AGED_LOG =
      List.of(List.of(TRUNCATE), List.of(SYNC, CLOSE), List.of(APPEND_LARGE, TRUNCATE));

  private static final List<List<Call>> MEETING_FAULTS =
      List.of(List.of(APPEND_SMALL, ROTATE), List.of(APPEND_BATCH, ROTATE, TRUNCATE));

  private static List<Arguments> underEachPolicy(List<?> things) {
    List<Arguments> all = new ArrayList<>();
    for (SyncPolicy sync : ExplorerTest.policies()) {
      things.forEach(thing -> all.add(Arguments.of(sync, thing)));
    }
    return all;
  }

  static List<Arguments> ofANewLog() {
    return underEachPolicy(OF_A_NEW_LOG);
  }

  static List<Arguments> ofAnAgedLog() {
    return underEachPolicy(OF_AN_AGED_LOG);
  }

  static List<Arguments> meetingFaults() {
    return underEachPolicy(MEETING_FAULTS);
  }

  static List<Arguments> crowds() {
    return underEachPolicy(List.of(1));
  }

  @ParameterizedTest
  @MethodSource("ofANewLog")
  void newLogKeepsThePromiseWhereverItCrashes(SyncPolicy sync, List<Call> calls) {
    Explorer explorer = new Explorer(ExplorerTest.small(sync), 1, 1);
    explorer.exploreWhole(calls);
    assertThat(explorer.seen().states()).isGreaterThan(50);
  }

  @ParameterizedTest
  @MethodSource("ofAnAgedLog")
  void agedLogKeepsThePromiseWhereverItCrashes(SyncPolicy sync, List<Call> calls) {
    Explorer explorer = new Explorer(ExplorerTest.small(sync), 1, 1).after(ExplorerTest.LIFE);
    explorer.exploreWhole(calls);
    assertThat(explorer.seen().states()).isGreaterThan(50);
  }

  @ParameterizedTest
  @MethodSource("meetingFaults")
  void logEndsAsItMustWhicheverCallToTheStorageFails(SyncPolicy sync, List<Call> calls) {
    FaultExplorer explorer = new FaultExplorer(ExplorerTest.small(sync), 1);
    explorer.explore(calls);
    assertThat(explorer.failures()).isGreaterThan(10);
  }

  @ParameterizedTest
  @MethodSource("crowds")
  void whatSeveralCallersWereToldSurvives(SyncPolicy sync, int seed) {
    CrowdExplorer explorer = new CrowdExplorer(ExplorerTest.small(sync), 3);
    explorer.explore(seed);
    assertThat(explorer.seen().states()).isGreaterThan(50);
  }
}
