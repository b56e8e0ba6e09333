package dev.tidemark.leveldb;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.tidemark.formats.ByteWriter;
import dev.tidemark.testkit.disk.SimulatedDisk;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;

/// What a fuzzer's input becomes for tables: a file, mostly with its checksums made right, which is
/// walked over, searched and read as a store does. Nothing may be thrown but [IOException], and
/// memory is held to the size of the input.
public final class TableFuzz {
  /// What a line begins with that says how many executions there were.
  static final String COUNT = "executions made: ";

  // What the keys of a block may share before it is refused, some times over.
  private static final long HEAP_BYTES = 24 << 20;
  private static final long HEAP_PER_BYTE = 8192;
  private static final long NUMBER = 1;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  // Owned by the thread that fuzzes.
  private static long executions;
  private static long mostBytes;

  private TableFuzz() {}

  /// Called by the fuzzer before the first input.
  public static void fuzzerInitialize() {
    spent(new byte[] {2});
  }

  /// Called by the fuzzer for each input.
  ///
  /// @param input what it made up
  public static void fuzzerTestOneInput(byte[] input) {
    executions++;
    attempt(input);
  }

  /// Called by the fuzzer at the end, whatever it found.
  public static void fuzzerTearDown() {
    System.out.printf("%,d executions; most memory of one: %,d bytes%n", executions, mostBytes);
    System.out.println(COUNT + executions);
  }

  /// Fails if an input is answered as it must not be, or takes too much memory.
  static void attempt(byte[] input) {
    long most = HEAP_BYTES + HEAP_PER_BYTE * input.length;
    long spent = spent(input);
    if (spent > most) {
      spent = spent(input); // classes that were loaded meanwhile do not count
    }
    mostBytes = Math.max(mostBytes, spent);
    if (spent > most) {
      throw new AssertionError("too much memory: " + spent + " bytes for " + input.length);
    }
  }

  private static long spent(byte[] input) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    try {
      run(input);
    } catch (IOException allowed) {
      // A typed refusal, which is what is wanted.
    }
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }

  /// The first byte chooses what the rest is.
  private static void run(byte[] input) throws IOException {
    if (input.length == 0) {
      return;
    }
    ByteBuffer rest = ByteBuffer.wrap(input, 1, input.length - 1).slice();
    byte[] all = Tables.bytes(rest);
    byte[] seek = Arrays.copyOf(all, Math.min(all.length, 12));
    switch (input[0] & 7) {
      case 0 -> read(all, seek);
      case 1 -> read(Tables.of(List.of(block()), all, false), seek);
      case 2 -> read(Tables.of(List.of(all), index(all.length), false), seek);
      case 3 -> read(Tables.of(List.of(all), index(all.length), true), seek);
      case 4 -> read(Tables.of(List.of(block(), entries(rest)), anyIndex(rest), false), seek);
      case 5 -> read(Tables.of(List.of(block(), entries(rest)), entries(rest), false), seek);
      case 6 -> {
        byte[] block = entries(rest);
        read(Tables.of(List.of(block), index(block.length), false), seek);
      }
      default -> backAndForth(rest);
    }
  }

  // ---- tables

  private static byte[] key(int user, int sequence, int type) {
    return InternalKeys.of(new byte[] {(byte) user}, sequence, type);
  }

  private static byte[] block() {
    BlockWriter writer = new BlockWriter(2);
    for (int i = 0; i < 5; i++) {
      writer.add(key('a' + i, 9 - i, i % 3), ByteBuffer.allocate(i));
    }
    return Tables.bytes(writer.finish());
  }

  private static byte[] index(int blockBytes) {
    BlockWriter writer = new BlockWriter(1);
    writer.add(key(0xff, 0, 0), Tables.encoded(new BlockHandle(0, blockBytes)));
    return Tables.bytes(writer.finish());
  }

  /// Handles of any blocks, named by any keys.
  private static byte[] anyIndex(ByteBuffer choices) {
    BlockWriter writer = new BlockWriter(1);
    while (choices.remaining() >= 3 && writer.size() < 4096) {
      byte[] key = key(choices.get(), 0, 0);
      writer.add(key, Tables.encoded(new BlockHandle(choices.get() & 0xff, choices.get() & 0xff)));
    }
    return Tables.bytes(writer.finish());
  }

  /// Keys that share any part of the one before, with restarts at any place.
  private static byte[] entries(ByteBuffer choices) {
    ByteWriter block = new ByteWriter(64);
    List<Integer> restarts = new ArrayList<>(List.of(0));
    int length = 0;
    while (choices.remaining() >= 2) {
      int shared = choices.get() & 0xff;
      int unshared = choices.get() & 0xff;
      if (shared == 0xff) {
        break;
      }
      if (shared == 0xfe) {
        restarts.add(unshared < 0x80 ? block.size() : unshared - 0x80);
        continue;
      }
      shared = Math.min(shared, length);
      byte[] part = new byte[unshared >= 0xf0 ? 1 << (unshared & 0xf) : unshared & 31];
      choices.get(part, 0, Math.min(part.length, choices.remaining()));
      block.varint(shared).varint(part.length).varint(1).bytes(ByteBuffer.wrap(part)).octet(7);
      length = shared + part.length;
    }
    restarts.forEach(block::int32LittleEndian);
    return Tables.bytes(block.int32LittleEndian(restarts.size()).written());
  }

  // ---- what is done to them

  private static void read(byte[] file, byte[] seekUser) throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    disk.replace("000001.ldb", file);
    TableFile table = new TableFile(NUMBER, file.length, key(0, 0, 0), key(0xff, 0, 0));
    byte[] seek = InternalKeys.of(seekUser, 5, InternalKeys.PUT);
    List<String> told = new ArrayList<>();
    TableCache passing = new TableCache(disk, 4096, 1, told::add);
    long passed = walk(passing, table, seek);
    assertThat(told.size()).isLessThanOrEqualTo(100 + 4 * file.length);
    passing.close();
    TableCache strict = new TableCache(disk, 0, 1, null);
    try {
      assertThat(walk(strict, table, seek)).isGreaterThanOrEqualTo(passed);
      strict.get(table, seek);
    } finally {
      strict.close();
      assertThat(disk.openFiles()).isZero();
    }
  }

  /// {@return how many keys a user sees}
  private static long walk(TableCache cache, TableFile table, byte[] seek) throws IOException {
    long keys = 0;
    SortedCursor all = new MergedCursor(List.of(cache.cursor(List.of(table), true)));
    try (KeyCursor cursor = new KeyCursor(all, InternalKeys.MAX_SEQUENCE, () -> {})) {
      while (cursor.next()) {
        assertThat(cursor.key().length + cursor.value().length).isNotNegative();
        keys++;
      }
      cursor.seek(InternalKeys.userKey(seek));
      for (int steps = 0; steps < 3 && cursor.next(); steps++) {
        assertThat(cursor.key()).isNotNull();
      }
    }
    return keys;
  }

  private static void backAndForth(ByteBuffer choices) throws IOException {
    SortedMap<byte[], byte[]> keys = Tables.sorted();
    int blockBytes = choices.hasRemaining() ? 1 + (choices.get() & 0xff) : 1;
    while (choices.remaining() >= 3) {
      byte[] user = new byte[choices.get() & 7];
      byte[] value = new byte[choices.get() & 0xff];
      int sequence = choices.get() & 0xff;
      choices.get(user, 0, Math.min(user.length, choices.remaining()));
      choices.get(value, 0, Math.min(value.length, choices.remaining()));
      keys.put(InternalKeys.of(user, sequence, sequence & 1), value);
    }
    SortedMap<byte[], byte[]> read = Tables.read(Tables.write(keys, true, blockBytes));
    assertThat(new ArrayList<>(read.keySet())).containsExactlyElementsOf(keys.keySet());
    assertThat(new ArrayList<>(read.values())).containsExactlyElementsOf(keys.values());
  }
}
