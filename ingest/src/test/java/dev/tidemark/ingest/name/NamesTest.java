package dev.tidemark.ingest.name;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NamesTest {
  @ParameterizedTest
  @ValueSource(strings = {"a", "Z", "nab", "my-db_2", "default", "a-", "a_"})
  void lettersDigitsUnderscoresAndHyphensAreAllowed(String name) {
    assertThat(DatabaseName.of(name).value()).isEqualTo(name);
    assertThat(MeasurementName.of(name).value()).isEqualTo(name);
    assertThat(isAllowed(name)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "..",
        "../x",
        "a/b",
        "a\\b",
        "/",
        "/etc",
        "a\0",
        "\0",
        "1a",
        "_a",
        "-a",
        " a",
        "a ",
        "a.b",
        "a:b",
        "a\n",
        "\u00e4",
        "a\u00e4",
        "\u0430",
        "a\u0661",
        "\uff41",
        "a\ud83d\ude00"
      })
  void whatCouldLeaveTheFolderOrIsNotAsciiIsRefused(String name) {
    assertThatThrownBy(() -> DatabaseName.of(name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "invalid database name: must start with a letter and contain only alphanumeric"
                + " characters, underscores, or hyphens (max 64 characters)");
    assertThatThrownBy(() -> MeasurementName.of(name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "invalid measurement name: must start with a letter and contain only alphanumeric"
                + " characters, underscores, or hyphens (max 128 characters)");
    assertThat(isAllowed(name)).isFalse();
  }

  @Test
  void databaseNameOf64CharactersIsAllowedAndOf65Refused() {
    assertThat(DatabaseName.of("a".repeat(64)).value()).hasSize(64);
    assertThatThrownBy(() -> DatabaseName.of("a".repeat(65)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void measurementNameOf128CharactersIsAllowedAndOf129Refused() {
    assertThat(isAllowed("a".repeat(128))).isTrue();
    assertThat(MeasurementName.of("a".repeat(128)).value()).hasSize(128);
    assertThat(isAllowed("a".repeat(129))).isFalse();
    assertThatThrownBy(() -> MeasurementName.of("a".repeat(129)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static boolean isAllowed(String name) {
    byte[] bytes = ("??" + name + "??").getBytes(StandardCharsets.UTF_8);
    return MeasurementName.isAllowed(bytes, 2, bytes.length - 4);
  }
}
