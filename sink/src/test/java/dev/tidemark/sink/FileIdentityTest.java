package dev.tidemark.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The name of a file says whose rows it holds, and cannot lead anywhere else.
class FileIdentityTest {

  private static FileIdentity named(String database, String measurement) {
    return new FileIdentity(Rows.LOG_ID, 7, database, measurement, 12, 345, 0);
  }

  @Test
  void theNameIsMadeOfTheLogTheShardAndTheRange() {
    assertThat(named("nab", "cpu").relativePath())
        .isEqualTo("nab/cpu/1970/01/01/00/00112233445566778899aabbccddeeff-0007-12-345.parquet");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 1970/01/01/00",
    "1699999999999999999, 2023/11/14/22",
    "-1, 1969/12/31/23",
    "-3600000000000, 1969/12/31/23",
    "-3600000000001, 1969/12/31/22",
    "951782400000000000, 2000/02/29/00",
    "-9223372036854775808, 1677/09/21/00",
    "9223372036854775807, 2262/04/11/23",
  })
  void anyTimeHasItsHour(long timeNanos, String directory) {
    FileIdentity id =
        new FileIdentity(Rows.LOG_ID, 0, "d", "m", 1, 1, FileIdentity.hourOf(timeNanos));

    assertThat(id.relativePath()).startsWith("d/m/" + directory + "/" + Rows.LOG_ID);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", ".", "..", "../x", "a/b", "a\\b", "/a", "a\0", "1a", "-a", "_a", "a.tmp", "ä", "a b",
        "a\n"
      })
  void aNameThatCouldLeadElsewhereIsRefused(String name) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> named(name, "cpu"))
        .withMessageContaining("database")
        .withMessageContaining(name);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> named("nab", name))
        .withMessageContaining("measurement");
  }

  @Test
  void namesMayBeAsLongAsTheRuleSaysAndNoLonger() {
    assertThat(Path.of(named("a".repeat(64), "m".repeat(128)).relativePath()).getNameCount())
        .isEqualTo(7);
    assertThatIllegalArgumentException().isThrownBy(() -> named("a".repeat(65), "m"));
    assertThatIllegalArgumentException().isThrownBy(() -> named("a", "m".repeat(129)));
  }

  @Test
  void partsOutOfRangeAreRefused() {
    for (String log :
        new String[] {"", "00", Rows.LOG_ID.toUpperCase(java.util.Locale.ROOT), "../.."}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new FileIdentity(log, 0, "d", "m", 1, 1, 0))
          .withMessageContaining("log id");
    }
    for (int shard : new int[] {-1, 10_000}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new FileIdentity(Rows.LOG_ID, shard, "d", "m", 1, 1, 0))
          .withMessageContaining("shard");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new FileIdentity(Rows.LOG_ID, 0, "d", "m", 0, 1, 0))
        .withMessageContaining("first LSN");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new FileIdentity(Rows.LOG_ID, 0, "d", "m", 5, 4, 0))
        .withMessageContaining("last LSN");
    for (long hour : new long[] {Long.MIN_VALUE, -2_562_049, 2_562_048, Long.MAX_VALUE}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new FileIdentity(Rows.LOG_ID, 0, "d", "m", 1, 1, hour))
          .withMessageContaining("hour");
    }
  }
}
