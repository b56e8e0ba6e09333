package dev.tidemark.leveldb;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;

/// The keys under which tables and memory tables hold what a user's key had at a time
/// (google/leveldb, db/dbformat.h):
///
/// ```
/// +----------- - -+---------------------------------------+
/// | the user's key | sequence << 8 | type, 8 bytes, least  |
/// |                | significant first                     |
/// +----------- - -+---------------------------------------+
///   type  0 deleted, 1 put
/// ```
///
/// They ascend by the user's key, byte by byte without a sign, the shorter first; of equal ones the
/// newest, with the largest last 8 bytes, comes first. Arrays of such keys are never changed.
final class InternalKeys {
  /// What is behind the user's key, in bytes.
  static final int TAG_BYTES = 8;

  /// The type of a key that was deleted.
  static final int DELETED = 0;

  /// The type of a key that was put; of the two it comes first, so a search begins with it.
  static final int PUT = 1;

  /// The largest sequence number there can be.
  static final long MAX_SEQUENCE = (1L << 56) - 1;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private InternalKeys() {}

  static byte[] of(byte[] userKey, long sequence, int type) {
    return of(userKey, 0, userKey.length, sequence, type);
  }

  static byte[] of(byte[] source, int from, int length, long sequence, int type) {
    assert sequence >= 0 && sequence <= MAX_SEQUENCE : sequence;
    byte[] key = new byte[length + TAG_BYTES];
    System.arraycopy(source, from, key, 0, length);
    LONG.set(key, length, sequence << 8 | type);
    return key;
  }

  static byte[] userKey(byte[] key) {
    return Arrays.copyOf(key, key.length - TAG_BYTES);
  }

  static long sequence(byte[] key) {
    return tag(key, key.length) >>> 8;
  }

  static int type(byte[] key) {
    return key[key.length - TAG_BYTES] & 0xff;
  }

  /// {@return whether the type is one that LevelDB knows; a key of any other is damage to it}
  static boolean isKnown(byte[] key) {
    return type(key) <= PUT;
  }

  private static long tag(byte[] key, int to) {
    return (long) LONG.get(key, to - TAG_BYTES);
  }

  static int compare(byte[] a, byte[] b) {
    return compare(a, 0, a.length, b);
  }

  /// Compares a key amid other bytes, at least 8 of them, with a key.
  static int compare(byte[] a, int from, int to, byte[] b) {
    int byUser = Arrays.compareUnsigned(a, from, to - TAG_BYTES, b, 0, b.length - TAG_BYTES);
    return byUser != 0 ? byUser : Long.compareUnsigned(tag(b, b.length), tag(a, to));
  }

  /// Compares the users' parts alone.
  static int compareUsers(byte[] a, byte[] b) {
    return Arrays.compareUnsigned(a, 0, a.length - TAG_BYTES, b, 0, b.length - TAG_BYTES);
  }

  /// Compares the user's part with a user's key.
  static int compareToUser(byte[] key, byte[] userKey) {
    return Arrays.compareUnsigned(key, 0, key.length - TAG_BYTES, userKey, 0, userKey.length);
  }

  static boolean sameUser(byte[] a, byte[] b) {
    return Arrays.equals(a, 0, a.length - TAG_BYTES, b, 0, b.length - TAG_BYTES);
  }

  /// {@return a short key at or behind `key` and before `limit`, as the index of a table names a
  /// block}
  ///
  /// As google/leveldb, util/comparator.cc and db/dbformat.cc.
  static byte[] shortestSeparator(byte[] key, byte[] limit) {
    int length = key.length - TAG_BYTES;
    int shorter = Math.min(length, limit.length - TAG_BYTES);
    int differs = Arrays.mismatch(key, 0, shorter, limit, 0, shorter);
    if (differs < 0) {
      return key; // one begins with the other
    }
    int octet = key[differs] & 0xff;
    boolean fits = octet < 0xff && octet + 1 < (limit[differs] & 0xff);
    return fits && differs + 1 < length ? raised(key, differs) : key;
  }

  /// {@return a short key at or behind `key`}
  static byte[] shortSuccessor(byte[] key) {
    int length = key.length - TAG_BYTES;
    for (int i = 0; i < length; i++) {
      if (key[i] != (byte) 0xff) {
        // LevelDB takes it only if the user's part got shorter; with one byte it is the key itself.
        return i + 1 < length ? raised(key, i) : key;
      }
    }
    return key;
  }

  /// The first key of a user's key one larger at an index and ending there.
  private static byte[] raised(byte[] key, int index) {
    byte[] user = Arrays.copyOf(key, index + 1);
    user[index]++;
    return of(user, MAX_SEQUENCE, PUT);
  }

  /// {@return the user's part in hexadecimal, cut if long, and the sequence, for messages}
  static String describe(byte[] key) {
    int length = Math.min(key.length - TAG_BYTES, 32);
    String user = HexFormat.of().formatHex(key, 0, length);
    String more = length < key.length - TAG_BYTES ? "…" : "";
    return user + more + " @ " + sequence(key);
  }
}
