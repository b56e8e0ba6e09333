package dev.tidemark.wal.internal;

import static java.util.Objects.requireNonNull;

import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.host.SimulatedHost;
import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.LsnGoneException;
import dev.tidemark.wal.OnCorruption;
import dev.tidemark.wal.ReaderOptions;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalEvents;
import dev.tidemark.wal.WalFullException;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.WalReader;
import dev.tidemark.wal.internal.events.Announcer;
import dev.tidemark.wal.internal.events.Progress;
import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;

/// What a fuzzer is let loose on: each takes the choices of an input, makes of a small log what
/// they say, mostly with all checksums made right again, and has it read. Nothing may be thrown but
/// the typed refusals, and nothing changed by who only reads.
enum FuzzTarget {
  /// A header, a slot, a copy, a trailer by itself; names of files.
  LAYOUTS(340) {
    @Override
    void read(Choices choices, LongConsumer size) {
      Map<String, byte[]> files = Harms.ofFileAlone("", choices);
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        MemorySegment bytes = padded(file.getValue());
        if (SegmentHeader.decode(bytes)
            instanceof SegmentHeader.Found.Valid(SegmentHeader header)) {
          encodesAs(header, bytes);
        }
        Manifest.Found _ = Manifest.decode(bytes.asSlice(0, Manifest.SLOT_BYTES));
        SubscriptionBlock.Found _ =
            SubscriptionBlock.decode(bytes.asSlice(0, SubscriptionBlock.BYTES), 0);
        CheckpointStamp _ = CheckpointLayout.decodeTrailer(bytes, 1, 2);
      }
    }
  },

  /// The frames of one segment, by everything that reads frames.
  FRAMES(250) {
    @Override
    void read(Choices choices, LongConsumer size) throws IOException {
      Map<String, byte[]> files = Harms.ofFileAlone("00", choices);
      size.accept(bytes(files));
      for (Map.Entry<String, byte[]> entry : files.entrySet()) {
        Long number = SegmentHeader.numberIn(entry.getKey());
        if (number != null) {
          StorageFile file = HeldFiles.file(entry.getKey(), entry.getValue());
          if (Chain.readHeader(file, number)
              instanceof SegmentHeader.Found.Valid(SegmentHeader header)) {
            frames(file, header);
          }
        }
      }
    }
  },

  /// The manifest, and what it says is there beside segments: subscriptions and checkpoints.
  MANIFEST(346) {
    @Override
    void read(Choices choices, LongConsumer size) throws IOException {
      String[] files = {Manifest.FILE, SubscriptionFile.FILE, "checkpoint", ""};
      Map<String, byte[]> changed = Harms.ofFile(files[choices.octet() & 3], choices);
      size.accept(bytes(changed));
      manifest(changed);
    }
  },

  /// A reader beside the log, all the way through.
  READER(50) {
    @Override
    void read(Choices choices, LongConsumer size) throws IOException {
      Map<String, byte[]> files = Harms.ofLog(choices);
      size.accept(bytes(files));
      follow(new HeldFiles(files), new ArrayList<>());
    }
  },

  /// The verdict of opening it, under each policy.
  CHECK(10) {
    @Override
    void read(Choices choices, LongConsumer size) throws IOException {
      Map<String, byte[]> files = Harms.ofLog(choices);
      size.accept(bytes(files));
      for (OnCorruption policy : POLICIES) {
        boolean _ = isAccepted(new HeldFiles(files), policy);
      }
    }
  },

  /// Recovery under one of the policies, and again, without the threads of an open log.
  RECOVERY(3) {
    @Override
    void read(Choices choices, LongConsumer size) throws IOException {
      OnCorruption policy = POLICIES.get(choices.below(POLICIES.size()));
      Map<String, byte[]> files = Harms.ofLog(choices);
      size.accept(bytes(files));
      recover(files, policy);
    }
  },

  /// Opening, reading, appending, closing, opening again: with all threads.
  OPEN(1) {
    @Override
    void read(Choices choices, LongConsumer size) throws IOException {
      OnCorruption policy = POLICIES.get(choices.below(POLICIES.size()));
      Map<String, byte[]> files = Harms.ofLog(choices);
      size.accept(bytes(files));
      SimulatedDisk disk = Harms.disk(files);
      typedAnswersOnly(() -> open(disk, policy));
    }
  };

  private static final int LEAST_BYTES = 4096;

  private final int share;

  FuzzTarget(int share) {
    this.share = share;
  }

  /// {@return how many of a thousand executions are this one's}
  int share() {
    return share;
  }

  /// Makes a log of some choices and has it read.
  ///
  /// @param size told how many bytes its files have together, before any is read
  /// @throws CorruptWalException or LsnGoneException, which are right
  /// @throws IOException any other, which is wrong
  abstract void read(Choices choices, LongConsumer size) throws IOException;

  /// Does what one input says.
  ///
  /// @return how many bytes the files have, 0 if there was none to be read
  /// @throws AssertionError if something else was thrown than a typed refusal
  long run(byte[] input) {
    long[] bytes = {0};
    typedAnswersOnly(() -> read(new Choices(input), size -> bytes[0] = size));
    return bytes[0];
  }

  private interface Attempt {
    void run() throws IOException;
  }

  // True if there was no refusal.
  private static boolean typedAnswersOnly(Attempt attempt) {
    try {
      attempt.run();
      return true;
    } catch (CorruptWalException | LsnGoneException | WalFullException _) {
      return false; // what may be answered
    } catch (IOException e) {
      if (e.getMessage() != null && e.getMessage().startsWith("a frame is compressed with codec")) {
        return false; // that is no damage, if it is true
      }
      throw new AssertionError("no such answer may be: " + e, e);
    }
  }

  private static long bytes(Map<String, byte[]> files) {
    long bytes = 0;
    for (byte[] file : files.values()) {
      bytes += file.length;
    }
    return bytes;
  }

  // ---- layouts

  private static MemorySegment padded(byte[] bytes) {
    byte[] padded = new byte[Math.max(LEAST_BYTES, bytes.length)];
    System.arraycopy(bytes, 0, padded, 0, bytes.length);
    return MemorySegment.ofArray(padded);
  }

  private static void encodesAs(SegmentHeader header, MemorySegment bytes) {
    byte[] again = new byte[SegmentHeader.BYTES];
    header.encode(MemorySegment.ofArray(again));
    if (!(SegmentHeader.decode(MemorySegment.ofArray(again))
            instanceof SegmentHeader.Found.Valid(SegmentHeader same))
        || !same.equals(header)) {
      throw new AssertionError(header + " is encoded as something else, read from " + bytes);
    }
  }

  // ---- pieces

  private static void frames(StorageFile file, SegmentHeader header) throws IOException {
    boolean _ = typedAnswersOnly(() -> TailScan.of(file, header));
    FrameReader reader = new FrameReader(file, header);
    PromiseScan scan =
        PromiseScan.of(reader, SegmentHeader.BYTES, header.chainStart(), header.firstLsn(), true);
    long _ = PromiseScan.behind(reader, scan.end(), header.limit());
    HoleFrames.Head _ = HoleFrames.read(file, header);
    FrameRecords records =
        new FrameRecords(
            new Codecs(new HalvingCodec()),
            reason -> new CorruptWalException(reason, file.name(), 0, 0, 0));
    long end = Math.min(file.size(), header.limit());
    for (long at = SegmentHeader.BYTES; at < end; at += FrameLayout.ALIGNMENT) {
      if (reader.hasMagic(at) && reader.read(at) == FrameReader.Found.FRAME) {
        boolean _ = typedAnswersOnly(() -> records(records, reader));
      }
    }
  }

  private static void records(FrameRecords records, FrameReader reader) throws IOException {
    records.enter(reader.header(), reader.payload());
    while (records.hasNext()) {
      if (records.next()) {
        MemorySegment _ = records.bytes();
      }
    }
  }

  private static void manifest(Map<String, byte[]> files) throws IOException {
    Storage storage = new HeldFiles(files);
    Manifest read = files.containsKey(Manifest.FILE) ? ManifestFile.read(storage) : null;
    if (read != null) {
      read.encode(Arena.ofAuto().allocate(Manifest.SLOT_BYTES, 64));
      boolean _ = typedAnswersOnly(() -> Chain.read(storage, read, 4096));
      boolean _ = typedAnswersOnly(() -> FoundHolders.read(storage, read, _ -> Progress.none()));
      CheckpointStamp _ = FoundCheckpoints.search(storage, read, _ -> Progress.none());
    }
  }

  // ---- a reader

  private static final ReaderOptions READS =
      ReaderOptions.defaults().withCompression(new HalvingCodec());

  // All it shows, each record as its LSN and a hash of its bytes.
  private static void follow(Storage storage, List<Long> shown) throws IOException {
    try (WalReader reader = LogReader.open(storage, new StillHost(), READS)) {
      boolean _ =
          typedAnswersOnly(
              () -> {
                read(reader.readUnproven(reader.firstLsn()), new ArrayList<>());
              });
      read(reader.read(), shown);
      long promised = reader.promisedLsn();
      if (reader.lastLsn() < promised || reader.firstLsn() < 1) {
        throw new AssertionError("promised " + promised + ", last " + reader.lastLsn());
      }
      var _ = reader.segments();
    }
  }

  private static void read(Cursor opened, List<Long> shown) throws IOException {
    long last = 0;
    try (Cursor cursor = opened) {
      while (cursor.next()) {
        if (cursor.lsn() <= last) {
          throw new AssertionError("LSN " + cursor.lsn() + " behind " + last);
        }
        last = cursor.lsn();
        long hash = Arrays.hashCode(cursor.payload().toArray(ValueLayout.JAVA_BYTE));
        shown.add(last);
        shown.add(hash);
      }
    }
  }

  // ---- recovery

  private static WalOptions options(OnCorruption policy) {
    return WalOptions.builder()
        .segmentBytes(4096)
        .stagingBytes(1024)
        .verifyOnOpen(true)
        .compression(new HalvingCodec())
        .onCorruption(policy)
        .build();
  }

  private static final List<OnCorruption> POLICIES = List.of(OnCorruption.values());

  private static final Map<OnCorruption, WalOptions> OPTIONS =
      POLICIES.stream().collect(Collectors.toMap(policy -> policy, FuzzTarget::options));

  private static WalOptions of(OnCorruption policy) {
    return requireNonNull(OPTIONS.get(policy));
  }

  private static final Announcer NOBODY = new Announcer(new WalEvents() {}, "fuzzed");

  private static boolean isAccepted(Storage storage, OnCorruption policy) {
    return typedAnswersOnly(() -> Recovery.check(storage, new StillHost(), of(policy), NOBODY));
  }

  private static void recover(Map<String, byte[]> files, OnCorruption policy) throws IOException {
    boolean accepted = isAccepted(new HeldFiles(files), policy);
    SimulatedDisk disk = Harms.disk(files);
    if (typedAnswersOnly(() -> recover(disk, policy)) != accepted) {
      throw new AssertionError("a look before said " + accepted + ", recovery did not");
    }
    if (!accepted) {
      if (!disk.operations().isEmpty()) {
        throw new AssertionError("refused, and changed: " + disk.operations());
      }
      return;
    }
    List<Long> shown = new ArrayList<>();
    follow(disk, shown);
    recover(disk, OnCorruption.FAIL);
    List<Long> again = new ArrayList<>();
    follow(disk, again);
    if (!again.equals(shown)) {
      throw new AssertionError("recovered again it shows " + again + " instead of " + shown);
    }
  }

  private static void recover(SimulatedDisk disk, OnCorruption policy) throws IOException {
    Recovery.Recovered recovered = Recovery.run(disk, new StillHost(), of(policy), NOBODY);
    try (ManifestFile _ = recovered.manifest();
        StorageFile _ = recovered.file()) {
      if (recovered.lastLsn() < recovered.report().promisedLsn()) {
        throw new AssertionError("LSNs would come twice: " + recovered);
      }
    }
  }

  private static void open(SimulatedDisk disk, OnCorruption policy) throws IOException {
    SimulatedHost host = new SimulatedHost(1);
    try {
      boolean _ =
          host.run(
              () -> {
                try (Wal wal = Wal.open(disk, host, of(policy))) {
                  List<Long> shown = new ArrayList<>();
                  read(wal.read(), shown);
                  return wal.append(Logs.record(0)) > 0;
                }
              });
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
