package dev.tidemark.wal.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tidemark.testkit.disk.Crash;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.Hole;
import dev.tidemark.wal.OnCorruption;
import dev.tidemark.wal.ReaderOptions;
import dev.tidemark.wal.RecoveryReport;
import dev.tidemark.wal.RecoveryReport.Verdict;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.WalReader;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// Says whether the log may answer as it does to a damaged copy of a log that is known: under each
/// policy, to a look, to a reader beside it. Whatever is shown was appended, in order, once; what
/// was promised is there, or refused, or reported; nothing is thrown but the typed refusals; a
/// refusal changes no file.
final class DamageJudge {
  /// What a damaged copy is asked. For `with`.
  enum Question {
    /// Whether it would open: nothing is changed.
    CHECK,
    /// Whether it would open if every segment were verified: nothing is changed.
    VERIFY,
    /// What a reader beside it sees.
    READER,
    /// Opening with no policy, reading all of it, appending.
    OPEN,
    /// Opening what can still be vouched for.
    SKIP,
    /// Opening what is before the damage.
    STOP
  }

  private static final WalOptions VERIFIED =
      WalOptions.builder().segmentBytes(4096).stagingBytes(1024).verifyOnOpen(true).build();

  private final SimulatedDisk whole;
  private final TreeMap<Long, String> records; // all there are, by LSN
  private final long promised;
  private final long[] acks; // of its one subscription; that it may answer
  private final byte[] snapshot; // of its checkpoint, empty if there is none
  private final boolean gapsAreHoles;
  private final boolean withThreads;

  // How often each was the answer.
  private long opened;
  private long refused;
  private long cut;
  private long salvaged;
  private long found; // by a cursor or a reader, below the promise, on its way
  private long questions;

  /// @param withThreads whether it is opened as users open it, or recovered and read: a tenth of
  ///   the work
  DamageJudge(SimulatedDisk whole, boolean withThreads) throws IOException {
    this.whole = whole;
    this.withThreads = withThreads;
    SimulatedDisk copy = whole.crash(Crash.keepingAll());
    try (JudgedLog wal = open(copy, Logs.SMALL)) {
      records = new TreeMap<>();
      try (Cursor cursor = wal.read()) {
        while (cursor.next()) {
          records.put(cursor.lsn(), text(cursor));
        }
      }
      promised = wal.recovery().promisedLsn();
      gapsAreHoles = !wal.holes().isEmpty();
      snapshot = snapshot(wal);
      acks = wal.acks().stream().mapToLong(Long::longValue).toArray();
    }
  }

  private JudgedLog open(SimulatedDisk disk, WalOptions options) throws IOException {
    return withThreads ? JudgedLog.open(disk, options) : JudgedLog.recover(disk, options);
  }

  // A record says which LSN it has, so much of it as that takes.
  private static String text(Cursor cursor) throws IOException {
    byte[] bytes = cursor.bytes();
    int hash = Arrays.hashCode(bytes);
    return new String(bytes, 0, Math.min(16, bytes.length), UTF_8) + "#" + hash;
  }

  private static byte[] snapshot(JudgedLog wal) throws IOException {
    try (InputStream in = wal.snapshot()) {
      return in.readAllBytes();
    }
  }

  long questions() {
    return questions;
  }

  /// {@return how many promised records there are}
  long promised() {
    return promised;
  }

  /// What was answered so far, for people.
  @Override
  public String toString() {
    return String.format(
        "%,d questions: %,d opened, %,d of them cut a tail, %,d salvaged, %,d refused, damage found while reading %,d times",
        questions, opened, cut, salvaged, refused, found);
  }

  /// A copy of the whole log, to be damaged.
  SimulatedDisk copy() {
    return whole.crash(Crash.keepingAll());
  }

  /// Asks a damaged copy one question, which may change it.
  ///
  /// @return whether it was accepted
  /// @throws AssertionError if the answer may not be
  boolean ask(Question question, SimulatedDisk damaged) {
    questions++;
    try {
      return switch (question) {
        case CHECK -> check(damaged, Logs.SMALL);
        case VERIFY -> check(damaged, VERIFIED);
        case READER -> reader(damaged);
        case OPEN -> openAsItIs(damaged);
        case SKIP -> salvage(damaged, SalvageTest.SKIP);
        case STOP -> salvage(damaged, SalvageTest.STOP);
      };
    } catch (IOException | RuntimeException | StackOverflowError | OutOfMemoryError e) {
      throw new AssertionError("no such answer may be: " + e, e);
    }
  }

  private static boolean check(SimulatedDisk damaged, WalOptions options) throws IOException {
    try {
      Wal.check(damaged, new StillHost(), options);
      return true;
    } catch (CorruptWalException e) {
      return false;
    } finally {
      unchanged(damaged);
    }
  }

  private static void unchanged(SimulatedDisk damaged) {
    if (!damaged.operations().isEmpty()) {
      throw new AssertionError("it was changed: " + damaged.operations());
    }
  }

  // ---- a reader beside it

  private boolean reader(SimulatedDisk damaged) throws IOException {
    SortedMap<Long, String> shown = new TreeMap<>();
    boolean whole = false;
    try (WalReader reader =
        LogReader.open(new ReadOnlyStorage(damaged), new StillHost(), ReaderOptions.defaults())) {
      long first = reader.firstLsn();
      read(shown, reader.read(first));
      long says = reader.promisedLsn();
      isAt(shown.isEmpty() || shown.lastKey() == says, "promised is " + says + ", shown " + shown);
      whole = true;
    } catch (CorruptWalException _) {
      found++;
    }
    unchanged(damaged);
    areInOrder(shown);
    return whole;
  }

  private static void read(SortedMap<Long, String> shown, Cursor opened) throws IOException {
    try (Cursor cursor = opened) {
      long last = 0;
      while (cursor.next()) {
        isAt(cursor.lsn() > last, "LSN " + cursor.lsn() + " behind " + last);
        last = cursor.lsn();
        shown.put(last, text(cursor));
      }
    }
  }

  // ---- opened as it is

  private boolean openAsItIs(SimulatedDisk damaged) throws IOException {
    SortedMap<Long, String> shown = new TreeMap<>();
    try (JudgedLog wal = open(damaged, Logs.SMALL)) {
      RecoveryReport report = wal.recovery();
      opened++;
      cut += report.verdict() == Verdict.UNVOUCHED_TAIL ? 1 : 0;
      boolean whole = false;
      try {
        read(shown, wal.read());
        whole = true;
      } catch (CorruptWalException _) {
        found++;
      }
      areInOrder(shown);
      if (whole) {
        SortedMap<Long, String> all = records.headMap(report.lastLsn() + 1);
        isAt(shown.equals(all), "shown are " + shown + " of " + all);
        isAt(report.lastLsn() >= promised, "promised records are missing: " + report);
        isAt(
            report.lastLsn() == records.lastKey() || report.verdict() == Verdict.UNVOUCHED_TAIL,
            "records are missing, and not reported: " + report);
      }
      judgeHolders(wal, report);
      long next = wal.next();
      isAt(next > promised && next > report.lastLsn(), "LSN " + next + " comes twice");
      return true;
    } catch (CorruptWalException e) {
      isAt(!e.file().isEmpty(), "it names no file");
      refused++;
      unchanged(damaged);
      return false;
    }
  }

  private void judgeHolders(JudgedLog wal, RecoveryReport report) throws IOException {
    List<Long> found = wal.acks();
    isAt(found.size() == acks.length, "acks are " + found);
    for (long acked : found) {
      isAt(acked <= acks[0] && acked >= acks[0] - 1, "acked: " + acked);
    }
    try {
      isAt(
          Arrays.equals(snapshot(wal), snapshot) || !report.damagedCheckpoint().isEmpty(),
          "the checkpoint is another");
    } catch (CorruptWalException _) {
      this.found++;
    }
  }

  // ---- salvaged

  private boolean salvage(SimulatedDisk damaged, WalOptions policy) throws IOException {
    SortedMap<Long, String> shown = new TreeMap<>();
    List<Hole> holes;
    long next;
    try (JudgedLog wal = open(damaged, policy)) {
      read(shown, wal.read());
      holes = wal.holes();
      areInOrder(shown);
      judgeHoles(wal, shown, holes);
      salvaged += wal.recovery().verdict() == Verdict.SALVAGED ? 1 : 0;
      next = wal.next();
      long above = Math.max(promised, shown.isEmpty() ? 0 : shown.lastKey());
      boolean cutShort = policy.onCorruption() == OnCorruption.STOP;
      isAt(next > (cutShort ? wal.recovery().lastLsn() : above), "LSN " + next + " comes twice");
      if (wal.appends()) {
        shown.put(next, "record 0#" + Arrays.hashCode(Logs.record(0)));
      }
    } catch (CorruptWalException e) {
      isAt(!e.file().isEmpty(), "it names no file");
      refused++;
      unchanged(damaged);
      return false;
    }
    SortedMap<Long, String> again = new TreeMap<>();
    try (JudgedLog wal = openAgain(damaged)) {
      read(again, wal.read());
      // Those who hold the low-water mark know it again: what was truncated once goes again.
      SortedMap<Long, String> stay = shown;
      if (!again.isEmpty() && again.firstKey() <= records.firstKey()) {
        stay = shown.tailMap(again.firstKey());
      }
      isAt(again.equals(stay), "opened again it shows " + again + " instead of " + shown);
      isAt(wal.holes().equals(holes), "opened again it has " + wal.holes() + " not " + holes);
    }
    return true;
  }

  // No segment is damaged any more. A checkpoint may be: there is nothing to make one from.
  private JudgedLog openAgain(SimulatedDisk salvaged) throws IOException {
    try {
      return open(salvaged, VERIFIED);
    } catch (CorruptWalException e) {
      if (CheckpointLayout.generationIn(e.file()) < 0) {
        throw e;
      }
      return open(salvaged, Logs.SMALL);
    }
  }

  // Each promised record is there, or lies in a hole, and not both.
  private void judgeHoles(JudgedLog wal, SortedMap<Long, String> shown, List<Hole> holes)
      throws IOException {
    RecoveryReport report = wal.recovery();
    // Without its manifest nobody knows whether the log began before its oldest segment.
    long first = report.manifestRebuilt() ? wal.firstLsn() : records.firstKey();
    long last = Math.min(promised, report.promisedLsn());
    for (long lsn : records.headMap(last + 1).tailMap(first).keySet()) {
      boolean lost = holes.stream().anyMatch(h -> h.fromLsn() <= lsn && h.toLsn() >= lsn);
      boolean there = shown.containsKey(lsn);
      isAt(there || lost, "LSN " + lsn + " is neither there nor in " + holes);
      isAt(!there || !lost, "LSN " + lsn + " is there, and in " + holes);
    }
  }

  private void areInOrder(SortedMap<Long, String> shown) {
    long last = 0;
    for (var record : shown.entrySet()) {
      String known = records.get(record.getKey());
      boolean truncatedOnce = known == null && record.getKey() < records.firstKey();
      isAt(
          record.getValue().equals(known)
              || (truncatedOnce && record.getValue().startsWith("record " + record.getKey())),
          "LSN " + record.getKey() + " is " + record.getValue() + " and was " + known);
      last = record.getKey();
    }
    isAt(gapsAreHoles || last <= records.lastKey(), "more than was appended: " + last);
  }

  private static void isAt(boolean condition, String what) {
    if (!condition) {
      throw new AssertionError(what);
    }
  }
}
