package dev.tidemark.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class SyncPolicyTest {

  @Test
  void asyncWithoutABoundIsRefused() {
    assertThatThrownBy(() -> SyncPolicy.async(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("maxDelay");
    assertThatThrownBy(() -> SyncPolicy.async(Duration.ofHours(2)))
        .hasMessageContaining("maxDelay");
  }

  @Test
  void policiesAreValues() {
    assertThat(SyncPolicy.async(Duration.ofMillis(5)))
        .isEqualTo(SyncPolicy.async(Duration.ofMillis(5)));
    assertThat(SyncPolicy.fdatasync()).isNotEqualTo(SyncPolicy.fsync());
  }
}
