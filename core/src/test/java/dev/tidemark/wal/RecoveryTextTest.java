package dev.tidemark.wal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/// What an operator reads after a log was opened.
class RecoveryTextTest {
  private static final String SECOND = "0000000000000002.wal";

  private static RecoveryReport report(
      RecoveryReport.Verdict verdict,
      List<Hole> holes,
      List<String> setAside,
      long raisedLsn,
      boolean rebuilt) {
    return new RecoveryReport(
        verdict,
        1,
        30,
        29,
        0,
        3,
        "0000000000000003.wal",
        1536,
        0,
        0,
        0,
        "",
        List.of(),
        holes,
        setAside,
        raisedLsn,
        rebuilt,
        2560,
        4_000_000);
  }

  @Test
  void salvageSaysWhatIsLostWhatWasDoneAndWhatToDo() {
    RecoveryReport report =
        report(
            RecoveryReport.Verdict.SALVAGED,
            List.of(
                new Hole(Hole.Reason.DAMAGED, 5, 5, 1, "0000000000000001.wal", 768, 896),
                new Hole(Hole.Reason.MISSING, 11, 20, 2, SECOND, 0, 0)),
            List.of("0000000000000002.damaged"),
            0,
            false);
    assertThat(report)
        .hasToString(
            "salvaged a damaged log: 11 LSNs lost in 2 holes; set aside 1 file;"
                + " LSN 1 to 30 in 3 segments; took 4 ms");
    assertThat(report.describe())
        .isEqualTo(
            """
            salvaged a damaged log: 11 LSNs lost in 2 holes
              found    LSN 1 to 30 in 3 segments
                       promised durable up to LSN 29
                       2560 bytes of older segments verified
                       in 0.004 s
              lost     11 LSNs; the log lists these holes from now on:
                         LSN 5 to 5: damaged, 0000000000000001.wal bytes 768 to 896
                         LSN 11 to 20: missing, 0000000000000002.wal
              done     set aside, and never read again: 0000000000000002.damaged
              next     look at the disk and at the kernel's log: something changed these files
                       compare what is lost with what was built from the log, or with a copy
                       open with onCorruption = FAIL again, so that new damage is not passed over
            """);
  }

  @Test
  void rebuiltManifestSaysWhatNobodyKnowsAnyMore() {
    RecoveryReport report =
        report(RecoveryReport.Verdict.CLEAN_END, List.of(), List.of("manifest.damaged"), 0, true);
    assertThat(report.describe())
        .contains("whether records below LSN")
        .contains("manifest.damaged")
        .contains("next ");
  }

  @Test
  void raisedLsnIsNamed() {
    RecoveryReport report =
        report(RecoveryReport.Verdict.SALVAGED, List.of(), List.of(), 4711, false);
    assertThat(report.describe()).contains("the next LSN is 4711");
  }

  @Test
  void moreHolesThanAnybodyReadsAreCounted() {
    Hole hole = new Hole(Hole.Reason.DAMAGED, 5, 5, 1, SECOND, 768, 896);
    RecoveryReport report =
        report(
            RecoveryReport.Verdict.SALVAGED,
            java.util.Collections.nCopies(33, hole),
            List.of(),
            0,
            false);
    assertThat(report.describe()).contains("and 13 more");
  }

  @Test
  void properlyClosedLogTakesOneLineAndNothingToDo() {
    RecoveryReport report = report(RecoveryReport.Verdict.SEALED, List.of(), List.of(), 0, false);
    assertThat(report.describe())
        .startsWith("the log was closed properly\n")
        .doesNotContain("next");
  }
}
