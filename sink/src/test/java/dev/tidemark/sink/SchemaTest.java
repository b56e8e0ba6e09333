package dev.tidemark.sink;

import static dev.tidemark.sink.Rows.field;
import static dev.tidemark.sink.Rows.tag;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A schema that would not make a readable file is refused before there is one.
class SchemaTest {

  @ParameterizedTest
  @ValueSource(strings = {"", "a\0b", "\uD800", "time"})
  void aNameThatIsNoColumnIsRefused(String name) {
    assertThatIllegalArgumentException().isThrownBy(() -> tag(name));
  }

  @Test
  void aNameMayHaveAnyCharactersUpTo1024Bytes() {
    assertThat(tag("Time").name()).isEqualTo("Time");
    assertThat(tag("ä".repeat(512)).name()).hasSize(512);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tag("ä".repeat(513)))
        .withMessageContaining("1024");
  }

  @Test
  void twoColumnsOfOneNameAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Rows.of(tag("host"), field("host", ColumnType.INT64)))
        .withMessageContaining("\"host\"");
  }

  @Test
  void aTagBehindAFieldIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Rows.of(field("v", ColumnType.INT64), tag("host")))
        .withMessageContaining("\"host\"");
  }

  @Test
  void noColumnAndTooManyAreRefused() {
    assertThatIllegalArgumentException().isThrownBy(Rows::of);
    List<Column> columns = new ArrayList<>();
    for (int i = 0; i <= Schema.MAX_COLUMNS; i++) {
      columns.add(tag("t" + i));
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Schema(columns))
        .withMessageContaining("10001");
  }
}
