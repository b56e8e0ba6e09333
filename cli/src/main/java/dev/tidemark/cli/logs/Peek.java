package dev.tidemark.cli.logs;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/// Reads a few bytes of a file. Stateless.
final class Peek {
  private Peek() {}

  /// {@return the bytes at a place, fewer where the file ends}
  static byte[] bytes(Path file, long at, int count) throws IOException {
    try (SeekableByteChannel channel = Files.newByteChannel(file)) {
      channel.position(at);
      ByteBuffer bytes = ByteBuffer.allocate(count);
      while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
        // Until it is full, or there is no more.
      }
      return Arrays.copyOf(bytes.array(), bytes.position());
    }
  }
}
