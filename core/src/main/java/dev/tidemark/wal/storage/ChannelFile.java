package dev.tidemark.wal.storage;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// A file by a channel of Java's, for where native access is not granted or the system is not
/// Linux. An interrupt during a call closes it for everybody.
final class ChannelFile implements StorageFile {
  private static final long SLICE_BYTES = 1L << 30;
  private static final List<String> FULL =
      List.of("no space left", "quota exceeded", "not enough space on the disk");

  private final Path path;
  private final String name;
  private final boolean writable;
  private final FileChannel channel;

  private ChannelFile(Path path, String name, boolean writable, FileChannel channel) {
    this.path = path;
    this.name = name;
    this.writable = writable;
    this.channel = channel;
  }

  static ChannelFile open(Path path, OpenOption... options) throws IOException {
    boolean writable = Arrays.asList(options).contains(StandardOpenOption.WRITE);
    try {
      FileChannel channel = FileChannel.open(path, options);
      return new ChannelFile(path, String.valueOf(path.getFileName()), writable, channel);
    } catch (IOException e) {
      throw failure(path, "open", e);
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long size() throws IOException {
    try {
      return channel.size();
    } catch (IOException e) {
      throw failure(path, "size", e);
    }
  }

  @Override
  public int read(long offset, MemorySegment target) throws IOException {
    StorageArguments.read(offset, target);
    ByteBuffer buffer = target.asByteBuffer();
    try {
      while (buffer.hasRemaining()) {
        if (channel.read(buffer, offset + buffer.position()) < 0) {
          break; // the end
        }
      }
    } catch (IOException e) {
      throw failure(path, "read at " + (offset + buffer.position()), e);
    }
    return buffer.position();
  }

  @Override
  public void write(long offset, MemorySegment source) throws IOException {
    StorageArguments.write(name, writable, offset, source);
    for (long done = 0; done < source.byteSize(); done += SLICE_BYTES) {
      long bytes = Math.min(SLICE_BYTES, source.byteSize() - done);
      ByteBuffer buffer = source.asSlice(done, bytes).asByteBuffer();
      try {
        while (buffer.hasRemaining()) {
          channel.write(buffer, offset + done + buffer.position());
        }
      } catch (IOException e) {
        throw failure(path, "write at " + (offset + done + buffer.position()), e);
      }
    }
  }

  @Override
  public void truncate(long bytes) throws IOException {
    StorageArguments.truncate(name, writable, bytes, size());
    try {
      channel.truncate(bytes);
    } catch (IOException e) {
      throw failure(path, "truncate to " + bytes, e);
    }
  }

  @Override
  public void sync(boolean metadata) throws IOException {
    try {
      channel.force(metadata);
    } catch (IOException e) {
      throw failure(path, "sync", e);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  /// Java keeps the number of the error to itself, so a full disk is known by its words, which are
  /// the system's and may be in another language.
  static IOException failure(Path path, String call, IOException cause) {
    if (cause instanceof NoSuchFileException
        || cause instanceof FileAlreadyExistsException
        || cause instanceof ClosedChannelException) {
      return cause;
    }
    String reason = String.valueOf(cause.getMessage());
    String message =
        path + ": " + call + ": " + (cause.getMessage() == null ? cause.toString() : reason);
    String words = reason.toLowerCase(Locale.ROOT);
    return FULL.stream().anyMatch(words::contains)
        ? new StorageFullException(message, cause)
        : new IOException(message, cause);
  }
}
