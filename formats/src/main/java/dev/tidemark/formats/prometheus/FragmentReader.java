package dev.tidemark.formats.prometheus;

import static dev.tidemark.formats.prometheus.SegmentLayout.CHECKSUM_OFFSET;
import static dev.tidemark.formats.prometheus.SegmentLayout.FIRST;
import static dev.tidemark.formats.prometheus.SegmentLayout.FULL;
import static dev.tidemark.formats.prometheus.SegmentLayout.HEADER_BYTES;
import static dev.tidemark.formats.prometheus.SegmentLayout.KIND_MASK;
import static dev.tidemark.formats.prometheus.SegmentLayout.KIND_OFFSET;
import static dev.tidemark.formats.prometheus.SegmentLayout.LAST;
import static dev.tidemark.formats.prometheus.SegmentLayout.LENGTH_OFFSET;
import static dev.tidemark.formats.prometheus.SegmentLayout.MIDDLE;
import static dev.tidemark.formats.prometheus.SegmentLayout.MOST_DATA_BYTES;
import static dev.tidemark.formats.prometheus.SegmentLayout.PADDING;
import static dev.tidemark.formats.prometheus.SegmentLayout.pageEnd;

import java.io.Closeable;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/// A walk over the fragments of a segment, by the rules of Prometheus's reader: padding is passed
/// over if it is zero, lengths and checksums are held against what is there. It is not said here
/// which fragments make a record.
///
/// Behind a fragment that is not good the walk goes on where the next one can be expected, if
/// somebody asks.
///
/// For one thread at a time.
final class FragmentReader implements Closeable {
  /// What stands at one place.
  enum Found {
    /// A fragment whose checksum holds: see [#kind()], [#data()].
    FRAGMENT,

    /// Something else: see [#reason()], [#isTorn()].
    DAMAGE,

    /// Nothing more.
    END
  }

  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  private final SegmentPages pages;

  // All owned by the caller's thread; about what was found last.
  private final CRC32C checksum = new CRC32C();
  private long start;
  private long end;
  private int head;
  private int length;
  private boolean torn;
  private boolean padded;
  private String reason = "";

  FragmentReader(SegmentPages pages) {
    this.pages = pages;
  }

  /// Goes to whatever comes next, behind padding.
  Found next() throws IOException {
    padded = false;
    while (true) {
      start = end;
      torn = false;
      int available = pages.load(start);
      if (available == 0) {
        return Found.END;
      }
      head = pages.window()[pages.index(start) + KIND_OFFSET];
      if (kind() != PADDING) {
        return fragment(available);
      }
      padded = true;
      end = pageEnd(start);
      if (!isZero(start, end)) {
        return damage("unexpected non-zero byte in padded page");
      }
    }
  }

  private Found fragment(int available) {
    end = pageEnd(start);
    if (available < HEADER_BYTES) {
      return tornAtEnd(available == 1, "read remaining header: unexpected EOF");
    }
    int index = pages.index(start);
    length = (short) SHORT.get(pages.window(), index + LENGTH_OFFSET) & 0xffff;
    long dataEnd = start + HEADER_BYTES + length;
    torn = pages.endsBefore(start + HEADER_BYTES);
    if (length > MOST_DATA_BYTES) {
      return damage("invalid record size " + length);
    }
    int expected = (int) INT.get(pages.window(), index + CHECKSUM_OFFSET);
    if (available < HEADER_BYTES + length) {
      long whole = torn ? -1 : wholeFragments(start, expected);
      if (whole >= 0) {
        end = whole;
        return damage("unexpected EOF");
      }
      return tornAtEnd(available == HEADER_BYTES, "unexpected EOF");
    }
    torn = pages.endsBefore(dataEnd);
    int actual = checksum(index + HEADER_BYTES, length);
    if (actual != expected) {
      if (torn) {
        long whole = wholeFragments(start, expected);
        torn = whole < 0;
        end = torn ? end : whole;
      } else {
        end = isGoodBegin(dataEnd) ? dataEnd : end;
      }
      return damage("unexpected checksum %x, expected %x".formatted(actual, expected));
    }
    end = dataEnd;
    return Found.FRAGMENT;
  }

  // Prometheus tells nothing to read from less than what is wanted: the first is an end as any
  // other, good unless a record is open.
  private Found tornAtEnd(boolean nothing, String otherwise) {
    torn = true;
    if (!nothing) {
      return damage(otherwise);
    }
    boolean opening = kind() == FIRST || kind() == MIDDLE;
    return damage(opening ? SegmentReader.TORN : SegmentReader.HEADER_ALONE);
  }

  private Found damage(String why) {
    reason = why;
    return Found.DAMAGE;
  }

  // Whether, behind a fragment whose checksum is wrong, its length may still be believed: because
  // fragments begin there whose checksums hold, one of them with data, or nothing but padding
  // follows. No further than the page, at whose end fragments begin in any case.
  private boolean isGoodBegin(long from) {
    long pageEnd = pageEnd(start);
    long offset = from;
    while (offset + HEADER_BYTES <= pageEnd) {
      int index = pages.index(offset);
      int bytes = (short) SHORT.get(pages.window(), index + LENGTH_OFFSET) & 0xffff;
      if ((pages.window()[index + KIND_OFFSET] & KIND_MASK) == PADDING) {
        break;
      }
      if (offset + HEADER_BYTES + bytes > pageEnd
          || checksum(index + HEADER_BYTES, bytes)
              != (int) INT.get(pages.window(), index + CHECKSUM_OFFSET)) {
        return false;
      }
      if (bytes > 0) {
        return true;
      }
      offset += HEADER_BYTES;
    }
    return offset <= pageEnd && isZero(offset, pageEnd);
  }

  // Where whole fragments begin of which the last ends with the file, though the one that stands
  // here reaches behind it: its length must be wrong then, since a crash leaves nothing like that.
  // The end of the file, if the checksum holds for all that is left; -1 if there is neither.
  private long wholeFragments(long from, int expected) {
    long last = Math.min(pages.within(Long.MAX_VALUE), pageEnd(from));
    long data = from + HEADER_BYTES;
    if (data < last && checksum(pages.index(data), (int) (last - data)) == expected) {
      return last;
    }
    for (long begin = from + 1; begin + HEADER_BYTES < last; begin++) {
      long next = begin;
      while (next + HEADER_BYTES < last && isWhole(next, last)) {
        next +=
            HEADER_BYTES
                + ((short) SHORT.get(pages.window(), pages.index(next) + LENGTH_OFFSET) & 0xffff);
      }
      if (next > begin && next == last) {
        return begin;
      }
    }
    return -1;
  }

  // Only fragments with data: zeros are a good checksum of none.
  private boolean isWhole(long at, long last) {
    int index = pages.index(at);
    int kind = pages.window()[index + KIND_OFFSET] & KIND_MASK;
    int bytes = (short) SHORT.get(pages.window(), index + LENGTH_OFFSET) & 0xffff;
    return kind >= FULL
        && kind <= LAST
        && bytes > 0
        && at + HEADER_BYTES + bytes <= last
        && checksum(index + HEADER_BYTES, bytes)
            == (int) INT.get(pages.window(), index + CHECKSUM_OFFSET);
  }

  private int checksum(int index, int bytes) {
    checksum.reset();
    checksum.update(pages.window(), index, bytes);
    return (int) checksum.getValue();
  }

  private boolean isZero(long from, long to) {
    for (int i = pages.index(from); i < pages.index(to); i++) {
      if (pages.window()[i] != 0) {
        return false;
      }
    }
    return true;
  }

  /// Where what was found begins.
  long start() {
    return start;
  }

  /// Where what was found ends, or is left: where the walk goes on. Not beyond the file.
  long end() {
    return pages.within(end);
  }

  /// Of a fragment: one of [SegmentLayout], or 5 to 7, which mean nothing.
  int kind() {
    return head & KIND_MASK;
  }

  /// Of a fragment: what it says of its record.
  SegmentCompression compression() {
    return SegmentCompression.of(head);
  }

  /// Of a fragment: its data, good until [#next()].
  ByteBuffer data() {
    return ByteBuffer.wrap(pages.window()).slice(pages.index(start) + HEADER_BYTES, length);
  }

  /// Of a fragment: whether the file ends in its header, so that zeros made up the rest of it and
  /// its checksum says nothing.
  boolean isMadeUp() {
    return pages.endsBefore(start + HEADER_BYTES);
  }

  /// Whether there was padding behind the fragment before.
  boolean isPadded() {
    return padded;
  }

  /// Of damage: what is wrong.
  String reason() {
    return reason;
  }

  /// Of damage: whether the file ends there.
  boolean isTorn() {
    return torn;
  }

  /// Reads all the rest.
  ///
  /// @return how many bytes the file has
  long toEnd() throws IOException {
    return pages.toEnd();
  }

  @Override
  public void close() throws IOException {
    pages.close();
  }
}
