package dev.tidemark.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tidemark.ingest.lineprotocol.LineError;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What happens to a body that has something wrong with it.
final class RefusedBodyTest {
  @TempDir Path folder;
  private DataFolder data;
  private Ingest ingest;

  @BeforeEach
  void open() throws Exception {
    data = new DataFolder(folder);
    ingest = data.open(DataFolder.ON_DEMAND.withCatalogLimits(3, 4));
    ingest.write(DataFolder.body("cpu,host=a load=0.5 1\n"));
  }

  @AfterEach
  void close() throws Exception {
    ingest.close();
  }

  private BadLinesException refused(WriteRequest request) {
    long shardBefore = ingest.metrics().shardLog().counts().records();
    long catalogBefore = ingest.metrics().catalogLog().counts().records();
    BadLinesException e =
        catchThrowableOfType(BadLinesException.class, () -> ingest.write(request));
    assertThat(e).isNotNull();
    assertThat(e.result().accepted()).isZero();
    assertThat(ingest.metrics().shardLog().counts().records()).isEqualTo(shardBefore);
    assertThat(ingest.metrics().catalogLog().counts().records()).isEqualTo(catalogBefore);
    return e;
  }

  @Test
  void aBadLineRefusesTheWholeBodyAndLeavesNothing() throws Exception {
    BadLinesException e = refused(DataFolder.body("fresh new=1 1\nbad line=\n"));
    assertThat(e).isNotInstanceOf(ColumnConflictException.class);
    assertThat(e.result().rejected()).isEqualTo(1);
    assertThat(e.result().errors()).extracting(LineError::line).containsExactly(2);
    ingest.flush();
    assertThat(data.files("fresh")).isEmpty();
    assertThat(ingest.metrics().measurements()).isEqualTo(1);
  }

  @Test
  void aBodyWithoutAPointIsRefused() {
    assertThat(refused(DataFolder.body("\n# nothing\n"))).hasMessage("the body has no point");
    assertThat(refused(DataFolder.partial(""))).hasMessage("the body has no point");
  }

  @Test
  void anotherTypeOfAFieldIsAConflictThatNamesBoth() {
    assertThat(refused(DataFolder.body("cpu,host=a load=5i 1\n")))
        .isInstanceOf(ColumnConflictException.class)
        .hasMessageContaining("\"load\" is an integer field here, but a float field in")
        .hasMessageContaining("\"cpu\"");
  }

  @Test
  void aTagThatIsAFieldIsAConflictAndTheReverse() {
    assertThat(refused(DataFolder.body("cpu,load=a x=5i 1\n")))
        .isInstanceOf(ColumnConflictException.class)
        .hasMessageContaining("\"load\" is a tag here, but a float field");
    assertThat(refused(DataFolder.body("cpu host=1 1\n")))
        .isInstanceOf(ColumnConflictException.class)
        .hasMessageContaining("\"host\" is a float field here, but a tag");
  }

  @Test
  void aConflictInsideOneBodyIsOne() {
    assertThat(refused(DataFolder.body("fresh v=1 1\nfresh v=1i 2\n")))
        .isInstanceOf(ColumnConflictException.class)
        .hasMessageContaining("line 2")
        .hasMessageContaining("\"v\" is an integer field here, but a float field");
  }

  @Test
  void aColumnNamedTimeIsRefused() {
    assertThat(refused(DataFolder.body("cpu time=1 1\n"))).hasMessageContaining("time");
  }

  @Test
  void partialStoresTheGoodLinesAndCountsTheOthers() throws Exception {
    WriteResult result =
        ingest.write(
            DataFolder.partial(
                "cpu,host=b load=1 2\ncpu,host=c load=7i,extra=1 3\nnonsense\ncpu,host=d load=2 4\n"));
    assertThat(result.accepted()).isEqualTo(2);
    assertThat(result.rejected()).isEqualTo(2);
    assertThat(result.errors()).extracting(LineError::line).containsExactly(2, 3);
    ingest.flush();
    assertThat(data.values("cpu", "host")).containsExactly("a", "b", "d");
    // What a refused line alone would have brought is not there.
    assertThat(data.query("cpu", "SELECT column_name FROM (DESCRIBE SELECT * FROM FILES)"))
        .containsExactly("host", "load", "time");
  }

  @Test
  void partialWithoutAGoodLineIsRefused() {
    assertThat(refused(DataFolder.partial("nonsense\n")).result().rejected()).isEqualTo(1);
  }

  @Test
  void partialIsReplayedAsItWasAccepted() throws Exception {
    ingest.write(DataFolder.partial("cpu,host=b load=1 2\nnonsense\n\"\ncpu,host=d load=2 4\n"));
    DataFolder killed = data.copiedTo(folder.resolveSibling(folder.getFileName() + "-killed"));
    assertThat(killed.recovered().replayedRows()).isEqualTo(3);
    assertThat(killed.values("cpu", "host")).containsExactly("a", "b", "d");
  }

  @Test
  void columnsAndMeasurementsHaveALimit() throws Exception {
    assertThat(refused(DataFolder.body("cpu a=1,b=1,c=1 1\n")))
        .hasMessageContaining("more than 4 columns");
    ingest.write(DataFolder.body("m2 v=1 1\nm3 v=1 1\n"));
    assertThat(refused(DataFolder.body("m4 v=1 1\n"))).hasMessageContaining("measurements");
    assertThat(ingest.write(DataFolder.partial("m4 v=1 1\nm3 v=1 1\n")).accepted()).isEqualTo(1);
  }

  @Test
  void aDatabaseThatLeadsOutOfTheDirectoryIsRefused() {
    assertThatThrownBy(() -> ingest.write(DataFolder.body("../up", "cpu v=1 1\n", false)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("database");
  }
}
