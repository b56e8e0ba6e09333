package dev.tidemark.formats.leveldb;

import static dev.tidemark.formats.leveldb.LogLayout.BLOCK_BYTES;
import static dev.tidemark.formats.leveldb.LogLayout.CRC_AT;
import static dev.tidemark.formats.leveldb.LogLayout.HEADER_BYTES;
import static dev.tidemark.formats.leveldb.LogLayout.LENGTH_AT;
import static dev.tidemark.formats.leveldb.LogLayout.TYPE_AT;
import static dev.tidemark.formats.leveldb.LogLayout.ZERO;

import dev.tidemark.formats.Damage;
import dev.tidemark.formats.DamageListener;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/// Reads the fragments of a log file, a block at a time, and judges their headers and checksums.
/// For one thread at a time.
final class FragmentReader implements Closeable {
  /// The end of the file.
  static final int END = -1;

  /// Bytes that hold no fragment: the rest of their block is passed over.
  static final int BAD = -2;

  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private final InputStream in;
  private final DamageListener damage;
  private final long from;
  private final CRC32C crc = new CRC32C();
  private final byte[] block = new byte[BLOCK_BYTES];
  private final ByteBuffer view = ByteBuffer.wrap(block);

  // All owned by the caller's thread.
  private boolean begun;
  private boolean end;
  private long blockOffset;
  private int blockBytes;
  private int at;
  private int fragmentAt;
  private int length;
  // Where a fragment begins that the file does not hold to its end; -1 if there is none.
  private long torn = -1;
  // Where zeros begin, behind which nothing else has been seen yet; -1 if there are none.
  private long zeros = -1;

  FragmentReader(InputStream in, DamageListener damage, long from) {
    this.in = in;
    this.damage = damage;
    this.from = from;
  }

  /// {@return the type of the next fragment, [#END] or [#BAD]}
  int next() throws IOException {
    if (!begun) {
      begun = true;
      skipToFirstBlock();
    }
    while (blockBytes - at < HEADER_BYTES) {
      if (end) {
        tearHeader();
        return END;
      }
      readBlock();
    }
    return judge();
  }

  int type() {
    return block[fragmentAt + TYPE_AT] & 0xff;
  }

  /// {@return how many bytes of a record the fragment has}
  int length() {
    return length;
  }

  /// {@return those bytes, good until the next call}
  ByteBuffer payload() {
    int begin = fragmentAt + HEADER_BYTES;
    return view.limit(begin + length).position(begin);
  }

  /// {@return where the fragment begins in the file}
  long offset() {
    return blockOffset + fragmentAt;
  }

  /// {@return where the fragment ends in the file; at the end, where the file does}
  long endOffset() {
    return blockOffset + at;
  }

  /// {@return where the fragment begins that the file cuts short; where the file ends, if none}
  long tornOffset() {
    return torn < 0 ? endOffset() : torn;
  }

  /// Later calls find no cut fragment.
  void tellTornOnce() {
    torn = -1;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  private int judge() {
    int left = blockBytes - at;
    int stated = ((short) SHORT.get(block, at + LENGTH_AT)) & 0xffff;
    fragmentAt = at;
    if (HEADER_BYTES + stated > left) {
      return tooLong();
    }
    if (block[at + TYPE_AT] == ZERO && stated == 0) {
      return zeros();
    }
    crc.reset();
    crc.update(block, at + TYPE_AT, HEADER_BYTES - TYPE_AT + stated);
    if ((int) crc.getValue() != MaskedCrc.unmask((int) INT.get(block, at + CRC_AT))) {
      // The length cannot be trusted either, so nothing in this block is.
      return dropBlock(Damage.Kind.CORRUPTION, "checksum mismatch");
    }
    tellZerosBefore(offset());
    at += HEADER_BYTES + stated;
    length = stated;
    return offset() < from ? BAD : type();
  }

  private int tooLong() {
    if (!end) {
      return dropBlock(Damage.Kind.CORRUPTION, "bad record length");
    }
    tellZerosBefore(offset());
    if (wholeButForItsLength()) {
      dropBlock(
          Damage.Kind.OVERLOOKED,
          "bad record length: LevelDB takes this for a torn end, but the record is whole");
    } else if (wholeFragmentsFollow()) {
      dropBlock(
          Damage.Kind.OVERLOOKED,
          "bad record length: LevelDB takes this for a torn end, but whole records follow");
    } else {
      torn = offset();
    }
    at = blockBytes;
    return END;
  }

  /// Zeros are what a file holds that was sized before it was written, and no damage if nothing is
  /// behind them.
  private int zeros() {
    if (zeros < 0) {
      zeros = offset();
    }
    for (int next = at; next < blockBytes; next++) {
      if (block[next] != 0) {
        tellZerosBefore(blockOffset + blockBytes);
        break;
      }
    }
    at = blockBytes;
    return BAD;
  }

  private void tellZerosBefore(long offset) {
    if (zeros >= 0) {
      damage.found(
          new Damage(
              Damage.Kind.OVERLOOKED,
              zeros,
              offset - zeros,
              "zeros, which LevelDB passes over, with something behind them"));
      zeros = -1;
    }
  }

  private int dropBlock(Damage.Kind kind, String reason) {
    tellZerosBefore(offset());
    damage.found(new Damage(kind, offset(), blockBytes - at, reason));
    at = blockBytes;
    return BAD;
  }

  private void tearHeader() {
    // So close to the end of a block no header can be meant: it is the trailer of the block.
    boolean trailer = at > BLOCK_BYTES - HEADER_BYTES;
    if (at < blockBytes && !trailer) {
      torn = blockOffset + at;
      if (zeros >= 0 && allZero(at)) {
        torn = -1;
      }
    }
    at = blockBytes;
  }

  private boolean allZero(int begin) {
    for (int next = begin; next < blockBytes; next++) {
      if (block[next] != 0) {
        return false;
      }
    }
    return true;
  }

  /// {@return whether the checksum, which does not cover the length, holds for all that is left}
  private boolean wholeButForItsLength() {
    crc.reset();
    crc.update(block, at + TYPE_AT, blockBytes - at - TYPE_AT);
    return (int) crc.getValue() == MaskedCrc.unmask((int) INT.get(block, at + CRC_AT));
  }

  /// {@return whether somewhere behind here a chain of whole fragments begins that ends with the
  /// file}
  ///
  /// A crash cuts a file short; it leaves no such chain. Each position takes one checksum of what
  /// is left of one block at most.
  private boolean wholeFragmentsFollow() {
    for (int start = at + 1; start + HEADER_BYTES <= blockBytes; start++) {
      int next = start;
      while (next + HEADER_BYTES <= blockBytes && wholeAt(next)) {
        next += HEADER_BYTES + (((short) SHORT.get(block, next + LENGTH_AT)) & 0xffff);
      }
      if (next > start && next == blockBytes) {
        return true;
      }
    }
    return false;
  }

  private boolean wholeAt(int start) {
    int stated = ((short) SHORT.get(block, start + LENGTH_AT)) & 0xffff;
    int type = block[start + TYPE_AT];
    if (type < LogLayout.FULL
        || type > LogLayout.LAST
        || stated > blockBytes - start - HEADER_BYTES) {
      return false;
    }
    crc.reset();
    crc.update(block, start + TYPE_AT, HEADER_BYTES - TYPE_AT + stated);
    return (int) crc.getValue() == MaskedCrc.unmask((int) INT.get(block, start + CRC_AT));
  }

  private void skipToFirstBlock() throws IOException {
    long inBlock = from % BLOCK_BYTES;
    // A trailer holds no beginning of a record.
    long first = from - inBlock + (inBlock > BLOCK_BYTES - HEADER_BYTES + 1 ? BLOCK_BYTES : 0);
    long skipped = 0;
    while (skipped < first) {
      long step = in.skip(Math.min(first - skipped, BLOCK_BYTES));
      if (step <= 0) {
        // The end, or a stream that does not skip: only reading tells.
        step = Math.max(0, in.readNBytes(block, 0, (int) Math.min(first - skipped, BLOCK_BYTES)));
        if (step == 0) {
          end = true;
          blockOffset = skipped;
          return;
        }
      }
      skipped += step;
    }
    blockOffset = first;
  }

  private void readBlock() throws IOException {
    blockOffset += blockBytes;
    at = 0;
    blockBytes = 0;
    try {
      blockBytes = in.readNBytes(block, 0, BLOCK_BYTES);
      end = blockBytes < BLOCK_BYTES;
    } catch (IOException failure) {
      end = true;
      damage.found(
          new Damage(
              Damage.Kind.CORRUPTION,
              blockOffset,
              BLOCK_BYTES,
              "read error: " + failure.getMessage()));
      throw failure;
    }
  }
}
