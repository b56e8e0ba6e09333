package dev.tidemark.sink;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;
import org.jspecify.annotations.Nullable;

/// The stream Parquet writes a file to. For one file, one thread; the output stays the caller's.
///
/// Parquet, having met an error, closes what it has, and an error in that hides the first. So this
/// stream keeps its first failure for the caller, and is quiet when flushed or closed afterwards.
final class ParquetOutput extends PositionOutputStream implements OutputFile {

  private static final int BUFFER_BYTES = 64 << 10;

  private final Disk.Output output;
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
  private long writtenBytes;
  private @Nullable IOException failure;

  ParquetOutput(Disk.Output output) {
    this.output = output;
  }

  /// Repeats the first failure of the output.
  ///
  /// @throws IOException if there was one
  void requireSound() throws IOException {
    IOException first = failure;
    if (first != null) {
      throw first;
    }
  }

  @Override
  public long getPos() {
    return writtenBytes + buffer.position();
  }

  @Override
  public void write(int b) throws IOException {
    if (!buffer.hasRemaining()) {
      drain();
    }
    buffer.put((byte) b);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    int from = offset;
    int end = offset + length;
    while (from < end) {
      if (!buffer.hasRemaining()) {
        drain();
      }
      int step = Math.min(end - from, buffer.remaining());
      buffer.put(bytes, from, step);
      from += step;
    }
  }

  private void drain() throws IOException {
    requireSound();
    try {
      int length = buffer.position();
      output.write(buffer.flip());
      writtenBytes += length;
      buffer.clear();
    } catch (IOException e) {
      failure = e;
      throw e;
    }
  }

  @Override
  public void flush() throws IOException {
    if (failure == null) {
      drain();
    }
  }

  @Override
  public void close() throws IOException {
    flush();
  }

  @Override
  public PositionOutputStream create(long blockSizeHint) {
    return this;
  }

  @Override
  public PositionOutputStream createOrOverwrite(long blockSizeHint) {
    return this;
  }

  @Override
  public boolean supportsBlockSize() {
    return false;
  }

  @Override
  public long defaultBlockSize() {
    return 0;
  }
}
