package dev.tidemark.formats.leveldb;

import static dev.tidemark.formats.leveldb.LogLayout.BLOCK_BYTES;
import static dev.tidemark.formats.leveldb.LogLayout.HEADER_BYTES;
import static dev.tidemark.formats.leveldb.LogLayout.TYPE_AT;
import static dev.tidemark.formats.leveldb.LogLayout.ZERO;

import dev.tidemark.formats.Damage;
import dev.tidemark.formats.DamageListener;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// Reads the fragments of a log file, a block at a time, and judges their headers and checksums.
/// For one thread at a time.
final class FragmentReader implements Closeable {
  /// The end of the file.
  static final int END = -1;

  /// Bytes that hold no fragment: the rest of their block is passed over.
  static final int BAD = -2;

  private final InputStream in;
  private final DamageListener damage;
  private final long from;
  private final FragmentSearch search = FragmentSearch.forLevelDb();
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
  // What was passed over last and is not told yet.
  private @Nullable Damage dropped;
  // Where zeros begin, behind which nothing else has been seen yet; -1 if there are none.
  private long zeros = -1;
  // Where in a full block zeros begin that have something behind them in it, of which it is not
  // known yet whether it is the last; -1 if there are none.
  private int lastZeros = -1;

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

  /// {@return what the last call passed over, if that is damage; each is shown once} It is left to
  /// the caller to tell, who may have something to tell before it.
  @Nullable Damage takeDropped() {
    Damage found = dropped;
    dropped = null;
    return found;
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
    int stated = FragmentSearch.statedLength(block, at);
    fragmentAt = at;
    if (HEADER_BYTES + stated > left) {
      return tooLong();
    }
    if (block[at + TYPE_AT] == ZERO && stated == 0) {
      return zeros();
    }
    if (!search.checksumHolds(block, at, HEADER_BYTES - TYPE_AT + stated)) {
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
    // The checksum does not cover the length: it may hold for all that is left.
    if (search.checksumHolds(block, at, blockBytes - at - TYPE_AT)) {
      dropBlock(
          Damage.Kind.OVERLOOKED,
          "bad record length: LevelDB takes this for a torn end, but the record is whole");
    } else if (search.firstOfChain(block, at + 1, blockBytes) >= 0) {
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
  /// behind them. In the last block a part of a record may be: of a record that goes over zeros,
  /// the page with its beginning may be written last (see what is told in [#tearZeros()]).
  private int zeros() {
    if (lastZeros >= 0) {
      tellZerosBefore(offset());
    }
    boolean begin = zeros < 0;
    if (begin) {
      zeros = offset();
    }
    if (!allZero(at)) {
      if (begin && blockBytes == BLOCK_BYTES) {
        lastZeros = at;
      } else {
        dropped = zerosBefore(blockOffset + blockBytes);
      }
    }
    at = blockBytes;
    return BAD;
  }

  private void tellZerosBefore(long offset) {
    if (zeros >= 0) {
      damage.found(zerosBefore(offset));
    }
  }

  private Damage zerosBefore(long offset) {
    Damage found =
        new Damage(
            Damage.Kind.OVERLOOKED,
            zeros,
            offset - zeros,
            "zeros, which LevelDB passes over, with something behind them");
    zeros = -1;
    lastZeros = -1;
    return found;
  }

  private int dropBlock(Damage.Kind kind, String reason) {
    tellZerosBefore(offset());
    dropped = new Damage(kind, offset(), blockBytes - at, reason);
    at = blockBytes;
    return BAD;
  }

  /// At the end of the file: what is behind the zeros in its last block is a part of a record that
  /// was being written, unless something in it is whole.
  private void tearZeros() {
    if (blockBytes == 0 && search.first(block, lastZeros + 1, BLOCK_BYTES) < 0) {
      torn = zeros;
      zeros = -1;
      lastZeros = -1;
    } else {
      tellZerosBefore(blockOffset);
    }
  }

  private void tearHeader() {
    if (lastZeros >= 0) {
      tearZeros();
    }
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
