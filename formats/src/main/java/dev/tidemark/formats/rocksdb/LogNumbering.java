package dev.tidemark.formats.rocksdb;

import static dev.tidemark.formats.leveldb.LogLayout.HEADER_BYTES;
import static dev.tidemark.formats.leveldb.LogLayout.TYPE_AT;
import static dev.tidemark.formats.rocksdb.WalLayout.LOG_NUMBER_AT;
import static dev.tidemark.formats.rocksdb.WalLayout.NUMBERED_HEADER_BYTES;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.OptionalLong;

/// What is known of the number of a log: which one it is, and whether the fragments of the file
/// have it. For one thread at a time.
final class LogNumbering {
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  // All owned by the caller's thread.
  private boolean known;
  private int number;
  private boolean numbered;
  private boolean recordRead;

  /// @param logNumber the number of the log; empty if nobody knows, and the first in the file is
  ///   believed
  LogNumbering(OptionalLong logNumber) {
    known = logNumber.isPresent();
    number = (int) logNumber.orElse(0);
  }

  /// Says that fragments have numbers.
  void numbered() {
    numbered = true;
  }

  /// Says that a fragment with a number is whole and not old.
  void believe(byte[] block, int at) {
    number = (int) INT.get(block, at + LOG_NUMBER_AT);
    known = true;
    numbered = true;
  }

  /// Says that a whole record has been read. From then on a file stays with or without numbers.
  void recordRead() {
    recordRead = true;
  }

  /// {@return whether fragments have numbers}
  boolean isNumbered() {
    return numbered;
  }

  /// {@return whether no fragment may have a number any more}
  boolean isPlain() {
    return recordRead && !numbered;
  }

  /// {@return whether the number of the log is known, and the header that begins here has it}
  boolean isOwn(byte[] block, int at) {
    return known && (int) INT.get(block, at + LOG_NUMBER_AT) == number;
  }

  /// {@return whether the number of the log is known, and the header that begins here has another}
  boolean isOld(byte[] block, int at) {
    return known && (int) INT.get(block, at + LOG_NUMBER_AT) != number;
  }

  /// {@return how many bytes the header has that begins here, if a fragment of this log may begin
  /// with it; else 0}
  ///
  /// @param block of the log
  /// @param at where the header begins
  /// @param end where the block ends, 7 or more bytes behind that
  int headerBytesAt(byte[] block, int at, int end) {
    int type = block[at + TYPE_AT] & 0xff;
    // Before the first record nobody knows whether the log has numbers.
    if (!WalLayout.isNumbered(type)) {
      return WalLayout.isKnown(type) && !(numbered && recordRead) ? HEADER_BYTES : 0;
    }
    boolean mayBeOwn = !isPlain() && at + NUMBERED_HEADER_BYTES <= end && !isOld(block, at);
    return mayBeOwn ? NUMBERED_HEADER_BYTES : 0;
  }
}
