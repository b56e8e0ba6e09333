package dev.tidemark.testkit.explorer;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.wal.SyncPolicy;
import dev.tidemark.wal.storage.ForwardingFile;
import dev.tidemark.wal.storage.ForwardingStorage;
import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The explorer notices a log that forgets to sync something: here the storage forgets it instead.
@Timeout(120)
class PlantedFaultTest {

  private static void isFound(UnaryOperator<Storage> forgetful, String as, Call... calls) {
    Explorer explorer =
        new Explorer(ExplorerTest.small(SyncPolicy.fdatasync()), 1, 1).through(forgetful);
    assertThatThrownBy(() -> explorer.explore(List.of(calls)))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("moment")
        .hasMessageContaining(as);
  }

  private static UnaryOperator<Storage> notSyncing(Predicate<String> names) {
    return storage ->
        new ForwardingStorage(storage) {
          @Override
          public StorageFile create(String name) throws IOException {
            return forgetful(super.create(name));
          }

          @Override
          public StorageFile open(String name) throws IOException {
            return forgetful(super.open(name));
          }

          private StorageFile forgetful(StorageFile file) {
            return new ForwardingFile(file) {
              @Override
              public void sync(boolean metadata) throws IOException {
                if (!names.test(name())) {
                  super.sync(metadata);
                }
              }
            };
          }
        };
  }

  @Test
  void directoryThatIsNotSynced() {
    isFound(
        storage ->
            new ForwardingStorage(storage) {
              @Override
              public void syncDirectory() {
                // forgotten
              }
            },
        "manifest: is missing",
        Call.APPEND_SMALL);
  }

  @Test
  void segmentThatIsNotSynced() {
    isFound(notSyncing(name -> name.endsWith(".wal")), "has no whole header", Call.APPEND_SMALL);
  }

  @Test
  void manifestThatIsNotSynced() {
    isFound(
        notSyncing("manifest"::equals),
        "the manifest's last is",
        Call.APPEND_SMALL,
        Call.ROTATE,
        Call.APPEND_SMALL,
        Call.TRUNCATE);
  }

  @Test
  void subscriptionsThatAreNotSynced() {
    isFound(
        notSyncing("subscriptions"::equals),
        "both copies of block 0 are damaged",
        Call.APPEND_SMALL,
        Call.ACKNOWLEDGE);
  }

  @Test
  void checkpointThatIsNotSynced() {
    isFound(
        notSyncing(name -> name.startsWith("checkpoint")),
        "and the manifest says",
        Call.APPEND_SMALL,
        Call.CHECKPOINT);
  }
}
