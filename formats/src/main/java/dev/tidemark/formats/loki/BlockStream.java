package dev.tidemark.formats.loki;

import dev.tidemark.formats.FormatException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/// The content of one block, counted as it is decompressed. Whatever a library throws because of
/// the bytes becomes a [FormatException]. For one thread at a time.
final class BlockStream extends InputStream {
  private final BlockCodec codec;
  private final InputStream content;
  private final UnpackedBytes unpacked;

  private BlockStream(BlockCodec codec, InputStream content, UnpackedBytes unpacked) {
    this.codec = codec;
    this.content = content;
    this.unpacked = unpacked;
  }

  /// Begins to decompress a block.
  ///
  /// @param codec how it is compressed
  /// @param block from position to limit
  /// @param unpacked counts its content
  /// @return its content, buffered; throws [FormatException] alone
  static InputStream open(BlockCodec codec, ByteBuffer block, UnpackedBytes unpacked)
      throws FormatException {
    unpacked.beginBlock();
    try {
      return new BufferedInputStream(new BlockStream(codec, codec.open(block, unpacked), unpacked));
    } catch (IOException | RuntimeException malformed) { // the libraries have several
      throw malformed(codec, malformed);
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int from, int count) throws IOException {
    int read;
    try {
      read = content.read(target, from, count);
    } catch (IOException | RuntimeException malformed) {
      throw malformed(codec, malformed);
    }
    unpacked.addToBlock(Math.max(0, read));
    return read;
  }

  @Override
  public void close() throws IOException {
    content.close();
  }

  private static FormatException malformed(BlockCodec codec, Exception reason) {
    if (reason instanceof FormatException format) {
      return format;
    }
    FormatException malformed =
        new FormatException(
            "a block is not what " + codec.word() + " makes (" + reason.getMessage() + ")", 0);
    malformed.initCause(reason);
    return malformed;
  }
}
