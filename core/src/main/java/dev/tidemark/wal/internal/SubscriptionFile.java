package dev.tidemark.wal.internal;

import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The file `subscriptions`, in blocks that stand twice ([SubscriptionBlock]). There is none as
/// long as there was no subscription. For one thread at a time.
final class SubscriptionFile implements Closeable {
  static final String FILE = "subscriptions";
  static final String TEMPORARY = FILE + SegmentFiles.TEMPORARY;

  private final Storage storage;
  private final ManifestFile manifest;
  private final long logIdHigh;
  private final long logIdLow;
  private final MemorySegment copy = Arena.ofAuto().allocate(SubscriptionBlock.BYTES, 64);
  private @Nullable StorageFile file;
  private int blocks;

  /// The file is opened when it is first written to.
  SubscriptionFile(Storage storage, ManifestFile manifest) {
    this.storage = storage;
    this.manifest = manifest;
    Manifest log = manifest.current();
    logIdHigh = log.logIdHigh();
    logIdLow = log.logIdLow();
    blocks = log.holders().subscriptionBlocks();
  }

  /// Reads all blocks that the manifest says are in use, without changing anything.
  ///
  /// @return for each block the newest whole copy
  /// @throws CorruptWalException if both copies of a block are damaged, or one is of another log or
  ///   a newer version
  static List<SubscriptionBlock> read(Storage storage, Manifest log) throws IOException {
    List<SubscriptionBlock> newest = new ArrayList<>();
    int blocks = log.holders().subscriptionBlocks();
    if (blocks == 0) {
      return newest;
    }
    MemorySegment copy = Arena.ofAuto().allocate(SubscriptionBlock.BYTES, 64);
    try (StorageFile file = storage.openForRead(FILE)) {
      for (int index = 0; index < blocks; index++) {
        SubscriptionBlock even = read(file, log, index, 0, copy);
        SubscriptionBlock odd = read(file, log, index, 1, copy);
        SubscriptionBlock block =
            even == null || (odd != null && odd.generation() > even.generation()) ? odd : even;
        if (block == null) {
          throw corrupt(
              "both copies of block "
                  + index
                  + " are damaged: up to 50 subscriptions and their acks are lost; look for a copy"
                  + " of this file",
              SubscriptionBlock.copyAt(index, 0));
        }
        if (block.generation() >= SegmentHeader.UNREACHED) {
          throw corrupt(
              "a block counts further than any log ever does: look for a good copy of this file",
              SubscriptionBlock.copyAt(index, block.generation()));
        }
        newest.add(block);
      }
    } catch (NoSuchFileException _) {
      throw corrupt(
          "is missing, and the manifest says it has " + blocks + " blocks; look for a copy", -1);
    }
    return newest;
  }

  private static @Nullable SubscriptionBlock read(
      StorageFile file, Manifest log, int index, int parity, MemorySegment copy)
      throws IOException {
    long at = SubscriptionBlock.copyAt(index, parity);
    copy.fill((byte) 0);
    int _ = file.read(at, copy);
    return switch (SubscriptionBlock.decode(copy, index)) {
      case SubscriptionBlock.Found.Valid(SubscriptionBlock block) -> {
        if (block.logIdHigh() != log.logIdHigh() || block.logIdLow() != log.logIdLow()) {
          throw corrupt("belongs to another log; move it out of this directory", at);
        }
        yield (block.generation() & 1) == parity ? block : null;
      }
      case SubscriptionBlock.Found.TooNew(int version) ->
          throw corrupt(
              "written in format version "
                  + version
                  + ", newer than this program knows; use a newer program",
              at);
      case SubscriptionBlock.Found.Damaged() -> null;
    };
  }

  private static CorruptWalException corrupt(String reason, long at) {
    return new CorruptWalException(reason, FILE, at, 0, 0);
  }

  /// Writes blocks again where they stand, and then their next generation, so that both copies are
  /// whole and say the same: the rot of one costs no ack. Each is synced before the other is begun.
  static void proveAgain(Storage storage, ManifestFile manifest, List<SubscriptionBlock> blocks)
      throws IOException {
    if (blocks.isEmpty()) {
      return;
    }
    try (SubscriptionFile all = new SubscriptionFile(storage, manifest)) {
      for (int later = 0; later <= 1; later++) {
        for (SubscriptionBlock block : blocks) {
          all.write(block, block.generation() + later);
        }
        all.sync();
      }
    }
  }

  private void write(SubscriptionBlock block, long generation) throws IOException {
    MemorySegment target = begin(block.index(), generation);
    for (int slot = 0; slot < SubscriptionBlock.SLOTS; slot++) {
      SubscriptionBlock.Slot one = block.slots().get(slot);
      if (one != null) {
        SubscriptionBlock.put(
            target, slot, one.name().getBytes(StandardCharsets.UTF_8), one.acked());
      }
    }
    write(block.index(), generation);
  }

  /// {@return how many blocks are in use}
  int blocks() {
    return blocks;
  }

  /// {@return memory in which the next copy is put together, empty but for its header}
  MemorySegment begin(int index, long generation) {
    SubscriptionBlock.begin(copy, logIdHigh, logIdLow, index, generation);
    return copy;
  }

  /// Writes the copy that was begun. Durable after [#sync()].
  ///
  /// @throws IOException if it failed, which is final: the bytes may be there or not
  void write(int index, long generation) throws IOException {
    SubscriptionBlock.end(copy);
    opened().write(SubscriptionBlock.copyAt(index, generation), copy);
  }

  /// Makes durable what was written.
  ///
  /// @throws IOException if it failed, which is final
  void sync() throws IOException {
    opened().sync(false);
  }

  private StorageFile opened() throws IOException {
    StorageFile open = file;
    if (open == null) {
      open = storage.open(FILE);
      file = open;
    }
    return open;
  }

  /// Adds a block without subscriptions, both copies of it, and enters it in the manifest.
  ///
  /// @return null if it is there, durably; else why not, and nothing changed
  /// @throws IOException if it is unknown what was made durable, which is final
  @Nullable IOException grow() throws IOException {
    int added = blocks;
    MemorySegment both = Arena.ofAuto().allocate(2 * SubscriptionBlock.BYTES, 64);
    for (int generation = 1; generation <= 2; generation++) { // the odd one, then the even one
      MemorySegment.copy(
          begin(added, generation), 0, both, at(generation), SubscriptionBlock.BYTES);
      SubscriptionBlock.end(both.asSlice(at(generation), SubscriptionBlock.BYTES));
    }
    try {
      if (added == 0) {
        file = create(both);
      } else {
        opened().write(SubscriptionBlock.copyAt(added, 0), both);
      }
    } catch (IOException e) {
      return e; // what was written is no block yet
    }
    if (added > 0) {
      opened().sync(true);
    }
    manifest.change(log -> log.withHolders(log.holders().withBlocks(added + 1)));
    manifest.change(Manifest::again); // or the rot of one slot would forget who is in the block
    blocks = added + 1;
    return null;
  }

  private static long at(int generation) {
    return (generation & 1L) * SubscriptionBlock.BYTES;
  }

  // Leftovers of a creation that did not get further are overwritten.
  private StorageFile create(MemorySegment first) throws IOException {
    try {
      storage.delete(TEMPORARY);
    } catch (NoSuchFileException _) {
      // None is left.
    }
    try (StorageFile made = storage.create(TEMPORARY)) {
      made.write(0, first);
      made.sync(true);
    }
    storage.rename(TEMPORARY, FILE);
    storage.syncDirectory();
    return storage.open(FILE);
  }

  @Override
  public void close() throws IOException {
    StorageFile open = file;
    file = null;
    if (open != null) {
      open.close();
    }
  }
}
