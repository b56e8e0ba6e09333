package dev.tidemark.formats.prometheus;

import static dev.tidemark.formats.prometheus.SegmentLayout.FIRST;
import static dev.tidemark.formats.prometheus.SegmentLayout.FULL;
import static dev.tidemark.formats.prometheus.SegmentLayout.LAST;
import static dev.tidemark.formats.prometheus.SegmentLayout.MIDDLE;

import dev.tidemark.formats.ByteWriter;
import dev.tidemark.formats.Damage;
import dev.tidemark.formats.DamageListener;
import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.Reading;
import dev.tidemark.formats.RecordReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// Reads the records of one segment, written by Prometheus, Loki or [SegmentWriter].
///
/// **Damage**, [Reading#AS_THE_SYSTEM]: the first thing that is wrong ends the segment, and is told
/// of as one [Damage] that reaches to the end of the file. [Reading#ALL_THAT_IS_WHOLE]: the walk
/// goes on behind the damaged fragment if its length can be believed, else at the next page, and
/// with the next record that begins there; a [Damage] reaches as far as bytes are passed over. In
/// both cases the words are Prometheus's, and a file that ends within a record has a torn tail.
///
/// Prometheus itself says nothing of three kinds of torn tails; they are told of here all the same,
/// with words of their own ([#isSilent]): one that ends in the header of a record, of which zeros
/// make a record without bytes, one that ends in or behind a header at the end of a page, and one
/// whose open record has padding behind it.
///
/// The three highest bits of a fragment's first byte mean nothing. No checksum covers them, and
/// Prometheus does not look at them: what is set there is not told.
///
/// Not taken over: if the fragments of one record disagree about its compression, Prometheus
/// decompresses some of them; here that is damage. Records of more than 1 GiB as they are stored,
/// or of more than 32 MiB that are compressed, are damage too.
///
/// Source of the rules: prometheus/prometheus, tsdb/wlog/reader.go and wlog.go.
public final class SegmentReader implements RecordReader {
  static final String TORN = "last record is torn";
  private static final String SILENT = ", of which Prometheus says nothing";

  private static final String EMPTY_RECORD =
      "the file ends in the header of a record, of which zeros make one without bytes" + SILENT;

  static final String HEADER_ALONE =
      "the file ends with a page, in or behind the header of a record" + SILENT;

  private static final String NEVER_ENDS = "a record never ends, and padding follows" + SILENT;

  private final FragmentReader fragments;
  private final Reading reading;
  private final DamageListener damage;
  private final RecordDecompressor decompressor;

  // All below owned by the caller's thread. The fragments of a record that are not yet all there:
  private final ByteWriter joined = new ByteWriter(SegmentLayout.PAGE_BYTES);
  private boolean open;

  // The record shown last, or being read.
  private long start;
  private long end;
  private SegmentCompression compression = SegmentCompression.NONE;
  private ByteBuffer stored = ByteBuffer.allocate(0);
  private ByteBuffer payload = stored;

  // What is passed over, if anything is, until the next record.
  private @Nullable Damage hole;
  private boolean ended;

  private SegmentReader(
      FragmentReader fragments, Reading reading, DamageListener damage, int mostDecompressed) {
    decompressor = new RecordDecompressor(mostDecompressed);
    this.fragments = fragments;
    this.reading = reading;
    this.damage = damage;
  }

  /// Reads from the beginning of a segment.
  ///
  /// @param file the segment, which need not be buffered; the reader's from now on
  /// @param reading what becomes of records behind damage
  /// @param damage is told what is damaged
  /// @return a reader at the beginning; it takes 64 KiB at once, and then as much as the largest
  ///   record
  public static SegmentReader of(InputStream file, Reading reading, DamageListener damage) {
    return of(file, reading, damage, SegmentLayout.MOST_DECOMPRESSED_BYTES);
  }

  /// @param mostDecompressed how large a record may become that is compressed, in bytes
  static SegmentReader of(
      InputStream file, Reading reading, DamageListener damage, int mostDecompressed) {
    FragmentReader fragments = new FragmentReader(new SegmentPages(file));
    return new SegmentReader(fragments, reading, damage, mostDecompressed);
  }

  /// {@return whether Prometheus says nothing of some damage, and goes on with the next segment if
  /// it opens each by itself, as it does with those of its log}
  ///
  /// @param damage that a reader told of
  public static boolean isSilent(Damage damage) {
    return damage.reason().endsWith(SILENT);
  }

  /// {@return whether damage is silent even where all segments are one stream, as those of a
  /// checkpoint are: otherwise what is open at the end of one meets the beginning of the next}
  ///
  /// @param damage that a reader told of
  public static boolean isSilentEverywhere(Damage damage) {
    return damage.reason().equals(EMPTY_RECORD);
  }

  @Override
  public boolean next() throws IOException {
    open = false;
    while (!ended) {
      switch (fragments.next()) {
        case END -> finish();
        case DAMAGE -> {
          long from = open ? start : fragments.start();
          passOver(kindOf(fragments.isTorn()), from, fragments.end(), fragments.reason());
        }
        case FRAGMENT -> {
          if (accept() && isWhole()) {
            told();
            return true;
          }
        }
      }
    }
    return false;
  }

  // Takes a good fragment if it stands where one of its kind may.
  private boolean accept() throws IOException {
    int kind = fragments.kind();
    boolean begins = kind == FULL || kind == FIRST;
    String complaint = complaint(kind, begins);
    if (complaint != null) {
      long from = open ? start : fragments.start();
      passOver(
          Damage.Kind.CORRUPTION, from, begins ? fragments.start() : fragments.end(), complaint);
      if (ended || !begins) {
        return false;
      }
    }
    if (fragments.isMadeUp() && (kind == FULL || kind == LAST)) {
      // Zeros were made up that happen to be right. Prometheus makes a record without bytes of
      // them, which it passes over, or ends one early, which it then mostly cannot decode.
      passOver(
          Damage.Kind.TORN_TAIL,
          kind == FULL ? fragments.start() : start,
          fragments.end(),
          kind == FULL ? EMPTY_RECORD : TORN);
      return false;
    }
    if (begins) {
      start = fragments.start();
      compression = fragments.compression();
      joined.clear();
    }
    open = kind != FULL && kind != LAST;
    end = fragments.end();
    if (kind == FULL) {
      stored = fragments.data();
    } else {
      joined.bytes(fragments.data());
      stored = joined.written();
    }
    return !open;
  }

  private @Nullable String complaint(int kind, boolean begins) {
    if (begins) {
      if (!open) {
        return null;
      }
      return kind == FULL ? "unexpected full record" : "unexpected first record, dropping buffer";
    }
    if (kind != MIDDLE && kind != LAST) {
      return "unexpected record type " + kind;
    }
    if (!open) {
      return kind == MIDDLE
          ? "unexpected middle record, dropping buffer"
          : "unexpected last record, dropping buffer";
    }
    if (fragments.compression() != compression) {
      return "fragments of one record disagree about its compression";
    }
    return stored.remaining() > SegmentLayout.MOST_STORED_BYTES - SegmentLayout.PAGE_BYTES
        ? "a record of more than " + SegmentLayout.MOST_STORED_BYTES + " bytes, which is not read"
        : null;
  }

  private boolean isWhole() throws IOException {
    try {
      payload = decompressor.decompress(stored, compression);
      return true;
    } catch (FormatException malformed) {
      passOver(Damage.Kind.CORRUPTION, start, end, String.valueOf(malformed.getMessage()));
      return false;
    }
  }

  // Notes that there is nothing good between two places; what was open is lost.
  private void passOver(Damage.Kind kind, long from, long to, String reason) throws IOException {
    open = false;
    if (reading == Reading.AS_THE_SYSTEM) {
      ended = true;
      damage.found(new Damage(kind, from, fragments.toEnd() - from, reason));
    } else {
      hole =
          hole == null
              ? new Damage(kind, from, to - from, reason)
              : new Damage(hole.kind(), hole.offset(), to - hole.offset(), hole.reason());
    }
  }

  private void finish() throws IOException {
    if (open) {
      passOver(
          Damage.Kind.TORN_TAIL,
          start,
          fragments.toEnd(),
          fragments.isPadded() ? NEVER_ENDS : TORN);
    }
    ended = true;
    told();
  }

  private void told() {
    if (hole != null) {
      damage.found(hole);
      hole = null;
    }
  }

  private static Damage.Kind kindOf(boolean torn) {
    return torn ? Damage.Kind.TORN_TAIL : Damage.Kind.CORRUPTION;
  }

  @Override
  public ByteBuffer payload() {
    return payload;
  }

  /// {@return the record's bytes as they are in the file, perhaps compressed, as one piece}
  ///
  /// They are the reader's and good until [#next()] or [#close()] is called.
  public ByteBuffer stored() {
    return stored;
  }

  /// {@return how the record is stored}
  public SegmentCompression compression() {
    return compression;
  }

  @Override
  public long offset() {
    return start;
  }

  @Override
  public long endOffset() {
    return end;
  }

  @Override
  public void close() throws IOException {
    ended = true;
    fragments.close();
  }
}
