package dev.tidemark.formats.rocksdb;

import static dev.tidemark.formats.leveldb.LogLayout.BLOCK_BYTES;
import static dev.tidemark.formats.leveldb.LogLayout.HEADER_BYTES;
import static dev.tidemark.formats.leveldb.LogLayout.TYPE_AT;
import static dev.tidemark.formats.leveldb.LogLayout.ZERO;
import static dev.tidemark.formats.rocksdb.WalLayout.NUMBERED_HEADER_BYTES;

import dev.tidemark.formats.leveldb.FragmentSearch;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.OptionalLong;

/// Reads the fragments of a log file, a block at a time, and judges their headers and checksums, as
/// facebook/rocksdb, db/log_reader.cc does. For one thread at a time.
final class FragmentReader implements Closeable {
  /// The end of the file.
  static final int END = -1;

  /// The file ends within a header.
  static final int TORN_HEADER = -2;

  /// A fragment reaches behind its block, or the end of the file.
  static final int BAD_LENGTH = -3;

  static final int BAD_CHECKSUM = -4;

  /// A fragment with another log number: one of the file's life before this one. It has been
  /// passed, and RocksDB does not look at its checksum; to a reader that salvages it is whole.
  static final int OLD = -5;

  /// A header of zeros; the rest of the block has been passed.
  static final int ZEROS = -6;

  /// A fragment with a log number in a file that began without; the rest of its block was passed.
  static final int MIXED = -7;

  // What a search of damaged blocks may compare with checksums: about what blocks of noise need. A
  // file made for the purpose would need 16,384 times its size.
  static final long FREE_SEARCH_BYTES = 256L << 20;
  private static final int SEARCH_FACTOR = 64;

  private static final int[] HEADERS = {HEADER_BYTES, NUMBERED_HEADER_BYTES};

  private final InputStream in;
  private final boolean salvages;
  private final LogNumbering numbering;
  private final FragmentSearch search;
  private final byte[] block = new byte[BLOCK_BYTES];
  private final ByteBuffer view = ByteBuffer.wrap(block);

  // All owned by the caller's thread.
  private boolean end;
  private long blockOffset;
  private int blockBytes;
  private int at;
  private int fragmentAt;
  private int headerBytes;
  private int length;
  private boolean onlyZeros;

  /// @param in the file from its first byte; closed by [#close()]
  /// @param logNumber the number of the log; empty if nobody knows, and the first in the file is
  ///   believed
  /// @param salvages whether a header whose checksum does not hold says nothing about the log; to
  ///   RocksDB it says that the log has numbers
  FragmentReader(InputStream in, OptionalLong logNumber, boolean salvages) {
    this.in = in;
    this.salvages = salvages;
    numbering = new LogNumbering(logNumber);
    search = new FragmentSearch(numbering::headerBytesAt);
  }

  /// {@return the type of the next fragment, or what stands in its place}
  int next() throws IOException {
    while (blockBytes - at < HEADER_BYTES) {
      if (end) {
        return tornHeader();
      }
      readBlock();
    }
    fragmentAt = at;
    headerBytes = HEADER_BYTES;
    int type = block[at + TYPE_AT] & 0xff;
    if (WalLayout.isNumbered(type)) {
      if (numbering.isPlain()) {
        at = blockBytes;
        return MIXED;
      }
      if (!salvages) {
        numbering.numbered();
      }
      headerBytes = NUMBERED_HEADER_BYTES;
      if (blockBytes - at < NUMBERED_HEADER_BYTES) {
        if (end) {
          return tornHeader();
        }
        at = blockBytes;
        return next(); // Of the next block, which is full of room: not again.
      }
      // Where nothing else can be believed, the very number of this log still can.
      if (numbering.isOwn(block, at)) {
        numbering.numbered();
      }
    }
    return judge(type);
  }

  /// {@return what is known of the log's number}
  LogNumbering numbering() {
    return numbering;
  }

  /// {@return whether all of the file has been read}
  boolean isAtEnd() {
    return end;
  }

  /// {@return how many bytes of a record the fragment has}
  int length() {
    return length;
  }

  /// {@return those bytes, good until the next call}
  ByteBuffer payload() {
    int begin = fragmentAt + headerBytes;
    return view.limit(begin + length).position(begin);
  }

  /// {@return where the fragment begins in the file, or what stands in its place}
  long offset() {
    return blockOffset + fragmentAt;
  }

  /// {@return where it ends: the fragment, or what was passed}
  long endOffset() {
    return blockOffset + at;
  }

  /// {@return how many bytes were passed in place of a fragment}
  long passedBytes() {
    return endOffset() - offset();
  }

  /// {@return whether all that was passed was zeros} Only after [#ZEROS].
  boolean passedOnlyZeros() {
    return onlyZeros;
  }

  /// Passes the rest of the file.
  void passFile() throws IOException {
    while (!end) {
      readBlock();
    }
    at = blockBytes;
  }

  /// {@return whether the fragment that was passed is whole} Only after [#OLD].
  boolean isOldWhole() {
    return checksumHolds(fragmentAt, headerBytes, stated(fragmentAt));
  }

  /// {@return whether a whole fragment of this log follows in the block} To be asked right after
  /// anything that is no whole fragment. If that has been asked too often, for the file's size, the
  /// answer is no.
  boolean wholeFollowsInBlock() {
    return firstWhole() >= 0;
  }

  /// Looks whether anything of this log was written behind what stands here: in the rest of the
  /// block, and then in the rest of the file, after which nothing more can be read. For a log with
  /// numbers, right after [#BAD_LENGTH], [#BAD_CHECKSUM] or [#OLD].
  boolean ownFragmentsFollow() throws IOException {
    if (search.first(block, fragmentAt + 1, blockBytes) >= 0) {
      return true;
    }
    while (true) {
      int type = next();
      if (type == END || type == TORN_HEADER) {
        return false;
      }
      if (type >= 0) {
        return true;
      }
    }
  }

  /// {@return whether the file holds whole fragments behind what it seems to cut short} To be asked
  /// right after [#BAD_LENGTH] at the end of the file.
  boolean wholeFragmentsFollow() {
    int left = blockBytes - fragmentAt - headerBytes;
    // The fragment itself may be whole, but for its length, which the checksum does not cover.
    return (left >= 0 && checksumHolds(fragmentAt, headerBytes, left))
        || search.firstOfChain(block, fragmentAt + 1, blockBytes) >= 0;
  }

  /// Goes to the next whole fragment of this log in the block, or, if there is none, to the end of
  /// the block. To be called right after anything that is no whole fragment, and not at the end.
  ///
  /// Where a length leads to another fragment it is believed, so that nobody takes for a part of
  /// the log what stands within a damaged record; else each position is tried, unless that has been
  /// done too often, for the file's size.
  void goToNextWhole() {
    int believed = endOfFragment();
    int next = believed >= 0 ? believed : firstWhole();
    at = next < 0 ? blockBytes : next;
  }

  /// Goes to where a chain of whole fragments begins that ends with the file, so that what stands
  /// here is not what a crash cut short.
  ///
  /// @return whether there is one
  boolean goToChain() {
    int first = search.firstOfChain(block, fragmentAt + 1, blockBytes);
    at = first < 0 ? blockBytes : first;
    return first >= 0;
  }

  /// {@return how many bytes have been compared with checksums}
  long checkedBytes() {
    return search.checkedBytes();
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  private int judge(int type) throws IOException {
    int left = blockBytes - at;
    int stated = stated(at);
    if (headerBytes + stated > left) {
      at = blockBytes;
      return BAD_LENGTH;
    }
    if (headerBytes == NUMBERED_HEADER_BYTES && numbering.isOld(block, at)) {
      if (salvages && !checksumHolds(at, headerBytes, stated)) {
        at = blockBytes;
        return BAD_CHECKSUM;
      }
      numbering.numbered();
      at += headerBytes + stated;
      return OLD;
    }
    if (type == ZERO && stated == 0) {
      return zeros();
    }
    if (!checksumHolds(at, headerBytes, stated)) {
      // The length cannot be trusted either, so nothing in this block is.
      at = blockBytes;
      return BAD_CHECKSUM;
    }
    if (headerBytes == NUMBERED_HEADER_BYTES) {
      numbering.believe(block, at);
    }
    at += headerBytes + stated;
    length = stated;
    return type;
  }

  private int zeros() throws IOException {
    boolean trailer = at > BLOCK_BYTES - NUMBERED_HEADER_BYTES;
    onlyZeros = true;
    for (; at < blockBytes; at++) {
      onlyZeros &= block[at] == 0;
    }
    // No longer header fits so close to the end of a block: zeros there are its trailer.
    return trailer && onlyZeros ? next() : ZEROS;
  }

  private int tornHeader() {
    fragmentAt = at;
    at = blockBytes;
    return fragmentAt < blockBytes ? TORN_HEADER : END;
  }

  private int firstWhole() {
    boolean tooOften = search.checkedBytes() > FREE_SEARCH_BYTES + SEARCH_FACTOR * blockOffset;
    return tooOften ? -1 : search.first(block, fragmentAt + 1, blockBytes);
  }

  /// {@return where what stands here ends, if its length leads to a whole fragment or the end of
  /// the block; -1 if not} Whether its header has a number does not follow from a damaged type.
  private int endOfFragment() {
    for (int header : HEADERS) {
      int next = fragmentAt + header + stated(fragmentAt);
      if (block[fragmentAt + TYPE_AT] != ZERO
          && (endsBlock(next) || search.wholeBytes(block, next, blockBytes) > 0)) {
        return next;
      }
    }
    return -1;
  }

  /// {@return whether nothing but the trailer of the block stands here}
  private boolean endsBlock(int start) {
    boolean ends = start <= blockBytes && start > blockBytes - NUMBERED_HEADER_BYTES;
    for (int next = start; ends && next < blockBytes; next++) {
      ends = block[next] == 0;
    }
    return ends;
  }

  private int stated(int start) {
    return FragmentSearch.statedLength(block, start);
  }

  private boolean checksumHolds(int start, int header, int data) {
    return search.checksumHolds(block, start, header - TYPE_AT + data);
  }

  private void readBlock() throws IOException {
    blockOffset += blockBytes;
    at = 0;
    fragmentAt = 0;
    blockBytes = 0;
    blockBytes = in.readNBytes(block, 0, BLOCK_BYTES);
    end = blockBytes < BLOCK_BYTES;
  }
}
