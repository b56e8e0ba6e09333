package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.OnCorruption;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A file's name, or a manifest with a right checksum, counts further than any log ever does: a log
/// that counted on from there would write what nobody can read.
@Timeout(60)
class UnreachedNumbersTest {
  private static final WalOptions SKIP =
      WalOptions.builder()
          .segmentBytes(4096)
          .stagingBytes(1024)
          .onCorruption(OnCorruption.SKIP)
          .build();

  private static Remains fiveRecords() throws IOException {
    return Remains.of(wal -> Logs.append(wal, 1, 5));
  }

  private static void isRefused(Remains log, String file) {
    for (WalOptions options : List.of(Logs.SMALL, SKIP)) {
      CorruptWalException refusal = log.refused(options);
      assertThat(refusal).hasMessageContaining("none of its files");
      assertThat(refusal.file()).isEqualTo(file);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"0000010000000002", "1fffffffffffffff", "3fffffffffffffff"})
  void fileNamedAsACheckpointFarBehindAllIsRefusedByName(String generation) throws IOException {
    Remains log = fiveRecords();
    String name = "checkpoint-0000000000000001-" + generation;
    log.storage.replace(name, new byte[10]);
    isRefused(log, name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0000010000000002.wal", "3fffffffffffffff.wal", "2000000000000001.aside"})
  void fileNamedAsASegmentFarBehindAllIsRefusedByName(String name) throws IOException {
    Remains log = fiveRecords();
    log.storage.replace(name, new byte[4096]);
    isRefused(log, name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "checkpoint-0000000000000001-7ffffffffffffffe",
        "checkpoint-0000000000000001-4000000000000000",
        "4000000000000000.wal",
        "checkpoint-0000000000000001-0000010000000000"
      })
  void otherNamesDoNoHarmToTheCheckpointsThatFollow(String name) throws IOException {
    Remains log = fiveRecords();
    log.storage.replace(name, new byte[10]);
    try (Wal wal = log.open()) {
      for (long lsn = 3; lsn <= 4; lsn++) {
        wal.checkpoint(lsn, target -> target.write(new byte[7]));
      }
    }
    try (Wal wal = log.open()) {
      assertThat(wal.checkpoint().orElseThrow().lsn()).isEqualTo(4);
    }
  }

  @Test
  void manifestThatCountsFurtherThanAnyLogIsRefused() throws IOException {
    for (long far : new long[] {SegmentHeader.UNREACHED, SegmentHeader.NUMBERS - 1}) {
      Remains log = fiveRecords();
      Manifest now = log.manifest();
      Manifest forged =
          new Manifest(
              now.logIdHigh(),
              now.logIdLow(),
              far,
              now.nextNumber(),
              now.firstNumber(),
              now.lastNumber(),
              now.lastNonce(),
              now.lastFirstLsn(),
              now.lowWaterLsn(),
              now.holders());
      byte[] slot = new byte[Manifest.SLOT_BYTES];
      forged.encode(MemorySegment.ofArray(slot));
      log.put(Manifest.FILE, forged.slotAt(), slot);
      for (WalOptions options : List.of(Logs.SMALL, SKIP)) {
        assertThat(log.refused(options)).hasMessageContaining("further than any log");
      }
    }
  }

  @Test
  void subscriptionsThatCountFurtherThanAnyLogAreRefused() throws IOException {
    for (long far : new long[] {SegmentHeader.UNREACHED, SegmentHeader.NUMBERS - 1}) {
      Remains log =
          Remains.of(
              wal -> {
                Logs.append(wal, 1, 5);
                wal.subscribe("known").close();
              });
      Manifest now = log.manifest();
      byte[] copy = new byte[SubscriptionBlock.BYTES];
      MemorySegment block = MemorySegment.ofArray(copy);
      SubscriptionBlock.begin(block, now.logIdHigh(), now.logIdLow(), 0, far);
      SubscriptionBlock.end(block);
      log.put(SubscriptionFile.FILE, SubscriptionBlock.copyAt(0, far), copy);
      for (WalOptions options : List.of(Logs.SMALL, SKIP)) {
        assertThat(log.refused(options)).hasMessageContaining("further than any log");
      }
    }
  }
}
