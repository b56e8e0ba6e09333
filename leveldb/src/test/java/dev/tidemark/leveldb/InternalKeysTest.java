package dev.tidemark.leveldb;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/// The cases of google/leveldb, db/dbformat_test.cc, and the order.
class InternalKeysTest {
  private static byte[] key(String user, long sequence, int type) {
    return InternalKeys.of(user.getBytes(ISO_8859_1), sequence, type);
  }

  private static byte[] shorten(byte[] key, byte[] limit) {
    return InternalKeys.shortestSeparator(key, limit);
  }

  @Test
  void encodeDecode() {
    for (String user : new String[] {"", "k", "hello", "longggggggggggggggggggggg"}) {
      for (long sequence : new long[] {0, 1, 255, 256, 1L << 32, (1L << 56) - 1}) {
        byte[] key = key(user, sequence, InternalKeys.PUT);
        assertThat(InternalKeys.userKey(key)).isEqualTo(user.getBytes(ISO_8859_1));
        assertThat(InternalKeys.sequence(key)).isEqualTo(sequence);
        assertThat(InternalKeys.type(key)).isEqualTo(InternalKeys.PUT);
      }
    }
    assertThat(HexFormat.of().formatHex(key("a", 3, InternalKeys.DELETED)))
        .isEqualTo("610003000000000000");
  }

  @Test
  void internalKeyShortSeparator() {
    byte[] foo100 = key("foo", 100, 1);
    assertThat(shorten(foo100, key("foo", 99, 1))).isEqualTo(foo100);
    assertThat(shorten(foo100, key("foo", 101, 1))).isEqualTo(foo100);
    assertThat(shorten(foo100, key("foo", 100, 1))).isEqualTo(foo100);
    assertThat(shorten(foo100, key("foo", 100, 0))).isEqualTo(foo100);
    assertThat(shorten(foo100, key("bar", 99, 1))).isEqualTo(foo100);
    assertThat(shorten(foo100, key("hello", 200, 1)))
        .isEqualTo(key("g", InternalKeys.MAX_SEQUENCE, 1));
    assertThat(shorten(foo100, key("foobar", 200, 1))).isEqualTo(foo100);
    assertThat(shorten(key("foobar", 100, 1), key("foo", 200, 1))).isEqualTo(key("foobar", 100, 1));
  }

  @Test
  void internalKeyShortestSuccessor() {
    assertThat(InternalKeys.shortSuccessor(key("foo", 100, 1)))
        .isEqualTo(key("g", InternalKeys.MAX_SEQUENCE, 1));
    byte[] largest = key("\u00ff\u00ff", 100, 1);
    assertThat(InternalKeys.shortSuccessor(largest)).isEqualTo(largest);
    assertThat(InternalKeys.shortSuccessor(key("a", 7, 1))).isEqualTo(key("a", 7, 1));
  }

  @Test
  void usersAscendAndTheNewestOfOneComesFirst() {
    byte[][] ascending = {
      key("", 1, 1),
      key("a", 9, 1),
      key("a", 9, 0),
      key("a", 8, 1),
      key("aa", 99, 1),
      key("\u007f", 1, 1),
      key("\u0080", 1, 1),
      key("\u00ff", 1, 1)
    };
    for (int i = 0; i < ascending.length; i++) {
      for (int j = 0; j < ascending.length; j++) {
        assertThat(Integer.signum(InternalKeys.compare(ascending[i], ascending[j])))
            .isEqualTo(Integer.compare(i, j));
      }
    }
    byte[] newest = key("k", InternalKeys.MAX_SEQUENCE, 1);
    assertThat(InternalKeys.compare(newest, key("k", 1L << 55, 1))).isNegative();
  }
}
