package dev.tidemark.formats.prometheus;

import dev.tidemark.formats.Damage;
import dev.tidemark.formats.Reading;
import dev.tidemark.formats.Sweep;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32C;

/// Segments put together fragment by fragment, also in ways in which no writer would.
final class Fragments {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  Fragments add(int head, byte[] data) {
    return addClaiming(head, data.length, data);
  }

  Fragments addClaiming(int head, int length, byte[] data) {
    CRC32C checksum = new CRC32C();
    checksum.update(data);
    bytes.writeBytes(
        ByteBuffer.allocate(SegmentLayout.HEADER_BYTES)
            .put((byte) head)
            .putShort((short) length)
            .putInt((int) checksum.getValue())
            .array());
    bytes.writeBytes(data);
    return this;
  }

  Fragments raw(byte[] data) {
    bytes.writeBytes(data);
    return this;
  }

  Fragments toPageEnd() {
    return raw(new byte[(int) (SegmentLayout.pageEnd(bytes.size()) - bytes.size())]);
  }

  int size() {
    return bytes.size();
  }

  byte[] bytes() {
    return bytes.toByteArray();
  }

  Sweep.Outcome read(Reading reading) {
    return read(bytes(), reading);
  }

  static Sweep.Outcome read(byte[] segment, Reading reading) {
    return Sweep.read(segment, (file, damage) -> SegmentReader.of(file, reading, damage));
  }

  /// A record that can be told from others, and whose bytes are not all alike.
  static byte[] record(int length, int seed) {
    byte[] record = new byte[length];
    for (int i = 0; i < length; i++) {
      record[i] = (byte) (1 + (i * 31 + seed * 7919) % 255);
    }
    return record;
  }

  static String hex(byte[] record) {
    return HexFormat.of().formatHex(record);
  }

  static byte[] written(SegmentCompression compression, List<byte[]> records) {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    try (SegmentWriter writer = SegmentWriter.of(file, compression)) {
      for (byte[] record : records) {
        writer.append(ByteBuffer.wrap(record));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return file.toByteArray();
  }

  static Damage torn(long offset, long bytes, String reason) {
    return new Damage(Damage.Kind.TORN_TAIL, offset, bytes, reason);
  }

  static Damage corruption(long offset, long bytes, String reason) {
    return new Damage(Damage.Kind.CORRUPTION, offset, bytes, reason);
  }
}
