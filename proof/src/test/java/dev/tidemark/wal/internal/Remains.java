package dev.tidemark.wal.internal;

import static dev.tidemark.wal.internal.FrameLayout.INT;
import static dev.tidemark.wal.internal.FrameLayout.LONG;
import static dev.tidemark.wal.internal.FrameLayout.SHORT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tidemark.testkit.disk.Crash;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.host.FakeHost;
import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.SyncPolicy;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/// What a crash left of a log, to be looked at, damaged and opened again. The clock of the logs
/// stands still, so no mark is written that a test does not ask for.
public final class Remains {
  /// Acknowledges before the sync and, while the clock stands still, never syncs by itself.
  public static final WalOptions NEVER_SYNCED = Logs.small(SyncPolicy.async(Duration.ofHours(1)));

  public final SimulatedDisk storage;

  /// The frame that ends a log which was closed.
  public static final int SEAL = FrameLayout.KIND_SEAL;

  /// The frame that carries a promise and nothing else.
  public static final int MARK = FrameLayout.KIND_MARK;

  /// A frame, as its header describes it.
  public record Frame(
      long offset, int kind, long firstLsn, long lastLsn, long durableLsn, long bytes) {
    public long end() {
      return offset + bytes;
    }
  }

  /// What is done with a log before the crash.
  public interface Work {
    void on(Wal wal) throws IOException;
  }

  public Remains(SimulatedDisk storage) {
    this.storage = storage;
  }

  /// Does some work on a new log and kills its process.
  public static Remains of(WalOptions options, Work work) throws IOException {
    return new Remains(new SimulatedDisk()).work(options, work);
  }

  /// Does some work on a small log that syncs each group, and kills its process.
  public static Remains of(Work work) throws IOException {
    return of(Logs.SMALL, work);
  }

  /// Opens the log, does some work, and answers what a kill then leaves.
  public Remains work(WalOptions options, Work work) throws IOException {
    try (Wal wal = open(options)) {
      work.on(wal);
      return new Remains(storage.crash(Crash.keepingAll()));
    }
  }

  public Wal open(WalOptions options) throws IOException {
    return Wal.open(storage, new FakeHost(System.identityHashCode(this)), options);
  }

  public Wal open() throws IOException {
    return open(Logs.SMALL);
  }

  Manifest manifest() throws IOException {
    Manifest manifest = ManifestFile.read(storage);
    if (manifest == null) {
      throw new IllegalStateException("no manifest");
    }
    return manifest;
  }

  /// The name of the segment that the manifest says is active.
  public String newest() throws IOException {
    return SegmentHeader.fileName(manifest().lastNumber());
  }

  /// {@return the name of a segment's file}
  public static String segment(long number) {
    return SegmentHeader.fileName(number);
  }

  /// {@return whether the file of a segment had an earlier life}
  public boolean isRecycled(String name) throws IOException {
    return header(name).isRecycled();
  }

  /// Opening must refuse and leave every byte of every file as it was.
  public CorruptWalException refused(WalOptions options) {
    Map<String, String> before = bytes();
    CorruptWalException refusal =
        catchThrowableOfType(CorruptWalException.class, () -> open(options).close());
    assertThat(refusal).isNotNull();
    assertThat(bytes()).isEqualTo(before);
    return refusal;
  }

  SegmentHeader header(String name) throws IOException {
    Long number = SegmentHeader.numberIn(name);
    if (number != null
        && Chain.readHeader(storage, number)
            instanceof SegmentHeader.Found.Valid(SegmentHeader header)) {
      return header;
    }
    throw new IllegalStateException(name + " has no valid header");
  }

  /// The frames of a segment, up to where they stop.
  public List<Frame> frames(String name) throws IOException {
    List<Frame> frames = new ArrayList<>();
    try (StorageFile file = storage.openForRead(name)) {
      FrameReader reader = new FrameReader(file, header(name));
      long offset = SegmentHeader.BYTES;
      while (reader.read(offset) == FrameReader.Found.FRAME) {
        FrameHeader header = reader.header();
        frames.add(
            new Frame(
                offset,
                header.kind,
                header.firstLsn,
                header.lastLsn(),
                header.durableLsn,
                header.frameBytes()));
        offset += header.frameBytes();
      }
    }
    return frames;
  }

  /// Waits for the mark behind the last records of a log that is open. Whoever syncs writes it,
  /// maybe only after the caller has its answer.
  public void awaitMark() throws IOException {
    while (frames(newest()).getLast().kind() != MARK) {
      if (Thread.interrupted()) {
        throw new AssertionError("waited in vain for the mark");
      }
      Thread.onSpinWait();
    }
  }

  /// Where the frames of a segment stop.
  public long end(String name) throws IOException {
    List<Frame> frames = frames(name);
    return frames.isEmpty() ? SegmentHeader.BYTES : frames.getLast().end();
  }

  /// Puts bytes into a file, durably.
  public void put(String name, long offset, byte[] bytes) {
    byte[] all = storage.bytes(name);
    System.arraycopy(bytes, 0, all, (int) offset, bytes.length);
    storage.replace(name, all);
  }

  public void zero(String name, Frame frame) {
    put(name, frame.offset(), new byte[(int) frame.bytes()]);
  }

  /// Flips a bit of a frame's payload; its header stays valid.
  public void spoilPayload(String name, Frame frame) {
    storage.flip(name, frame.offset() + FrameLayout.HEADER_BYTES + 5, 3);
  }

  public void remove(String name) throws IOException {
    storage.delete(name);
    storage.syncDirectory();
  }

  /// Appends a frame without records behind the last one, with valid checksums.
  public void forge(String name, int kind, int flags, long lsn, long durableLsn)
      throws IOException {
    forge(name, kind, flags, lsn, durableLsn, 0);
  }

  public void forge(String name, int kind, int flags, long lsn, long durableLsn, int records)
      throws IOException {
    SegmentHeader header = header(name);
    long offset = end(name);
    int chain;
    try (StorageFile file = storage.openForRead(name)) {
      chain = TailScan.of(file, header).chain();
    }
    MemorySegment frame = Arena.ofAuto().allocate(FrameLayout.HEADER_BYTES, 64);
    PlacedChecksum checksum = new PlacedChecksum();
    checksum.enter(header);
    frame.set(INT, FrameLayout.MAGIC_AT, FrameLayout.MAGIC);
    frame.set(ValueLayout.JAVA_BYTE, FrameLayout.KIND_AT, (byte) kind);
    frame.set(SHORT, FrameLayout.FLAGS_AT, (short) flags);
    frame.set(LONG, FrameLayout.FIRST_LSN_AT, lsn);
    frame.set(INT, FrameLayout.RECORDS_AT, records);
    frame.set(INT, FrameLayout.RAW_BYTES_AT, records * FrameLayout.LENGTH_BYTES);
    frame.set(LONG, FrameLayout.DURABLE_LSN_AT, durableLsn);
    frame.set(INT, FrameLayout.PREVIOUS_CRC_AT, chain);
    int payloadCrc = checksum.of(offset, frame.asByteBuffer(), 0, 0);
    frame.set(INT, FrameLayout.PAYLOAD_CRC_AT, payloadCrc);
    int crc = checksum.of(offset, frame.asByteBuffer(), 0, FrameLayout.HEADER_CRC_AT);
    frame.set(INT, FrameLayout.HEADER_CRC_AT, crc);
    put(name, offset, frame.toArray(ValueLayout.JAVA_BYTE));
  }

  /// Puts another number into a frame, header or payload, and makes its checksums right: what no
  /// disk does, and a bug or an attacker might.
  ///
  /// @param at where in the frame it stands, in bytes
  public void forgeInt(String name, Frame frame, int at, int value) throws IOException {
    byte[] all = storage.bytes(name);
    MemorySegment bytes = MemorySegment.ofArray(all);
    int stored = bytes.get(INT, frame.offset() + FrameLayout.STORED_BYTES_AT);
    bytes.set(INT, frame.offset() + at, value);
    MemorySegment whole = Arena.ofAuto().allocate(frame.bytes(), 64);
    MemorySegment.copy(bytes, frame.offset(), whole, 0, frame.bytes());
    PlacedChecksum checksum = new PlacedChecksum();
    checksum.enter(header(name));
    ByteBuffer view = whole.asByteBuffer();
    long place = frame.offset();
    int payload = checksum.of(place, view, FrameLayout.HEADER_BYTES, stored);
    whole.set(INT, FrameLayout.PAYLOAD_CRC_AT, payload);
    int crc = checksum.of(place, view, 0, FrameLayout.HEADER_CRC_AT);
    whole.set(INT, FrameLayout.HEADER_CRC_AT, crc);
    put(name, frame.offset(), whole.toArray(ValueLayout.JAVA_BYTE));
  }

  /// Size and checksum of every file, to be compared.
  public Map<String, String> bytes() {
    Map<String, String> all = new TreeMap<>();
    for (String name : storage.fileNames()) {
      byte[] bytes = storage.bytes(name);
      CRC32C crc = new CRC32C();
      crc.update(bytes);
      all.put(name, bytes.length + " bytes, CRC " + Long.toHexString(crc.getValue()));
    }
    return all;
  }
}
