package dev.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What `leveldb scan` and `leveldb get` write about directories that LevelDB itself left.
@Timeout(60)
class LevelDbCommandTest {
  private static final Path GOLDEN = Path.of("../leveldb/src/test/resources/golden");

  @TempDir private Path folder;

  // As the lists beside the directories write them: key, length, FNV-1a of the value.
  private static String expected(Map<String, Object> line) {
    byte[] value = HexFormat.of().parseHex(JsonTree.text(line, "value"));
    long hash = 0x14650fb0739d0383L;
    for (byte octet : value) {
      hash = (hash ^ (octet & 0xff)) * 1099511628211L;
    }
    return line.get("key") + " " + value.length + " " + String.format("%016x", hash);
  }

  @ParameterizedTest
  @ValueSource(strings = {"small-crash", "torn-tail", "flipped-middle"})
  void scanShowsWhatLevelDbShowsAndChangesNothing(String name) throws Exception {
    Path directory = GOLDEN.resolve(name);
    Map<String, String> before = SmallLog.bytes(directory);
    Ran ran = Ran.of("leveldb", "scan", directory);
    assertThat(ran.code()).as(ran.err()).isZero();
    List<String> shown = new ArrayList<>();
    JsonTree.lines(ran.out()).forEach(line -> shown.add(expected(line)));
    assertThat(shown).isEqualTo(Files.readAllLines(GOLDEN.resolve(name + ".expect")));
    assertThat(SmallLog.bytes(directory)).isEqualTo(before);
    if (name.equals("flipped-middle")) {
      assertThat(ran.err()).contains("checksum mismatch");
    }
  }

  @Test
  void getShowsOneKeyAndIs3IfThereIsNone() throws Exception {
    Path directory = GOLDEN.resolve("small-crash");
    Map<String, Object> first =
        JsonTree.lines(Ran.of("leveldb", "scan", "--limit", 1, directory).out()).getFirst();
    String key = JsonTree.text(first, "key");
    Ran ran = Ran.of("leveldb", "get", directory, "--hex", key);
    assertThat(ran.code()).isZero();
    assertThat(JsonTree.object(ran.out())).isEqualTo(first);
    Ran raw = Ran.of("leveldb", "get", "--raw", "--hex", directory, key);
    assertThat(HexFormat.of().formatHex(raw.bytes())).isEqualTo(first.get("value"));
    Ran none = Ran.of("leveldb", "get", directory, "no such key");
    assertThat(none.code()).isEqualTo(3);
    assertThat(none.out()).isEmpty();
    assertThat(none.err()).contains("no key");
    assertThat(Ran.of("leveldb", "get", "--hex", directory, "xyz").code()).isEqualTo(64);
  }

  @Test
  void aDirectoryThatIsNotThereOrHoldsNoStoreIs66() {
    assertThat(Ran.of("leveldb", "scan", folder.resolve("none")).code()).isEqualTo(66);
    Ran empty = Ran.of("leveldb", "scan", folder);
    assertThat(empty.code()).isEqualTo(66);
    assertThat(empty.err()).contains("CURRENT");
    assertThat(Ran.of("leveldb").code()).isEqualTo(64);
    assertThat(Ran.of("leveldb", "scan").code()).isEqualTo(64);
  }
}
