package dev.tidemark.cli.logs;

import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.LogFormat.Likeness;
import dev.tidemark.formats.ValueSink;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalDamage;
import dev.tidemark.wal.WalFindings;
import dev.tidemark.wal.WalInspection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// A log of our own. Its lock is never taken.
public final class OwnLog implements Log {
  /// The name of the format.
  public static final String FORMAT = "tidemark";

  private static final Pattern SEGMENT = Pattern.compile("[0-9a-f]{16}\\.(wal|gone)");
  private static final byte[] SEGMENT_MAGIC = "TIDEMARK".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] MANIFEST_MAGIC = "TIDEMANI".getBytes(StandardCharsets.US_ASCII);
  private static final int HEADER_BYTES = 256;
  private static final int SECOND_SLOT_AT = 4096;

  private final Path path;

  /// @param path a directory, or one segment
  public OwnLog(Path path) {
    this.path = path;
  }

  // ---- is it one?

  /// {@return how much speaks for a log of our own}
  ///
  /// @param path a file or a directory
  /// @throws IOException if it cannot be read
  static Likeness likeness(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      return likenessOfFile(path);
    }
    boolean named = false;
    try (Stream<Path> files = Files.list(path)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        String name = file.getFileName().toString();
        boolean mayBe = SEGMENT.matcher(name).matches() || name.equals("manifest");
        if (mayBe && Files.isRegularFile(file)) {
          if (likenessOfFile(file) == Likeness.CONTENT) {
            return Likeness.CONTENT;
          }
          named |= !name.equals("manifest");
        }
      }
    }
    return named ? Likeness.NAME : Likeness.NONE;
  }

  private static Likeness likenessOfFile(Path file) throws IOException {
    long size = Files.size(file);
    boolean manifest = file.getFileName().toString().equals("manifest");
    byte[] magic = manifest ? MANIFEST_MAGIC : SEGMENT_MAGIC;
    long second = manifest ? SECOND_SLOT_AT : size - HEADER_BYTES;
    for (long at : new long[] {0, Math.max(0, second)}) {
      if (java.util.Arrays.equals(Peek.bytes(file, at, magic.length), magic)) {
        return Likeness.CONTENT;
      }
    }
    return SEGMENT.matcher(file.getFileName().toString()).matches() ? Likeness.NAME : Likeness.NONE;
  }

  // ---- what it is

  @Override
  public Path path() {
    return path;
  }

  @Override
  public String format() {
    return FORMAT;
  }

  @Override
  public String rule() {
    return "Tidemark refuses to open a log in which something promised durable is damaged or missing;"
        + " bytes at the end that nothing vouches for are cut.";
  }

  @Override
  public List<Path> files() throws IOException {
    if (!Files.isDirectory(path)) {
      return List.of(path.getFileName());
    }
    List<Path> names = new ArrayList<>();
    try (Stream<Path> files = Files.list(path)) {
      files
          .map(Path::getFileName)
          .filter(name -> SEGMENT.matcher(name.toString()).matches())
          .sorted()
          .forEach(names::add);
    }
    return names;
  }

  @Override
  public Numbering numbering() {
    return Numbering.LSN;
  }

  // ---- reading

  @Override
  public Health verify(Watch watch) throws IOException {
    WalFindings found = Wal.inspect(path).verify(watch::at);
    List<Defect> defects = found.damage().stream().map(OwnLog::defect).toList();
    List<Health.File> files = found.files().stream().map(OwnLog::file).toList();
    return new Health(
        Health.verdict(defects),
        files,
        defects,
        Numbering.LSN,
        found.records() == 0 ? 0 : found.firstLsn(),
        found.lastLsn(),
        found.records(),
        found.payloadBytes(),
        found.verifiedBytes(),
        found.nanos(),
        notes(found));
  }

  private static Map<String, String> notes(WalFindings found) {
    Map<String, String> notes = new LinkedHashMap<>();
    if (found.verdict() == WalFindings.Verdict.EMPTY) {
      notes.put("empty", "no record was ever written");
    }
    if (!found.logId().isEmpty()) {
      notes.put("logId", found.logId());
    }
    if (found.promisedLsn() > 0) {
      notes.put("promisedLsn", Long.toString(found.promisedLsn()));
    }
    if (found.lowWaterLsn() > 0) {
      notes.put("lowWaterLsn", Long.toString(found.lowWaterLsn()));
    }
    found.files().stream()
        .filter(file -> file.activatedMillis() > 0)
        .mapToLong(WalFindings.File::activatedMillis)
        .max()
        .ifPresent(
            millis -> notes.put("newestSegmentSince", Instant.ofEpochMilli(millis).toString()));
    found.codecs().forEach((codec, frames) -> note(notes, codec, frames));
    if (found.live()) {
      notes.put("live", "somebody writes to it: how it ends is not judged");
    }
    if (!found.refusal().isEmpty()) {
      notes.put("refusal", found.refusal());
    }
    return notes;
  }

  private static void note(Map<String, String> notes, int codec, long frames) {
    if (codec != 0) {
      String name =
          switch (codec) {
            case 1 -> "snappy";
            case 2 -> "lz4";
            case 3 -> "zstd";
            default -> "codec " + codec;
          };
      notes.merge("compressed", frames + " frames by " + name, (a, b) -> a + ", " + b);
    }
  }

  private static Health.File file(WalFindings.File file) {
    long last = Math.max(0, file.lastLsn());
    boolean some = file.lastLsn() >= file.firstLsn() && file.firstLsn() > 0;
    return new Health.File(
        file.name(),
        file.state().name().toLowerCase(Locale.ROOT),
        file.bytes(),
        some ? file.firstLsn() : 0,
        some ? last : 0,
        -1);
  }

  private static Defect defect(WalDamage damage) {
    WalDamage.Place next = damage.next();
    boolean counts = damage.count() > 0;
    return new Defect(
        switch (damage.kind()) {
          case TORN_TAIL -> Defect.Kind.TORN_TAIL;
          case CORRUPTION -> Defect.Kind.CORRUPTION;
          case ACCEPTED -> Defect.Kind.ACCEPTED;
        },
        damage.file(),
        damage.fromByte(),
        damage.toByte() - damage.fromByte(),
        counts ? damage.fromLsn() : 0,
        counts ? damage.toLsn() : 0,
        damage.reason(),
        next == null ? null : new Defect.Place(next.file(), next.offset(), next.lsn()));
  }

  @Override
  public void read(long from, long to, boolean all, Taker taker) throws IOException {
    Wal.inspect(path)
        .records(
            Math.max(1, from),
            new WalInspection.Visitor() {
              private long index;

              @Override
              public boolean record(WalInspection.Found record) throws IOException {
                index++;
                return record.lsn() <= to && taker.record(shown(record, index));
              }

              @Override
              public void damage(WalDamage damage) {
                taker.defect(defect(damage));
              }
            });
  }

  private static Shown shown(WalInspection.Found record, long index) {
    ByteBuffer payload = record.payload().asByteBuffer();
    boolean own = record.offset() != record.frame();
    return new Shown(
        record.file(),
        record.offset(),
        own ? record.offset() + Integer.BYTES + payload.remaining() : -1,
        index,
        record.lsn(),
        record.lsn(),
        record.proven(),
        sink -> {},
        payload);
  }

  @Override
  public boolean describes() {
    return false;
  }

  @Override
  public void describe(ByteBuffer payload, ValueSink sink) throws FormatException {
    throw new FormatException("the records of a log of our own are its owner's", 0);
  }
}
