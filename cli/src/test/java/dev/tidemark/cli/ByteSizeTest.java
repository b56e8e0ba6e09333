package dev.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Sizes as people write them.
final class ByteSizeTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "4096, 4096",
    "17B, 17",
    "1KiB, 1024",
    "512MiB, 536870912",
    "512 mib, 536870912",
    "1.5GiB, 1610612736",
    "2TiB, 2199023255552",
    "10GB, 10000000000",
    "0.000001kib, 0"
  })
  void areReadAsMeant(String text, long bytes) {
    assertThat(ByteSize.parse(text)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "MiB",
        "-1",
        "1.",
        ".5",
        "1e3",
        "1MiBs",
        "1 2",
        "12345678901234",
        "9999999TiB"
      })
  void areRefusedWhenTheySayNothing(String text) {
    assertThatThrownBy(() -> ByteSize.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource({"0, 0 bytes", "1023, 1023 bytes", "1024, 1.0 KiB", "134217728, 128.0 MiB"})
  void areWrittenAsRead(long bytes, String text) {
    assertThat(ByteSize.words(bytes)).isEqualTo(text);
  }
}
