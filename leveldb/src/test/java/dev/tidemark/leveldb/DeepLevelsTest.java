package dev.tidemark.leveldb;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Directories whose tables lie deep, as LevelDB leaves them: it puts new tables into level 2.
class DeepLevelsTest {
  private static final int KEYS = 2000;

  @TempDir private Path directory;

  private static byte[] key(int number) {
    return String.format("key%06d", number).getBytes(US_ASCII);
  }

  @Test
  void aDirectoryWithNothingAboveLevel2CanBeMerged() throws Exception {
    RealLevelDb.assume("that directories which LevelDB compacted can be merged");
    try (RealLevelDb real = RealLevelDb.open(directory, "buffer=65536")) {
      for (int number = 0; number < KEYS; number++) {
        real.run("put " + HexFormat.of().formatHex(key(number)) + " " + "61".repeat(100) + " 0");
      }
      real.run("compact");
      real.run("close");
    }
    try (LevelDb db = LevelDb.open(directory)) {
      db.compact();
      db.put(key(1), key(2));
      db.compact();
      db.compact();
      assertThat(db.get(key(1))).isEqualTo(key(2));
    }
    assertThat(RealLevelDb.dump(directory, "paranoid", "nocreate")).hasSize(KEYS);
  }
}
