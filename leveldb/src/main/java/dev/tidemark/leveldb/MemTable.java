package dev.tidemark.leveldb;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/// What was written and is in no table yet: a skip list of internal keys (google/leveldb,
/// db/skiplist.h).
///
/// One thread at a time adds, any number read meanwhile: a key that is being added is seen wholly
/// or not at all. Nothing is ever removed.
final class MemTable {
  private static final int MOST_LEVELS = 12;

  /// What an entry takes beside key and value, in bytes: its objects, and its share of the links.
  private static final int OVERHEAD_BYTES = 96;

  private static final VarHandle LINK = MethodHandles.arrayElementVarHandle(Node[].class);

  private static final class Node {
    final byte[] key;
    final byte[] value;

    /// The next node of each level it is in. Written by who adds, with release; read with acquire.
    final @Nullable Node[] next;

    Node(byte[] key, byte[] value, int levels) {
      this.key = key;
      this.value = value;
      next = new @Nullable Node[levels];
    }

    @Nullable Node next(int level) {
      return (Node) LINK.getAcquire(next, level);
    }
  }

  private final Node head = new Node(new byte[InternalKeys.TAG_BYTES], new byte[0], MOST_LEVELS);

  // Owned by who adds; read by others, who may see an old value and then search a bit longer.
  private volatile int levels = 1;

  // Owned by who adds.
  private final Node[] before = new Node[MOST_LEVELS];
  private long random = 0x2545f4914f6cdd1dL;
  private long bytes;

  /// {@return about how much memory all of it takes, in bytes; for who adds}
  long bytes() {
    return bytes;
  }

  boolean isEmpty() {
    return head.next(0) == null;
  }

  /// Adds a key. One that is there already is hidden by what comes later.
  ///
  /// @param key an internal key; kept, nobody changes it
  /// @param value kept, nobody changes it
  void add(byte[] key, byte[] value) {
    findPlace(key);
    int height = randomHeight();
    if (height > levels) {
      for (int level = levels; level < height; level++) {
        before[level] = head;
      }
      levels = height;
    }
    // From the lowest level up: whoever comes to the node on one level goes on from it on those
    // below, and so must find there what is behind it.
    Node node = new Node(key, value, height);
    for (int level = 0; level < height; level++) {
      node.next[level] = before[level].next[level];
      LINK.setRelease(before[level].next, level, node);
    }
    bytes += key.length + value.length + OVERHEAD_BYTES;
  }

  /// Leaves the last node before the key on each level in [#before].
  private void findPlace(byte[] key) {
    Node node = head;
    for (int level = levels - 1; level >= 0; level--) {
      Node next = node.next[level];
      while (next != null && InternalKeys.compare(next.key, key) < 0) {
        node = next;
        next = node.next[level];
      }
      before[level] = node;
    }
  }

  /// One level more for every fourth.
  private int randomHeight() {
    random ^= random << 13;
    random ^= random >>> 7;
    random ^= random << 17;
    return 1 + Math.min(Long.numberOfTrailingZeros(random) / 2, MOST_LEVELS - 1);
  }

  /// {@return the first node that is not before the key; null if all are}
  private @Nullable Node find(byte[] key) {
    Node node = head;
    Node next = null;
    for (int level = levels - 1; level >= 0; level--) {
      next = node.next(level);
      while (next != null && InternalKeys.compare(next.key, key) < 0) {
        node = next;
        next = node.next(level);
      }
    }
    return next; // the one that was compared: the link may lead to one before the key by now
  }

  /// {@return the newest that is known of a user's key as of a sequence number; null for nothing}
  ///
  /// @param seekKey the user's key with that number, to begin a search with
  @Nullable Found get(byte[] seekKey) {
    Node node = find(seekKey);
    return node == null || !InternalKeys.sameUser(node.key, seekKey)
        ? null
        : new Found(node.key, node.value);
  }

  /// {@return a cursor, nowhere at first}
  SortedCursor cursor() {
    return new MemCursor();
  }

  private final class MemCursor implements SortedCursor {
    // Owned by the caller's thread.
    private @Nullable Node node;

    @Override
    public boolean valid() {
      return node != null;
    }

    @Override
    public void first() {
      node = head.next(0);
    }

    @Override
    public void seek(byte[] key) {
      node = find(key);
    }

    @Override
    public void next() {
      node = standing().next(0);
    }

    @Override
    public byte[] key() {
      return standing().key;
    }

    @Override
    public byte[] value() {
      return standing().value;
    }

    private Node standing() {
      Node here = node;
      if (here == null) {
        throw new IllegalStateException("the cursor stands at no key");
      }
      return here;
    }

    @Override
    public void close() {
      node = null;
    }
  }
}
