package dev.tidemark.wal.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.host.FakeHost;
import dev.tidemark.wal.Hole;
import dev.tidemark.wal.SubscriptionStatus;
import dev.tidemark.wal.Wal;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Logs that were written once and are kept, byte by byte: today's engine reads them, and writes
/// the same. A change of the format shows here first; `golden/README.md` says how to renew them.
@Timeout(60)
class GoldenTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden");
  private static final String EXPECTED = "expected.txt";

  private static Path directory(Specimen kind) {
    return GOLDEN.resolve(kind.name().toLowerCase(java.util.Locale.ROOT));
  }

  private static Map<String, byte[]> kept(Specimen kind) throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    try (DirectoryStream<Path> paths = Files.newDirectoryStream(directory(kind))) {
      for (Path path : paths) {
        files.put(path.getFileName().toString(), Files.readAllBytes(path));
      }
    }
    return files;
  }

  @ParameterizedTest
  @EnumSource(names = {"PLAIN", "SEALED", "ASYNC", "SALVAGED"})
  void todaysEngineReadsThem(Specimen kind) throws IOException {
    Map<String, byte[]> files = kept(kind);
    byte[] expected = Objects.requireNonNull(files.remove(EXPECTED));
    SimulatedDisk disk = new SimulatedDisk();
    files.forEach(disk::replace);
    assertThat(Follow.read(disk)).as("a reader beside it").allMatch(text(expected)::contains);
    assertThat(shown(disk)).isEqualTo(text(expected));
  }

  @ParameterizedTest
  @EnumSource(names = {"PLAIN", "SEALED", "ASYNC", "SALVAGED"})
  void todaysEngineWritesTheVerySameBytes(Specimen kind) throws IOException {
    Map<String, byte[]> files = kept(kind);
    files.remove(EXPECTED);
    Map<String, byte[]> today = Specimen.files(kind.build());
    assertThat(today.keySet()).isEqualTo(files.keySet());
    HexFormat hex = HexFormat.of();
    today.forEach(
        (name, bytes) ->
            assertThat(hex.formatHex(bytes)).as(name).isEqualTo(hex.formatHex(files.get(name))));
  }

  // Not a test: -Dgolden.renew=true writes them anew.
  @Test
  void renew() throws IOException {
    assumeThat(Boolean.getBoolean("golden.renew")).isTrue();
    for (Specimen kind :
        List.of(Specimen.PLAIN, Specimen.SEALED, Specimen.ASYNC, Specimen.SALVAGED)) {
      Path directory = Files.createDirectories(directory(kind));
      for (String old : kept(kind).keySet()) {
        Files.delete(directory.resolve(old));
      }
      SimulatedDisk disk = kind.build();
      for (Map.Entry<String, byte[]> file : Specimen.files(disk).entrySet()) {
        Files.write(directory.resolve(file.getKey()), file.getValue());
      }
      Files.writeString(directory.resolve(EXPECTED), shown(disk));
    }
  }

  private static String text(byte[] bytes) {
    return new String(bytes, UTF_8);
  }

  // All that a log shows, a line each.
  private static String shown(SimulatedDisk disk) throws IOException {
    List<String> lines = new ArrayList<>();
    try (Wal wal = Wal.open(disk, new FakeHost(9), Logs.SMALL)) {
      lines.add("verdict " + wal.recovery().verdict());
      lines.add("promised " + wal.recovery().promisedLsn());
      lines.addAll(Logs.read(wal));
      for (Hole hole : wal.holes()) {
        lines.add("hole " + hole);
      }
      for (SubscriptionStatus consumer : wal.subscriptions()) {
        lines.add("subscription " + consumer.name() + " acked " + consumer.acked());
      }
      if (wal.checkpoint().isPresent()) {
        try (InputStream in = wal.checkpoint().orElseThrow().open()) {
          String snapshot = HexFormat.of().formatHex(in.readAllBytes());
          lines.add("checkpoint at " + wal.checkpoint().orElseThrow().lsn() + ": " + snapshot);
        }
      }
    }
    return String.join("\n", lines) + "\n";
  }
}
