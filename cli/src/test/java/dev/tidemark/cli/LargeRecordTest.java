package dev.tidemark.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.formats.prometheus.SegmentCompression;
import dev.tidemark.formats.prometheus.SegmentWriter;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Records of 31 MiB, as large as compressed ones may become, whose lines are many times as long:
/// they are dumped in a process with 128 MiB of heap.
@Timeout(120)
class LargeRecordTest {
  private static final int BYTES = 31 << 20;

  @TempDir private Path folder;

  /// What such a record holds: as much as there is room for.
  enum Kind {
    LABELS("prometheus", "01000000000000000580808007", "0000", "\"labels\":{\"\":\"\""),
    SAMPLES(
        "prometheus",
        "0200000000000000050000000000000000",
        "0000" + "3ff0000000000000",
        "{\"ref\":5,\"t\":0,\"v\":1.0}"),
    BUCKETS(
        "prometheus",
        "0700000000000000050000000000000000"
            + "00000000"
            + "00".repeat(8)
            + "0000"
            + "00".repeat(8)
            + "0000"
            + "80808007",
        "02",
        "\"positiveBuckets\":[1,1,"),
    CANNOT_BE_DECODED("prometheus", "0100000000000000058080808010", "0000", "cannot be decoded"),
    LINES(
        "loki",
        "0401" + "75" + "00".repeat(8) + "00".repeat(8) + "00".repeat(8) + "80808007",
        "0000",
        "{\"ts\":0,\"line\":\"\"}"),
    LONG_LINE(
        "loki",
        "0401" + "75" + "00".repeat(8) + "00".repeat(8) + "00".repeat(8) + "0100" + "8080800f",
        "61",
        "\"line\":\"aaa");

    private final String format;
    private final String beginning;
    private final String item;
    private final String shown;

    Kind(String format, String beginning, String item, String shown) {
      this.format = format;
      this.beginning = beginning;
      this.item = item;
      this.shown = shown;
    }

    /// As long as its counts say, where it has some.
    ByteBuffer record() {
      ByteBuffer record = ByteBuffer.allocate(BYTES);
      record.put(HexFormat.of().parseHex(beginning));
      byte[] one = HexFormat.of().parseHex(item);
      long items =
          switch (this) {
            case LABELS, BUCKETS, LINES -> 14 << 20;
            case LONG_LINE -> 30 << 20;
            default -> (record.remaining() - 16L) / one.length;
          };
      for (long i = 0; i < items; i++) {
        record.put(one);
      }
      if (this == BUCKETS) {
        record.put((byte) 0);
      }
      return record.flip();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aLineOfAnyLengthIsWrittenInLittleMemory(Kind kind) throws Exception {
    Path file = folder.resolve("00000000");
    SegmentCompression stored =
        kind.format.equals("loki") ? SegmentCompression.NONE : SegmentCompression.ZSTD;
    try (SegmentWriter writer = SegmentWriter.of(Files.newOutputStream(file), stored)) {
      writer.append(kind.record());
    }
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    int code = dump(kind.format, file, out, err);
    assertThat(code).as(Files.readString(err)).isZero();
    assertThat(Files.size(out)).isGreaterThan(15 << 20);
    try (InputStream in = Files.newInputStream(out)) {
      assertThat(new String(in.readNBytes(1000), UTF_8)).contains(kind.shown);
    }
  }

  private static int dump(String format, Path file, Path out, Path err) throws Exception {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx128m",
            "-XX:+UseSerialGC",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            "dev.tidemark.cli.Tidemark",
            "dump",
            "--all",
            "--format",
            format,
            file.toString());
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    try {
      assertThat(process.waitFor(100, TimeUnit.SECONDS)).isTrue();
      return process.exitValue();
    } finally {
      process.destroyForcibly();
    }
  }
}
