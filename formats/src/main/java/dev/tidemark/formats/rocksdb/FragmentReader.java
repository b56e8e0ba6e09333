package dev.tidemark.formats.rocksdb;

import static dev.tidemark.formats.leveldb.LogLayout.BLOCK_BYTES;
import static dev.tidemark.formats.leveldb.LogLayout.CRC_AT;
import static dev.tidemark.formats.leveldb.LogLayout.HEADER_BYTES;
import static dev.tidemark.formats.leveldb.LogLayout.LENGTH_AT;
import static dev.tidemark.formats.leveldb.LogLayout.TYPE_AT;
import static dev.tidemark.formats.leveldb.LogLayout.ZERO;
import static dev.tidemark.formats.rocksdb.WalLayout.LOG_NUMBER_AT;
import static dev.tidemark.formats.rocksdb.WalLayout.NUMBERED_HEADER_BYTES;

import dev.tidemark.formats.leveldb.MaskedCrc;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.OptionalLong;
import java.util.zip.CRC32C;

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
  /// passed, and RocksDB does not look at its checksum.
  static final int OLD = -5;

  /// A header of zeros; the rest of the block has been passed.
  static final int ZEROS = -6;

  /// A fragment with a log number in a file that began without; the rest of its block was passed.
  static final int MIXED = -7;

  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private final InputStream in;
  private final CRC32C crc = new CRC32C();
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
  private boolean numberKnown;
  private int number;
  private boolean numbered;
  private boolean recordRead;
  private boolean onlyZeros;

  /// @param in the file from its first byte; closed by [#close()]
  /// @param logNumber the number of the log; empty if nobody knows, and the first in the file is
  ///   believed
  FragmentReader(InputStream in, OptionalLong logNumber) {
    this.in = in;
    numberKnown = logNumber.isPresent();
    number = (int) logNumber.orElse(0);
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
      if (recordRead && !numbered) {
        at = blockBytes;
        return MIXED;
      }
      numbered = true;
      headerBytes = NUMBERED_HEADER_BYTES;
      if (blockBytes - at < NUMBERED_HEADER_BYTES) {
        if (end) {
          return tornHeader();
        }
        at = blockBytes;
        return next(); // Of the next block, which is full of room: not again.
      }
    }
    return judge(type);
  }

  /// Says that a whole record has been read. From then on a file stays with or without log numbers.
  void recordRead() {
    recordRead = true;
  }

  /// {@return whether fragments have log numbers}
  boolean isNumbered() {
    return numbered;
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

  /// Passes the rest of the block.
  void passBlock() {
    at = blockBytes;
  }

  /// {@return whether the fragment that was passed is whole} Only after [#OLD].
  boolean isOldWhole() {
    return checksumHolds(fragmentAt, headerBytes, stated(fragmentAt));
  }

  /// Looks whether anything of this log was written behind what stands here: in the rest of the
  /// block, and then in the rest of the file, after which nothing more can be read. For a log with
  /// numbers, right after [#BAD_LENGTH], [#BAD_CHECKSUM] or [#OLD].
  boolean ownFragmentsFollow() throws IOException {
    for (int start = fragmentAt + 1; start + NUMBERED_HEADER_BYTES <= blockBytes; start++) {
      if (isWhole(start)) {
        return true;
      }
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

  /// {@return whether somewhere in the rest of the last block a chain of whole fragments begins
  /// that ends with the file} A crash cuts a file short; it leaves no such chain. Each position
  /// takes one checksum of what is left of one block at most. To be asked right after
  /// [#BAD_LENGTH].
  boolean wholeFragmentsFollow() {
    int left = blockBytes - fragmentAt - headerBytes;
    if (left >= 0 && checksumHolds(fragmentAt, headerBytes, left)) {
      return true; // The fragment itself is, but for its length, which the checksum does not cover.
    }
    for (int start = fragmentAt + 1; start + HEADER_BYTES <= blockBytes; start++) {
      int next = start;
      while (next + HEADER_BYTES <= blockBytes && isWhole(next)) {
        next += headerAt(next) + stated(next);
      }
      if (next > start && next == blockBytes) {
        return true;
      }
    }
    return false;
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
    if (headerBytes == NUMBERED_HEADER_BYTES && isOld()) {
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
    if (headerBytes == NUMBERED_HEADER_BYTES && !numberKnown) {
      number = (int) INT.get(block, at + LOG_NUMBER_AT);
      numberKnown = true;
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

  private boolean isOld() {
    return numberKnown && (int) INT.get(block, at + LOG_NUMBER_AT) != number;
  }

  private int tornHeader() {
    fragmentAt = at;
    at = blockBytes;
    return fragmentAt < blockBytes ? TORN_HEADER : END;
  }

  /// {@return whether a fragment stands here that was written to this log}
  private boolean isWhole(int start) {
    int header = headerAt(start);
    if (start + header + stated(start) > blockBytes || block[start + TYPE_AT] == ZERO) {
      return false;
    }
    // Before the first record nobody knows whether the log has numbers.
    boolean own =
        header == NUMBERED_HEADER_BYTES
            ? (int) INT.get(block, start + LOG_NUMBER_AT) == number
            : !(numbered && recordRead);
    return own && checksumHolds(start, header, stated(start));
  }

  private int headerAt(int start) {
    return WalLayout.isNumbered(block[start + TYPE_AT] & 0xff)
        ? NUMBERED_HEADER_BYTES
        : HEADER_BYTES;
  }

  private int stated(int start) {
    return ((short) SHORT.get(block, start + LENGTH_AT)) & 0xffff;
  }

  private boolean checksumHolds(int start, int header, int data) {
    crc.reset();
    crc.update(block, start + TYPE_AT, header - TYPE_AT + data);
    return (int) crc.getValue() == MaskedCrc.unmask((int) INT.get(block, start + CRC_AT));
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
