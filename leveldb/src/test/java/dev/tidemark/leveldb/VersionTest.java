package dev.tidemark.leveldb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.SimulatedDisk;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Tables stay as long as somebody reads a version that has them, and no longer.
final class VersionTest {
  private static Version empty() throws CorruptLevelDbException {
    return Version.of(Stream.generate(List::<TableFile>of).limit(7).toList());
  }

  /// Its tables may be gone by then.
  @Test
  void versionThatNobodyPinsIsNeverPinnedAgain() throws CorruptLevelDbException {
    Version version = empty();
    assertThat(version.tryPin()).isTrue();
    assertThat(version.unpin()).isFalse();
    assertThat(version.unpin()).as("the last").isTrue();
    assertThat(version.tryPin()).isFalse();
    assertThat(version.isPinned()).isFalse();
  }

  @Test
  void tablesOfAVersionAreInUseUntilTheLastWhoReadsItIsDone() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    try (LevelDb db = LevelDb.openQuiet(disk, LevelDbOptions.defaults())) {
      Versions versions = db.store().versions();
      db.put(new byte[] {1}, new byte[1]);
      db.flush();
      long old = versions.current().level(0).getFirst().number();
      View one = db.store().pinView();
      View two = db.store().pinView();
      db.compact();
      long fresh = versions.current().level(1).getFirst().number();
      assertThat(fresh).isNotEqualTo(old);
      assertThat(versions.tablesInUse()).containsExactlyInAnyOrder(old, fresh);
      db.store().unpin(one);
      assertThat(versions.tablesInUse()).containsExactlyInAnyOrder(old, fresh);
      db.store().unpin(two);
      assertThat(versions.tablesInUse()).containsExactly(fresh);
    }
  }
}
