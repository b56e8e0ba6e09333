package dev.tidemark.ingest.body;

import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/// One or more gzip members (RFC 1952), one after the other, up to the last byte.
///
/// `GZIPInputStream` passes silently over whatever follows a member and is not another one, so the
/// few bytes around the deflated data are read here; inflating is the JDK's.
///
/// ```
/// 1f 8b 08 flags(1) time(4) xfl(1) os(1) [extra length(2) …] [name 0] [comment 0] [header crc(2)]
/// deflated data
/// crc-32(4) plain length modulo 2^32(4)                                        all little-endian
/// ```
final class GzipMembers implements Decompression {
  private static final int HEADER_BYTES = 10;
  private static final int TRAILER_BYTES = 8;
  private static final int METHOD_DEFLATE = 8;
  private static final int FLAG_HEADER_CRC = 2;
  private static final int FLAG_EXTRA = 4;
  private static final int FLAG_NAME = 8;
  private static final int FLAG_COMMENT = 16;
  private static final int FLAGS_RESERVED = 0xe0;

  // All fields: owned by the thread that reads.
  private final byte[] bytes;
  private final int start;
  private final int end;
  private final Inflater inflater = new Inflater(true);
  private final CRC32 crc = new CRC32();
  private int at;
  private boolean isInMember;

  GzipMembers(byte[] bytes, int offset, int length) {
    this.bytes = bytes;
    this.start = offset;
    this.end = offset + length;
    this.at = offset;
  }

  static boolean isMagic(byte[] bytes, int offset, int length) {
    return length >= 2 && bytes[offset] == 0x1f && bytes[offset + 1] == (byte) 0x8b;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws BadBodyException {
    while (true) {
      if (!isInMember) {
        if (at == end && at > start) {
          return -1;
        }
        openMember();
      }
      int count = inflate(into, offset, length);
      if (inflater.finished()) {
        crc.update(into, offset, count);
        closeMember();
        if (count > 0) {
          return count;
        }
      } else if (count > 0) {
        crc.update(into, offset, count);
        return count;
      } else {
        // It stopped with room left to write: it wants more bytes, or a dictionary nobody has.
        throw inflater.needsDictionary() ? bad("needs a dictionary") : cut();
      }
    }
  }

  private int inflate(byte[] into, int offset, int length) throws BadBodyException {
    try {
      return inflater.inflate(into, offset, length);
    } catch (DataFormatException e) {
      throw new BadBodyException("invalid gzip: damaged behind byte " + (at - start), e);
    }
  }

  private void openMember() throws BadBodyException {
    if (!isMagic(bytes, at, end - at)) {
      throw bad("something else follows the compressed data at byte " + (at - start));
    }
    need(HEADER_BYTES);
    int flags = bytes[at + 3] & 0xff;
    if (bytes[at + 2] != METHOD_DEFLATE || (flags & FLAGS_RESERVED) != 0) {
      throw bad("unknown method or flags in the header at byte " + (at - start));
    }
    int headerAt = at;
    at += HEADER_BYTES;
    if ((flags & FLAG_EXTRA) != 0) {
      need(2);
      int extra = little(2);
      need(extra);
      at += extra;
    }
    if ((flags & FLAG_NAME) != 0) {
      skipText();
    }
    if ((flags & FLAG_COMMENT) != 0) {
      skipText();
    }
    if ((flags & FLAG_HEADER_CRC) != 0) {
      crc.reset();
      crc.update(bytes, headerAt, at - headerAt);
      need(2);
      if (little(2) != (int) (crc.getValue() & 0xffff)) {
        throw bad("the checksum of the header at byte " + (headerAt - start) + " does not hold");
      }
    }
    crc.reset();
    inflater.reset();
    inflater.setInput(bytes, at, end - at);
    isInMember = true;
  }

  private void closeMember() throws BadBodyException {
    at = end - inflater.getRemaining();
    need(TRAILER_BYTES);
    if (little(4) != (int) crc.getValue()) {
      throw bad("the checksum at byte " + (at - 4 - start) + " does not hold");
    }
    if (little(4) != (int) inflater.getBytesWritten()) {
      throw bad("the length at byte " + (at - 4 - start) + " does not hold");
    }
    isInMember = false;
  }

  private void skipText() throws BadBodyException {
    while (at < end && bytes[at] != 0) {
      at++;
    }
    need(1);
    at++;
  }

  private int little(int count) {
    int value = 0;
    for (int i = 0; i < count; i++) {
      value |= (bytes[at++] & 0xff) << (8 * i);
    }
    return value;
  }

  private void need(int count) throws BadBodyException {
    if (end - at < count) {
      throw cut();
    }
  }

  private BadBodyException cut() {
    return bad("cut short after " + (end - start) + " bytes");
  }

  private static BadBodyException bad(String what) {
    return new BadBodyException("invalid gzip: " + what);
  }

  @Override
  public void close() {
    inflater.end();
  }
}
