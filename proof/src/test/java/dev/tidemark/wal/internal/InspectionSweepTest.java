package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.Crash;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.OnCorruption;
import dev.tidemark.wal.RecoveryReport;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalDamage;
import dev.tidemark.wal.WalFindings;
import dev.tidemark.wal.WalInspection;
import dev.tidemark.wal.WalOptions;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Bits flipped, files cut and files removed all over small logs: an inspection says of each
/// exactly what opening it does, shows exactly the records that a salvage keeps, and changes
/// nothing.
class InspectionSweepTest {
  private static final WalOptions VERIFIED =
      WalOptions.builder().segmentBytes(4096).stagingBytes(1024).verifyOnOpen(true).build();
  private static final WalOptions SKIP =
      WalOptions.builder()
          .segmentBytes(4096)
          .stagingBytes(1024)
          .onCorruption(OnCorruption.SKIP)
          .build();

  /// What an inspection shows.
  private record Seen(WalFindings findings, List<String> records, List<WalDamage> told) {}

  private static Seen look(SimulatedDisk disk) throws IOException {
    List<String> records = new ArrayList<>();
    List<WalDamage> told = new ArrayList<>();
    WalInspection.Visitor visitor =
        new WalInspection.Visitor() {
          @Override
          public boolean record(WalInspection.Found record) {
            byte[] bytes = record.payload().toArray(ValueLayout.JAVA_BYTE);
            records.add(record.lsn() + ":" + new String(bytes, StandardCharsets.UTF_8));
            return true;
          }

          @Override
          public void damage(WalDamage damage) {
            told.add(damage);
          }
        };
    ReadOnlyStorage files = new ReadOnlyStorage(disk);
    WalFindings findings =
        new LookAtLog(new LogLook(files, WalInspection.Progress.none(), 0, null)).read();
    WalFindings _ =
        new LookAtLog(new LogLook(files, WalInspection.Progress.none(), 0, visitor)).read();
    return new Seen(findings, records, told);
  }

  private static WalFindings.Verdict verdictOfOpening(SimulatedDisk disk) throws IOException {
    try (Wal wal = new Remains(disk.crash(Crash.keepingAll())).open(VERIFIED)) {
      return switch (wal.recovery().verdict()) {
        case CREATED -> WalFindings.Verdict.EMPTY;
        case SEALED, CLEAN_END -> WalFindings.Verdict.CLEAN;
        case UNVOUCHED_TAIL -> WalFindings.Verdict.TORN_TAIL;
        case SALVAGED -> throw new AssertionError();
      };
    } catch (CorruptWalException refused) {
      return WalFindings.Verdict.CORRUPT;
    }
  }

  private static void judge(SimulatedDisk damaged, String what) throws IOException {
    Seen seen;
    try {
      seen = look(damaged);
    } catch (IOException | RuntimeException failure) {
      throw new AssertionError(what, failure);
    }
    WalFindings.Verdict opening = verdictOfOpening(damaged);
    assertThat(seen.findings.verdict()).as("%s: %s", what, seen.findings).isEqualTo(opening);
    assertThat(seen.told).as(what).hasSameSizeAs(seen.findings.damage());
    boolean corrupt =
        seen.findings.damage().stream().anyMatch(one -> one.kind() == WalDamage.Kind.CORRUPTION);
    assertThat(corrupt).as(what).isEqualTo(opening == WalFindings.Verdict.CORRUPT);
    try (Wal wal = new Remains(damaged.crash(Crash.keepingAll())).open(SKIP)) {
      List<String> kept = Logs.read(wal);
      long first = kept.isEmpty() ? wal.firstLsn() : lsnOf(kept.getFirst());
      // Records below the low-water mark may still stand in a file; the log does not show them.
      List<String> shown = seen.records.stream().filter(record -> lsnOf(record) >= first).toList();
      assertThat(shown).as("%s: %s", what, wal.recovery()).isEqualTo(kept);
      if (wal.recovery().verdict() == RecoveryReport.Verdict.SALVAGED) {
        long lost =
            seen.findings.damage().stream()
                .filter(one -> one.kind() == WalDamage.Kind.CORRUPTION)
                .mapToLong(WalDamage::count)
                .sum();
        assertThat(lost).as("%s: %s", what, seen.findings).isEqualTo(wal.recovery().lostLsns());
      }
    } catch (CorruptWalException beyondSalvage) {
      assertThat(opening).as(what).isEqualTo(WalFindings.Verdict.CORRUPT);
    }
    for (WalDamage one : seen.findings.damage()) {
      WalDamage.Place next = one.next();
      if (next != null) {
        assertThat(seen.records).as("%s: %s", what, one).anyMatch(r -> lsnOf(r) == next.lsn());
      }
    }
  }

  private static long lsnOf(String record) {
    return Long.parseLong(record.substring(0, record.indexOf(':')));
  }

  @ParameterizedTest
  @EnumSource(value = Specimen.class, names = "BATCHES", mode = EnumSource.Mode.EXCLUDE)
  void ofEveryHarmItSaysWhatOpeningDoesAndShowsWhatASalvageKeeps(Specimen specimen)
      throws IOException {
    SimulatedDisk log = specimen.build();
    judge(log, specimen + " as it is");
    long seed = Long.getLong("tidemark.seed", 20);
    System.out.println("InspectionSweepTest: seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    for (String name : log.fileNames()) {
      int size = log.bytes(name).length;
      for (long at = random.nextInt(3);
          at < size;
          at += 1 + random.nextInt(Integer.getInteger("tidemark.step", 500))) {
        SimulatedDisk damaged = log.crash(Crash.keepingAll());
        int bit = random.nextInt(8);
        damaged.flip(name, at, bit);
        judge(damaged, specimen + " " + name + " bit " + bit + " of byte " + at);
      }
      for (int length = random.nextInt(200); length < size; length += 1 + random.nextInt(1000)) {
        SimulatedDisk damaged = log.crash(Crash.keepingAll());
        damaged.truncate(name, length);
        judge(damaged, specimen + " " + name + " cut to " + length + " bytes");
      }
      SimulatedDisk without = log.crash(Crash.keepingAll());
      without.delete(name);
      judge(without, specimen + " without " + name);
    }
  }
}
