package dev.tidemark.codecs;

import dev.tidemark.wal.Compression;
import io.airlift.compress.v3.Compressor;
import io.airlift.compress.v3.Decompressor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What the three codecs have in common: bounds, one kind of exception, and machines at hand.
///
/// The library's compressors and decompressors keep scratch memory and serve one thread at a time.
/// So a few of them wait here for whoever comes; when all are out, one is made and later dropped.
///
/// Native libraries are used only where native access is granted, so that a program that did not
/// grant it sees no warning; elsewhere the library's own Java does the same, at a bit over half the
/// speed.
abstract class BlockCompression implements Compression {
  /// The largest input: no format here can describe more than 2 GiB, and results must fit an `int`.
  static final int MAX_RAW_BYTES = 1 << 30;

  private static final int MACHINES = 16;

  record Machine(Compressor compressor, Decompressor decompressor) {}

  private final int id;
  private final String name;
  private final int mostRawPerByte;
  private final Supplier<Machine> maker;
  private final AtomicReferenceArray<@Nullable Machine> idle = new AtomicReferenceArray<>(MACHINES);

  /// @param mostRawPerByte how many bytes one byte of the format can stand for at most
  BlockCompression(int id, String name, int mostRawPerByte, Supplier<Machine> maker) {
    this.id = id;
    this.name = name;
    this.mostRawPerByte = mostRawPerByte;
    this.maker = maker;
  }

  static boolean nativeAccess() {
    return Compressor.class.getModule().isNativeAccessEnabled();
  }

  @Override
  public final int id() {
    return id;
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final int maxCompressedBytes(int rawBytes) {
    if (rawBytes < 0 || rawBytes > MAX_RAW_BYTES) {
      throw new IllegalArgumentException(
          name + " compresses 0 to " + MAX_RAW_BYTES + " bytes at once, not " + rawBytes);
    }
    Machine machine = take();
    try {
      return machine.compressor.maxCompressedLength(rawBytes);
    } finally {
      giveBack(machine);
    }
  }

  @Override
  public final long maxRawBytes(long compressedBytes) {
    return Math.min(compressedBytes, MAX_RAW_BYTES) * mostRawPerByte;
  }

  @Override
  public final int compress(MemorySegment source, MemorySegment target) {
    int needed = maxCompressedBytes((int) Math.min(Integer.MAX_VALUE, source.byteSize()));
    if (target.byteSize() < needed) {
      throw new IllegalArgumentException(
          name + " may need " + needed + " bytes, target has " + target.byteSize());
    }
    Machine machine = take();
    try {
      return machine.compressor.compress(readable(source), target);
    } finally {
      giveBack(machine);
    }
  }

  @Override
  public final void decompress(MemorySegment source, MemorySegment target) {
    if (source.byteSize() > Integer.MAX_VALUE || target.byteSize() > MAX_RAW_BYTES) {
      throw new IllegalArgumentException(
          name + ": " + source.byteSize() + " bytes into " + target.byteSize() + " is too much");
    }
    Machine machine = take();
    long bytes;
    try {
      bytes = machine.decompressor.decompress(readable(source), nonEmpty(target));
    } catch (RuntimeException malformed) { // the library has several
      throw new IllegalArgumentException(
          "malformed " + name + " data: " + malformed.getMessage(), malformed);
    } finally {
      giveBack(machine);
    }
    if (bytes != target.byteSize()) {
      throw new IllegalArgumentException(
          name + " data holds " + bytes + " bytes, not " + target.byteSize());
    }
  }

  /// The library's Java refuses heap memory that is read-only, which would pass for malformed data.
  private static MemorySegment readable(MemorySegment source) {
    return source.isReadOnly() && !source.isNative()
        ? MemorySegment.ofArray(source.toArray(ValueLayout.JAVA_BYTE))
        : source;
  }

  /// With no room at all some of the library's decompressors look at nothing and report success.
  private static MemorySegment nonEmpty(MemorySegment target) {
    return target.byteSize() == 0 ? MemorySegment.ofArray(new byte[1]) : target;
  }

  private Machine take() {
    for (int i = 0; i < MACHINES; i++) {
      Machine machine = idle.getAndSet(i, null);
      if (machine != null) {
        return machine;
      }
    }
    return maker.get();
  }

  private void giveBack(Machine machine) {
    for (int i = 0; i < MACHINES; i++) {
      if (idle.compareAndSet(i, null, machine)) {
        return;
      }
    }
  }
}
